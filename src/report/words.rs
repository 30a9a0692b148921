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
        Kind::Change | Kind::Replace | Kind::Resync | Kind::Set | Kind::Activate | Kind::Start | Kind::Restart => NOTE,
    }
}

/// The class of a kind of change on a page.
pub(super) fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Create => "add",
        Kind::Delete => "delete",
        Kind::Change | Kind::Replace | Kind::Resync | Kind::Set => "change",
        Kind::Activate | Kind::Start | Kind::Restart => "restart",
    }
}

/// What is done in a kind of change.
pub(super) fn verb(kind: Kind) -> &'static str {
    match kind {
        Kind::Create => "add",
        Kind::Change => "change",
        Kind::Replace => "replace",
        Kind::Delete => "delete",
        Kind::Resync => "resync",
        Kind::Set => "set",
        Kind::Activate => "activate",
        Kind::Start => "start",
        Kind::Restart => "restart",
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

/// A text of one line without control characters: a name that was read must not move a terminal's cursor.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A mark as it is drawn: a hyphen would hardly be seen.
pub(super) fn sign(mark: &'static str) -> &'static str {
    if mark == "-" { "−" } else { mark }
}

/// A moment, to the minute.
pub fn when(moment: jiff::Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// How long ago a moment was, as people say it: `just now`, `12 min ago`, and the day where it is longer ago.
pub fn ago(moment: jiff::Timestamp, now: jiff::Timestamp) -> String {
    match now.duration_since(moment).as_secs() {
        ..30 => "just now".to_owned(),
        seconds @ 30..86_400 => format!("{} ago", duration(seconds as f64)),
        _ => when(moment),
    }
}

/// A time as people say it: `40 s`, `12 min`, `3 h 20 min`, `2 d 4 h`.
pub(super) fn duration(seconds: f64) -> String {
    // half a minute more or less is nothing to an estimate
    let minutes = (seconds / 60.0).round() as u64;
    let two = |big: u64, unit: &str, small: u64, lesser: &str| match small {
        0 => format!("{big} {unit}"),
        small => format!("{big} {unit} {small} {lesser}"),
    };
    match minutes {
        _ if seconds == 0.0 => "0".to_owned(),
        0 | 1 if seconds < 90.0 && seconds != 60.0 => format!("{seconds:.0} s"),
        0..60 => format!("{minutes} min"),
        60..1440 => two(minutes / 60, "h", minutes % 60, "min"),
        _ => two(minutes / 1440, "d", minutes % 1440 / 60, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::{counted, duration};

    #[test]
    fn times_are_said_as_people_say_them() {
        for (seconds, said) in [
            (0.0, "0"),
            (40.0, "40 s"),
            (60.0, "1 min"),
            (90.0, "2 min"),
            (720.0, "12 min"),
            (3600.0, "1 h"),
            (12_000.0, "3 h 20 min"),
            (187_200.0, "2 d 4 h"),
        ] {
            assert_eq!(duration(seconds), said);
        }
    }

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
