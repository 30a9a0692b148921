//! A difference as a comment on a pull request.

use super::Difference;
use super::text::{Section, sections, summary};

/// The longest comment that GitHub takes, in characters.
const MAX: usize = 65_535;
/// Sections of more lines than this are folded, unless they tell of deletions.
const OPEN: usize = 12;

pub(super) fn render(difference: &Difference) -> String {
    let head = format!(
        "### Mesh: {} → {}\n\n{}\n",
        inert(&difference.old),
        inert(&difference.new),
        inert(&summary(difference))
    );
    let sections = sections(difference);
    // what is too long gives up lines, then addresses, and last of all lines of deletions
    let whole = usize::MAX;
    for (most, short, deletions) in [
        (whole, false, whole),
        (100, false, whole),
        (10, false, whole),
        (100, true, whole),
        (10, true, whole),
        (10, true, 100),
        (10, true, 10),
    ] {
        let cut = |section: &Section| {
            let lines = if short { &section.short } else { &section.lines };
            block(section, lines, if section.deletions { deletions } else { most })
        };
        let text = head.clone() + &sections.iter().map(cut).collect::<String>();
        if text.chars().count() <= MAX {
            return text;
        }
    }
    let note = "\nThe details are too long for a comment; `intermesh diff` prints them.\n";
    head.chars().take(MAX - note.chars().count()).chain(note.chars()).collect()
}

fn block(section: &Section, lines: &[String], most: usize) -> String {
    let count = lines.len();
    let mut list: String = lines.iter().take(most).map(|line| format!("- {}\n", inert(line))).collect();
    if count > most {
        list += &format!("- … and {} more, which `intermesh diff` prints\n", count - most);
    }
    if section.deletions {
        return format!("\n#### ⚠ {} ({count})\n\n{list}", section.title);
    }
    if count <= OPEN {
        return format!("\n#### {} ({count})\n\n{list}", section.title);
    }
    format!("\n<details><summary>{} ({count})</summary>\n\n{list}\n</details>\n", section.title)
}

/// A text whose characters mean nothing to Markdown or HTML, and mention nobody.
pub(crate) fn inert(text: &str) -> String {
    let mut inert = String::with_capacity(text.len());
    let mut before = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let in_word = |other: Option<char>| other.is_some_and(char::is_alphanumeric);
        match character {
            // as in `unmanaged_peers`, where it means nothing and a backslash would be seen
            '_' if in_word(before) && in_word(characters.peek().copied()) => inert.push('_'),
            // a list in the list
            '-' | '+' if before.is_none() => {
                inert.push('\\');
                inert.push(character);
            }
            '<' => inert.push_str("&lt;"),
            '>' => inert.push_str("&gt;"),
            '&' => inert.push_str("&amp;"),
            '@' => inert.push_str("@\u{200b}"),
            '\\' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => {
                inert.push('\\');
                inert.push(character);
            }
            c if c.is_control() => inert.push(' '),
            c => inert.push(c),
        }
        before = Some(character);
    }
    inert
}
