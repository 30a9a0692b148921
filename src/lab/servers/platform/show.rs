//! What the CLI shows of the cluster: its servers, High Availability, replication, counters, and its own test.

use super::Platform;
use crate::lab::world::{Member, NodeView, World};

/// The only counter of performance that the lab has.
const CLASS: &str = "Cisco Presence Engine";
const COUNTER: &str = "ActiveJsmSessions";

impl Platform {
    /// One line per server. The IM and Presence publisher is `Subscriber cups DBPub`: the cluster's publisher is
    /// the one of Unified CM (field-notes 7).
    pub(super) fn show_cluster(&self, world: &World) -> String {
        let up = world.epoch().strftime("%a %b %e %H:%M:%S %Y").to_string();
        let line = |m: &Member| {
            let host = m.name.split('.').next().filter(|_| m.name.parse::<std::net::IpAddr>().is_err());
            let role = match (m.presence, m.publisher) {
                (false, true) => "Publisher callmanager DBPub",
                (false, false) => "Subscriber callmanager DBSub",
                (true, true) => "Subscriber cups DBPub",
                (true, false) => "Subscriber cups DBSub",
            };
            let since = if self.node.as_str().eq_ignore_ascii_case(&m.name) {
                String::new()
            } else {
                format!(" using TCP since {up}")
            };
            let (address, name) = (m.address, &m.name);
            format!("{address} {name} {} {role} authenticated{since}\n", host.unwrap_or(name))
        };
        world.members(&self.cluster).iter().map(line).collect()
    }

    /// The manual and a public parser know two layouts.
    pub(super) fn high_availability(&self, group: Option<&str>, world: &World) -> String {
        let nodes = world.nodes(&self.cluster);
        let mut text = String::new();
        for found in world.groups(&self.cluster) {
            if group.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(&found.name)) {
                continue;
            }
            text += &format!("Subcluster Name: {}\n", found.name);
            let members = nodes.iter().filter(|n| n.group.as_deref() == Some(found.name.as_str()));
            for (at, node) in (1..).zip(members) {
                text += &self.member(at, node);
            }
            text.push('\n');
        }
        if !text.is_empty() {
            return text;
        }
        self.words
            .pick(
                "cli no such group",
                ["No subcluster found\n", "Invalid subcluster name\n", "Executed command unsuccessfully\n"],
            )
            .to_owned()
    }

    fn member(&self, at: usize, node: &NodeView) -> String {
        let (name, state, reason) = (&node.name, node.state, node.reason);
        let tells = reason != state;
        match self.words.pick("cli ha layout", [0_u8, 1]) {
            0 if tells => format!("Node {at} Name : {name} State: {state} Reason: {reason}\n"),
            0 => format!("Node {at} Name : {name} State: {state}\n"),
            _ => format!("Node {at}\n\tName:   {name}\n\tState:  {state}\n\tReason: {reason}\n"),
        }
    }

    /// `test - <name> : Passed`; a name that does not resolve back fails `validate_network`.
    pub(super) fn diagnose(&self, world: &World) -> String {
        let members = world.members(&self.cluster);
        let resolves = |m: &Member| {
            m.name.parse::<std::net::IpAddr>().is_ok()
                || (world.resolve(&self.cluster, &m.name).is_some()
                    && world.reverse(&self.cluster, m.address).is_some())
        };
        let network = if members.iter().all(resolves) { "Passed" } else { "Reverse DNS lookup failed" };
        let mut text =
            self.words.pick("cli diagnose head", ["Log file: platform/log/diag1.log\n\n", "", "\n"]).to_owned();
        text += "Starting diagnostic test(s)\n===========================\n";
        for (name, result) in [("disk_space", "Passed"), ("service_manager", "Passed"), ("tomcat", "Passed")] {
            text += &format!("test - {name:<19} : {result}\n");
        }
        text += "skip - disk_files          : This module must be run directly and off hours\n";
        text += &format!("test - {:<19} : {network}\n", "validate_network");
        text + "\nDiagnostics Completed\n"
    }

    /// How the answer looks is not published.
    pub(super) fn counter(&self, class: &str, counter: &str, world: &World) -> String {
        let node = world.nodes(&self.cluster).into_iter().find(|n| n.name.same(&self.node));
        let known = class.eq_ignore_ascii_case(CLASS) && counter.eq_ignore_ascii_case(COUNTER);
        let Some(node) = node.filter(|_| known) else {
            let none = ["==>query counter result:\n\n", "No such counter\n", "Executed command unsuccessfully\n"];
            return self.words.pick("cli no such counter", none).to_owned();
        };
        let users = node.active_users;
        match self.words.pick("cli counter", [0_u8, 1, 2]) {
            0 => format!(
                "==>query counter result:\n\n- Perf class ({CLASS}) has instances and values:\n    -> {COUNTER} = {users}\n"
            ),
            1 => format!("{CLASS}\\{COUNTER}: {users}\n"),
            _ => format!("- {COUNTER:<40} = {users}\n"),
        }
    }

    /// State 2 is good; the lab knows no other.
    pub(super) fn replication(&self, world: &World) -> String {
        let column =
            self.words.pick("cli replication column", ["(RTMT) & Details", "REPLICATION SETUP", "Replication state"]);
        let mut text = format!("{:<40} {:<16} {column}\n", "SERVER-NAME", "IP ADDRESS");
        for member in world.members(&self.cluster).iter().filter(|m| m.presence) {
            text += &format!("{:<40} {:<16} (2) Setup Completed\n", member.name, member.address);
        }
        text
    }
}
