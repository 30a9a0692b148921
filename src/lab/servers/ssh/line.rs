//! A line discipline: what is typed becomes lines, and is echoed where a terminal is.

/// The longest line; what is typed beyond it is not taken.
const LONGEST: usize = 4096;

const INTERRUPT: u8 = 0x03;
const END: u8 = 0x04;
const BACKSPACE: u8 = 0x08;
const ERASE_LINE: u8 = 0x15;
const ESCAPE: u8 = 0x1b;
const DELETE: u8 = 0x7f;

/// What became of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// The line goes on.
    More,
    /// A whole line, without its end.
    Line(String),
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D on an empty line.
    End,
}

/// The line that is being typed.
#[derive(Debug, Default)]
pub(super) struct Line {
    bytes: Vec<u8>,
    /// The last byte was a carriage return, whose line feed does not count.
    returned: bool,
    escape: Escape,
}

/// Where in an escape sequence, such as that of an arrow key, the typing is. Sequences are ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    Begun,
    Inside,
}

impl Line {
    /// Takes a byte, and adds to `echo` what a terminal shows of it.
    pub(super) fn key(&mut self, byte: u8, echo: &mut Vec<u8>) -> Typed {
        let returned = std::mem::take(&mut self.returned);
        if self.escapes(byte) {
            return Typed::More;
        }
        match byte {
            b'\n' if returned => {}
            b'\r' | b'\n' => {
                self.returned = byte == b'\r';
                echo.extend(b"\r\n");
                let line = std::mem::take(&mut self.bytes);
                return Typed::Line(String::from_utf8_lossy(&line).into_owned());
            }
            INTERRUPT => {
                self.bytes.clear();
                echo.extend(b"^C\r\n");
                return Typed::Interrupt;
            }
            END if self.bytes.is_empty() => return Typed::End,
            BACKSPACE | DELETE => self.erase(echo),
            ERASE_LINE => {
                while !self.bytes.is_empty() {
                    self.erase(echo);
                }
            }
            _ if byte < b' ' || self.bytes.len() >= LONGEST => {}
            _ => {
                self.bytes.push(byte);
                echo.push(byte);
            }
        }
        Typed::More
    }

    /// Takes the last character back, all of its bytes.
    fn erase(&mut self, echo: &mut Vec<u8>) {
        let is_continuation = |byte: &u8| byte & 0xc0 == 0x80;
        while self.bytes.last().is_some_and(is_continuation) {
            self.bytes.pop();
        }
        if self.bytes.pop().is_some() {
            echo.extend(b"\x08 \x08");
        }
    }

    /// Whether a byte belongs to an escape sequence: ESC, then `[` or `O`, then all up to a letter or `~`.
    fn escapes(&mut self, byte: u8) -> bool {
        self.escape = match (self.escape, byte) {
            (_, ESCAPE) => Escape::Begun,
            (Escape::None, _) => return false,
            (Escape::Begun, b'[' | b'O') => Escape::Inside,
            (Escape::Inside, b'0'..=b'9' | b';') => Escape::Inside,
            _ => Escape::None,
        };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &[u8], lines: &[&str], shown: &[u8]) {
        let (mut line, mut echo, mut found) = (Line::default(), Vec::new(), Vec::new());
        for byte in typed {
            if let Typed::Line(text) = line.key(*byte, &mut echo) {
                found.push(text);
            }
        }
        assert_eq!((found.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), &echo[..]), (lines, shown));
    }

    #[test]
    fn lines_end_with_either_end() {
        check(b"a\rb\nc\r\nd", &["a", "b", "c"], b"a\r\nb\r\nc\r\nd");
        check(b"\r\r\n\n", &["", "", ""], b"\r\n\r\n\r\n");
    }

    #[test]
    fn what_was_typed_can_be_taken_back() {
        check(b"ab\x7fc\x08\r", &["a"], b"ab\x08 \x08c\x08 \x08\r\n");
        check("\u{e4}\x7f\x7fb\r".as_bytes(), &["b"], b"\xc3\xa4\x08 \x08b\r\n");
        check(b"ab\x15c\r", &["c"], b"ab\x08 \x08\x08 \x08c\r\n");
    }

    #[test]
    fn keys_without_a_character_are_ignored() {
        check(b"a\x1b[Ab\x1b[3~c\x1bOPd\x07\r", &["abcd"], b"abcd\r\n");
    }

    #[test]
    fn interrupt_and_end() {
        let (mut line, mut echo) = (Line::default(), Vec::new());
        assert_eq!(line.key(b'a', &mut echo), Typed::More);
        assert_eq!(line.key(END, &mut echo), Typed::More, "only on an empty line");
        assert_eq!(line.key(INTERRUPT, &mut echo), Typed::Interrupt);
        assert_eq!(line.key(END, &mut echo), Typed::End);
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let (mut line, mut echo) = (Line::default(), Vec::new());
        for _ in 0..2 * LONGEST {
            line.key(b'x', &mut echo);
        }
        assert_eq!(line.key(b'\r', &mut echo), Typed::Line("x".repeat(LONGEST)));
    }
}
