//! A report on a terminal that is narrower than its lines: they are broken at spaces, and what is carried over stands
//! deeper than its beginning, so that the beginnings of lines can still be read down.

use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// How much deeper the rest of a line stands.
const DEEPER: usize = 4;

/// The text for a terminal of `width` columns. Lines that fit are as they were; a name or a command is never broken,
/// however long it is. Colours take no room.
pub fn fit(text: &str, width: usize) -> String {
    let mut fitted = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        if display_width(line) <= width {
            fitted += line;
        } else {
            fitted += &broken(line, width);
        }
        fitted += end;
    }
    fitted
}

fn broken(line: &str, width: usize) -> String {
    let words = line.trim_start();
    let indent = " ".repeat(line.len() - words.len());
    let deeper = " ".repeat((indent.len() + DEEPER).min(width / 2));
    let options = Options::new(width)
        .initial_indent(&indent)
        .subsequent_indent(&deeper)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation)
        .word_separator(WordSeparator::AsciiSpace)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    textwrap::wrap(words, options).join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_stand_deeper() {
        for (text, expected) in [
            ("fits\n\n  too\n", "fits\n\n  too\n"),
            ("  ok  one two three four\n", "  ok  one two\n      three four\n"),
            ("a-name-that-is-longer.example.com x", "a-name-that-is-longer.example.com\n    x"),
            // a colour takes no room, and is not torn
            ("\u{1b}[1mfourteen chars\u{1b}[0m", "\u{1b}[1mfourteen chars\u{1b}[0m"),
        ] {
            assert_eq!(fit(text, 16), expected, "{text}");
        }
    }
}
