//! The platform CLI of a node (field-notes 7): commands over the world, without a terminal or a network.
//!
//! A line becomes a [`Command`]; a command takes one or more *turns*. Each turn says what to print and what comes
//! [`Next`]: the prompt, a question, a wait in the product's time, or a query of the database. Whoever holds the
//! terminal (`ssh`) carries that out and comes back with the [`Task`] that is left. Where public material does not
//! tell what the CLI prints, `words` picks by the seed.

mod command;
mod database;
mod network;
mod services;
mod show;
mod words;

use std::time::Duration;

use self::command::Command;
use self::words::Words;
use super::axl::sql::Query;
use crate::cluster::{ClusterName, NodeName};
use crate::lab::world::World;

/// The prompt of the CLI.
pub(super) const PROMPT: &str = "admin:";
/// What a question ends with.
pub(super) const QUESTION: &str = "Continue (y/n)?";

/// The platform of one node.
#[derive(Clone, Debug)]
pub(super) struct Platform {
    cluster: ClusterName,
    node: NodeName,
    words: Words,
}

/// What a command does at one go.
#[derive(Debug)]
pub(super) struct Turn {
    /// What to print, lines ended by `\n`.
    pub(super) text: String,
    /// Whether it changed anything.
    pub(super) wrote: bool,
    /// What comes after it.
    pub(super) next: Next,
}

/// What comes after a turn.
#[derive(Debug)]
pub(super) enum Next {
    /// The prompt.
    Prompt,
    /// The end of the session.
    Quit,
    /// `Continue (y/n)?`: the task after a yes, the prompt after anything else.
    Ask(Task),
    /// The task after so long, in the product's time.
    Wait(Duration, Task),
    /// A statement to run without the world; [`Platform::table`] prints its rows.
    Query(Box<Query>, String),
}

/// What is left of a command.
#[derive(Clone, Debug)]
pub(super) struct Task(Left);

#[derive(Clone, Debug)]
enum Left {
    Network(network::Left),
    Service(services::Left),
}

impl Turn {
    /// Text, and the prompt.
    fn say(text: impl Into<String>) -> Turn {
        Turn { text: text.into(), wrote: false, next: Next::Prompt }
    }

    fn then(text: impl Into<String>, next: Next) -> Turn {
        Turn { text: text.into(), wrote: false, next }
    }
}

impl Platform {
    /// The platform of a node.
    pub(super) fn new(seed: u64, cluster: ClusterName, node: NodeName) -> Platform {
        Platform { cluster, node, words: Words::new(seed) }
    }

    /// What a login is shown before the first prompt.
    pub(super) fn greeting(&self, world: &World) -> String {
        let mut text = self.words.welcome().to_owned();
        if world.members(&self.cluster).iter().any(|m| world.resolve(&self.cluster, &m.name).is_none()) {
            text.push_str("WARNING: DNS unreachable\n\n");
        }
        text
    }

    /// Whether `exec` shows the greeting too.
    pub(super) fn greets_exec(&self) -> bool {
        self.words.greets_exec()
    }

    /// Whether a question takes its answer at the key, without waiting for the end of the line.
    pub(super) fn answers_at_key(&self) -> bool {
        self.words.answers_at_key()
    }

    /// A line that was typed.
    pub(super) fn order(&self, line: &str, world: &mut World) -> Turn {
        match Command::read(line) {
            Command::Nothing => Turn::say(""),
            Command::Quit => Turn::then("", Next::Quit),
            Command::Connectivity { host } => self.connectivity(host),
            Command::Port { host, port } => self.port(host, port),
            Command::Host { name } => Turn::say(self.host(&name, world)),
            Command::Ping { host, count } => Turn::say(self.ping(&host, count, world)),
            Command::Cluster => Turn::say(self.show_cluster(world)),
            Command::ServiceList => Turn::say(self.service_list(world)),
            Command::Service { order, name } => self.service(order, name, world),
            Command::Diagnose => Turn::say(self.diagnose(world)),
            Command::HighAvailability { group } => Turn::say(self.high_availability(group.as_deref(), world)),
            Command::Sql { statement } => {
                Turn::then("", Next::Query(Box::new(Query::new(world, &self.cluster)), statement))
            }
            Command::Counter { class, counter } => Turn::say(self.counter(&class, &counter, world)),
            Command::Replication => Turn::say(self.replication(world)),
            Command::Incomplete => Turn::say(self.words.incomplete()),
            Command::Unknown => Turn::say(self.words.unknown_command()),
        }
    }

    /// A task whose time has come, or whose question was answered with yes.
    pub(super) fn go_on(&self, task: Task, world: &mut World) -> Turn {
        match task.0 {
            Left::Network(left) => self.test_goes_on(left, world),
            Left::Service(left) => self.service_goes_on(left, world),
        }
    }
}

#[cfg(test)]
mod tests;
