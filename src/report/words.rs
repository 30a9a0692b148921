//! Words and colours that all reports share.

use anstyle::{AnsiColor, Style};

use crate::plan::change::Kind;

/// Names and headings.
pub const EMPHASIS: Style = Style::new().bold();
/// What is less important.
pub const DIM: Style = Style::new().dimmed();
/// What is well, or added.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What is wrong, or deleted.
pub const BAD: Style = AnsiColor::Red.on_default();
/// What is changed, or needs attention.
pub const NOTE: Style = AnsiColor::Yellow.on_default();

/// The colour of a kind of change.
pub(super) fn style(kind: Kind) -> Style {
    match kind {
        Kind::Create => GOOD,
        Kind::Delete => BAD,
        Kind::Change | Kind::Activate | Kind::Start | Kind::Restart => NOTE,
    }
}

/// A number and its noun: `1 peer`, `2 peers`.
pub fn counted(n: usize, noun: &str) -> String {
    let plural = match noun {
        noun if n == 1 => noun.to_owned(),
        noun if noun.ends_with('y') && !noun.ends_with("ay") && !noun.ends_with("ey") => {
            format!("{}ies", noun.trim_end_matches('y'))
        }
        noun if noun.ends_with('s') => format!("{noun}es"),
        noun => format!("{noun}s"),
    };
    format!("{} {plural}", number(n))
}

/// A number with its thousands apart: `5,220`.
pub(super) fn number(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn numbers_take_their_nouns() {
        assert_eq!(counted(1, "peer"), "1 peer");
        assert_eq!(counted(0, "entry"), "0 entries");
        assert_eq!(counted(2, "key"), "2 keys");
        assert_eq!(counted(60, "day"), "60 days");
        assert_eq!(counted(5220, "restart"), "5,220 restarts");
        assert_eq!(counted(1_000_000, "process"), "1,000,000 processes");
    }
}
