//! What happened in a simulated run, as one number and, on wish, as lines.

use std::fmt::Display;

/// The events of a run in their order. Two runs are the same where their numbers are.
#[derive(Debug, Default)]
pub struct Trace {
    number: u64,
    events: usize,
    /// The lines, where they are kept.
    pub lines: Option<Vec<String>>,
}

impl Trace {
    pub fn new(keeps_lines: bool) -> Trace {
        Trace { number: 0xcbf2_9ce4_8422_2325, events: 0, lines: keeps_lines.then(Vec::new) }
    }

    /// Adds an event (FNV-1a over its words).
    pub fn add(&mut self, at: std::time::Duration, what: impl Display) {
        let line = format!("{:>9.3} {what}", at.as_secs_f64());
        for byte in line.bytes() {
            self.number = (self.number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.events += 1;
        if let Some(lines) = &mut self.lines {
            lines.push(line);
        }
    }

    pub fn number(&self) -> u64 {
        self.number
    }

    pub fn events(&self) -> usize {
        self.events
    }
}
