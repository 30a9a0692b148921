//! Everything that is printed goes through here: results to standard output, progress and errors to standard
//! error. Colours vanish in a pipe, with `NO_COLOR`, and with `--color never`; a broken pipe ends quietly.

use std::io::{IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use crate::report::fit;

/// Prints for one command.
#[derive(Clone, Debug)]
pub struct Printer {
    color: ColorChoice,
    quiet: bool,
    /// Standard output belongs to something else.
    aside: bool,
}

impl Printer {
    /// A printer; `quiet` keeps progress and remarks away, never results or errors.
    pub fn new(color: ColorChoice, quiet: bool) -> Printer {
        Printer { color, quiet, aside: false }
    }

    /// The same with results on standard error, where standard output is for a program.
    pub fn aside(&self) -> Printer {
        Printer { aside: true, ..self.clone() }
    }

    /// A result, to standard output. A newline is added where there is none.
    pub fn out(&self, text: &str) {
        if self.aside {
            return self.err(text);
        }
        write(&mut AutoStream::new(std::io::stdout().lock(), self.color), text);
    }

    /// A report for people, to standard output: its lines are broken where the terminal is narrower.
    pub fn report(&self, text: &str) {
        match console::Term::stdout().size_checked().filter(|_| !self.aside) {
            Some((_, columns)) => self.out(&fit(text, usize::from(columns))),
            None => self.out(text),
        }
    }

    /// A remark or progress, to standard error; nothing with `--quiet`.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.err(text);
        }
    }

    /// An error, to standard error.
    pub fn err(&self, text: &str) {
        let fitted = console::Term::stderr().size_checked().map(|(_, columns)| fit(text, usize::from(columns)));
        write(&mut AutoStream::new(std::io::stderr().lock(), self.color), fitted.as_deref().unwrap_or(text));
    }

    /// Whether results may be coloured.
    pub fn colored(&self) -> bool {
        match self.color {
            ColorChoice::Always | ColorChoice::AlwaysAnsi => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => AutoStream::choice(&std::io::stdout()) != ColorChoice::Never,
        }
    }

    /// Whether a bar can be drawn on standard error.
    pub fn bars(&self) -> bool {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        !self.quiet && !dumb && std::io::stderr().is_terminal()
    }

    /// Whether a question can be asked.
    pub fn can_ask(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Asks a question on standard error; only a typed `yes` is one. It may be dropped while nobody answers.
    ///
    /// # Errors
    /// Standard input cannot be read.
    pub async fn ask(&self, question: String) -> std::io::Result<bool> {
        // on a thread of its own, that Ctrl-C need not wait for: nothing else ends the wait for a line
        let (answer, answered) = tokio::sync::oneshot::channel();
        let asking = self.clone();
        std::thread::spawn(move || answer.send(asking.confirm(&question)));
        answered.await.unwrap_or(Ok(false))
    }

    fn confirm(&self, question: &str) -> std::io::Result<bool> {
        {
            let mut stderr = AutoStream::new(std::io::stderr().lock(), self.color);
            let _ = write!(stderr, "{question}").and_then(|()| stderr.flush());
            // given back before the wait: whoever ends it has something to say
        }
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        Ok(answer.trim() == "yes")
    }

    /// The width of the terminal, in columns; 100 where there is none.
    pub fn width(&self) -> usize {
        console::Term::stdout().size_checked().map_or(100, |(_, columns)| usize::from(columns))
    }
}

/// A reader that went away has read enough: nothing is said of it.
fn write(stream: &mut impl Write, text: &str) {
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    if write!(stream, "{text}{newline}").and_then(|()| stream.flush()).is_err() {
        std::process::exit(super::exit::Exit::Failed.code().into());
    }
}
