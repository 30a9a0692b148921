//! One session: a terminal with its prompt, or a single command. Carries out what the platform's turns ask for.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use russh::server::Msg;
use russh::{Channel, ChannelMsg};

use super::super::here::Here;
use super::super::platform::{Next, PROMPT, Platform, QUESTION, Task, Turn};
use super::line::{Line, Typed};

/// So much may be typed ahead of the prompt.
const AHEAD: usize = 64 * 1024;
const INTERRUPT: u8 = 0x03;

/// Serves a session from its first request to its end.
pub(super) async fn converse(channel: Channel<Msg>, here: Here) {
    let platform = here.platform();
    let typed = VecDeque::new();
    let mut session = Session { channel, here, platform, terminal: false, typed, line: Line::default(), ended: false };
    // Who is gone needs no goodbye.
    let _ = session.run().await;
}

struct Session {
    channel: Channel<Msg>,
    here: Here,
    platform: Platform,
    /// Whether the client asked for a terminal: then what is typed is echoed.
    terminal: bool,
    typed: VecDeque<u8>,
    line: Line,
    /// Nothing more will be typed.
    ended: bool,
}

/// How a wait or a question ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Yes,
    No,
}

type Result<T> = std::result::Result<T, russh::Error>;

impl Session {
    async fn run(&mut self) -> Result<()> {
        let Some(command) = self.request().await else { return Ok(()) };
        match command {
            None => self.shell().await?,
            Some(line) => {
                if self.platform.greets_exec() {
                    self.greet().await?;
                }
                self.command(&line).await?;
            }
        }
        self.channel.exit_status(0).await?;
        self.channel.eof().await?;
        self.channel.close().await
    }

    /// What the client wants: a shell, or a command of its own.
    async fn request(&mut self) -> Option<Option<String>> {
        loop {
            match self.channel.wait().await? {
                ChannelMsg::RequestPty { .. } => self.terminal = true,
                ChannelMsg::RequestShell { .. } => return Some(None),
                ChannelMsg::Exec { command, .. } => return Some(Some(String::from_utf8_lossy(&command).into_owned())),
                ChannelMsg::Close => return None,
                message => self.take(message),
            }
        }
    }

    async fn shell(&mut self) -> Result<()> {
        self.greet().await?;
        loop {
            self.print(PROMPT).await?;
            match self.read_line().await? {
                Typed::Line(line) if self.command(&line).await? => {}
                Typed::Interrupt => {}
                _ => return Ok(()),
            }
        }
    }

    async fn greet(&mut self) -> Result<()> {
        let greeting = self.platform.greeting(&self.here.world());
        self.print(&greeting).await
    }

    /// Carries a line out. False when the session is over.
    async fn command(&mut self, line: &str) -> Result<bool> {
        self.here.tally().commands.add(1);
        let mut turn = self.platform.order(line, &mut self.here.world());
        loop {
            if turn.wrote {
                self.here.tally().writes.add(1);
            }
            self.print(&turn.text).await?;
            let outcome = match turn.next {
                Next::Prompt => return Ok(true),
                Next::Quit => return Ok(false),
                Next::Query(query, statement) => {
                    // A statement may compute for seconds.
                    let run = tokio::task::spawn_blocking(move || query.run(&statement));
                    if let Ok(rows) = run.await {
                        let table = self.platform.table(rows.as_ref());
                        self.print(&table).await?;
                    }
                    return Ok(true);
                }
                Next::Ask(task) => self.ask().await?.then_do(task),
                Next::Wait(product, task) => self.wait(product).await?.then_do(task),
            };
            let Some(task) = outcome else { return Ok(!self.ended) };
            turn = self.go_on(task);
        }
    }

    fn go_on(&self, task: Task) -> Turn {
        self.platform.go_on(task, &mut self.here.world())
    }

    /// Asks `Continue (y/n)?`.
    async fn ask(&mut self) -> Result<Outcome> {
        self.print(QUESTION).await?;
        if self.terminal && self.platform.answers_at_key() {
            let Some(key) = self.next_byte().await else { return Ok(Outcome::No) };
            self.print(&format!("{}\n", char::from(key).escape_default())).await?;
            return Ok(if key.eq_ignore_ascii_case(&b'y') { Outcome::Yes } else { Outcome::No });
        }
        match self.read_line().await? {
            Typed::Line(answer) if ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()) => {
                Ok(Outcome::Yes)
            }
            _ => Ok(Outcome::No),
        }
    }

    /// Waits for the product, unless Ctrl-C or the end of the session comes first.
    async fn wait(&mut self, product: Duration) -> Result<Outcome> {
        let sleep = tokio::time::sleep(self.here.lab.clock.real_time_of(product));
        tokio::pin!(sleep);
        loop {
            if let Some(at) = self.typed.iter().position(|byte| *byte == INTERRUPT) {
                self.typed.drain(..=at);
                self.print("^C\n").await?;
                return Ok(Outcome::No);
            }
            tokio::select! {
                () = &mut sleep => return Ok(Outcome::Yes),
                message = self.channel.wait() => match message {
                    None | Some(ChannelMsg::Close) => return Err(russh::Error::Disconnect),
                    Some(message) => self.take(message),
                },
            }
        }
    }

    async fn read_line(&mut self) -> Result<Typed> {
        loop {
            let Some(byte) = self.next_byte().await else { return Ok(Typed::End) };
            let mut echo = Vec::new();
            let typed = self.line.key(byte, &mut echo);
            if self.terminal && !echo.is_empty() {
                self.channel.data_bytes(Bytes::from(echo)).await?;
            }
            if typed != Typed::More {
                return Ok(typed);
            }
        }
    }

    async fn next_byte(&mut self) -> Option<u8> {
        loop {
            if let Some(byte) = self.typed.pop_front() {
                return Some(byte);
            }
            if self.ended {
                return None;
            }
            match self.channel.wait().await {
                None | Some(ChannelMsg::Close) => self.ended = true,
                Some(message) => self.take(message),
            }
        }
    }

    fn take(&mut self, message: ChannelMsg) {
        match message {
            ChannelMsg::Data { data } => {
                let room = AHEAD.saturating_sub(self.typed.len());
                self.typed.extend(data.iter().take(room));
            }
            ChannelMsg::Eof => self.ended = true,
            _ => {}
        }
    }

    /// Prints; a terminal wants its lines ended in its own way.
    async fn print(&mut self, text: &str) -> Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let text = if self.terminal { text.replace('\n', "\r\n") } else { text.to_owned() };
        self.channel.data_bytes(text).await
    }
}

impl Outcome {
    fn then_do(self, task: Task) -> Option<Task> {
        (self == Outcome::Yes).then_some(task)
    }
}
