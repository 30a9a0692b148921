//! What came from a terminal, and where it stands: at the prompt, at a question, or in between.

/// The prompt (field-notes 7).
const PROMPT: &str = "admin:";
/// How a question ends, letter case and spaces aside (field-notes 7).
const QUESTION: &str = "(y/n)?";
/// More than this is no answer to a command.
const MOST: usize = 4 * 1024 * 1024;

/// Where the terminal stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// More is to come.
    Busy,
    /// A question waits for its answer.
    Question,
    /// The prompt is back. Holds what was printed since the command.
    Prompt(String),
}

/// A terminal's text since the last command.
#[derive(Debug, Default)]
pub(super) struct Screen {
    /// Bytes of a character or an escape sequence that is not complete.
    rest: Vec<u8>,
    text: String,
    /// The command whose echo has not come yet. A prompt before it is an old one.
    command: Option<String>,
    cut: bool,
}

impl Screen {
    /// A command was sent: all before its echo is forgotten.
    pub(super) fn sent(&mut self, command: &str) {
        self.text.clear();
        self.command = Some(command.to_owned());
    }

    /// A question was answered: it is not asked any more.
    pub(super) fn answered(&mut self) {
        self.text.push('\n');
    }

    /// Takes what came. False when it is too much for an answer.
    pub(super) fn hear(&mut self, bytes: &[u8]) -> bool {
        self.rest.extend(bytes);
        let complete = match std::str::from_utf8(&self.rest) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => self.rest.len(),
        };
        let bytes: Vec<u8> = self.rest.drain(..complete).collect();
        self.text.push_str(&String::from_utf8_lossy(&bytes).replace('\r', ""));
        self.text = without_escapes(&self.text);
        if let Some(command) = &self.command
            && let Some(at) = self.text.find(&format!("{command}\n"))
        {
            self.text.drain(..at + command.len() + 1);
            self.command = None;
        }
        self.cut |= self.text.len() > MOST;
        !self.cut
    }

    /// Where it stands now.
    pub(super) fn stand(&self) -> Stand {
        if self.command.is_some() {
            return Stand::Busy;
        }
        let (before, last) = self.text.rsplit_once('\n').unwrap_or(("", &self.text));
        let last = last.trim();
        if last == PROMPT {
            return Stand::Prompt(before.trim_matches('\n').to_owned());
        }
        if last.to_ascii_lowercase().ends_with(QUESTION) { Stand::Question } else { Stand::Busy }
    }

    /// Whether the last command came to its end, and all of its answer was kept.
    pub(super) fn is_ready(&self) -> bool {
        !self.cut && matches!(self.stand(), Stand::Prompt(_))
    }

    /// The last line that says something, for an error; not all of a long one.
    pub(super) fn last_line(&self) -> String {
        let line = self.text.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or_default();
        line.trim().chars().take(200).collect()
    }
}

/// Text without the escape sequences that colour it or move the cursor. One that is not complete stays.
fn without_escapes(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        clean.push_str(&rest[..at]);
        let sequence = &rest[at + 1..];
        let Some(body) = sequence.strip_prefix('[') else {
            // Not one that this reader knows, or its beginning only.
            let skip = sequence.chars().next().map_or(0, char::len_utf8);
            if skip == 0 {
                clean.push('\u{1b}');
            }
            rest = &sequence[skip..];
            continue;
        };
        let Some(end) = body.find(|c: char| ('@'..='~').contains(&c)) else {
            clean.push_str(&rest[at..]);
            return clean;
        };
        rest = &body[end + 1..];
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays a conversation to a screen, byte by byte, so that no cut matters.
    fn stand(command: &str, printed: &str) -> Stand {
        let mut screen = Screen::default();
        screen.sent(command);
        for byte in printed.as_bytes() {
            assert!(screen.hear(&[*byte]));
        }
        screen.stand()
    }

    #[test]
    fn an_answer_is_what_stands_between_the_echo_and_the_prompt() {
        for printed in [
            "show x\r\none\r\ntwo\r\nadmin:",
            "show x\r\none\r\ntwo\r\n\r\nadmin: ",
            "\r\nadmin:\r\nadmin:show x\r\none\r\ntwo\r\nadmin:",
            "show x\r\n\u{1b}[1mone\u{1b}[0m\r\ntwo\r\n\u{1b}[Kadmin:",
        ] {
            assert_eq!(stand("show x", printed), Stand::Prompt("one\ntwo".to_owned()), "{printed:?}");
        }
    }

    #[test]
    fn an_old_prompt_is_not_the_end_of_a_command() {
        assert_eq!(stand("show x", "\r\nadmin:\r\nadmin:"), Stand::Busy);
        assert_eq!(stand("show x", "show x\r\nusers: admin:1\r\n"), Stand::Busy);
        assert_eq!(stand("show x", "show x\r\nadmin:ed\r\n"), Stand::Busy);
    }

    #[test]
    fn a_question_is_asked_once() {
        let mut screen = Screen::default();
        screen.sent("test");
        screen.hear(b"test\r\nIt can take up to 3 minutes to complete.\r\nContinue (y/n)?");
        assert_eq!(screen.stand(), Stand::Question);
        screen.answered();
        assert_eq!(screen.stand(), Stand::Busy);
        screen.hear(b"y\r\nRunning test, please wait ...\r\nadmin:");
        assert!(matches!(screen.stand(), Stand::Prompt(text) if text.ends_with("please wait ...")));
    }

    #[test]
    fn what_is_no_answer_is_not_kept() {
        let mut screen = Screen::default();
        assert!(screen.hear(&vec![b'x'; MOST]));
        assert!(!screen.hear(b"x"));
        assert_eq!(screen.last_line().len(), 200);
    }
}
