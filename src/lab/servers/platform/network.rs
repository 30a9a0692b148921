//! `utils network …`: what the node itself sees of the network (field-notes 7).

use std::net::Ipv4Addr;
use std::time::Duration;

use super::{Next, Platform, Task, Turn};
use crate::lab::world::{Reach, World};

/// How long a test takes when it gets answers, in the product's time.
const QUICK: Duration = Duration::from_secs(4);
/// How long it waits for one that does not come.
const PATIENCE: Duration = Duration::from_secs(60);
/// The port of a node that the first form of the test is modelled by.
const NODE_PORT: u16 = 22;

/// What is left of a network command.
#[derive(Clone, Debug)]
pub(super) enum Left {
    Begin(Test),
    End(Test),
}

/// A test of connectivity.
#[derive(Clone, Debug)]
pub(super) struct Test {
    host: Option<String>,
    port: Option<u16>,
}

impl Platform {
    /// The first form, which asks before it tests.
    pub(super) fn connectivity(&self, host: Option<String>) -> Turn {
        let ask = Next::Ask(Task(super::Left::Network(Left::Begin(Test { host, port: None }))));
        Turn::then("This command can take up to 3 minutes to complete.\n", ask)
    }

    /// The port form. Whether it asks, too, is not known.
    pub(super) fn port(&self, host: String, port: u16) -> Turn {
        let begin = Task(super::Left::Network(Left::Begin(Test { host: Some(host), port: Some(port) })));
        if self.words.asks_before_port() {
            return Turn::then("This command can take up to 3 minutes to complete.\n", Next::Ask(begin));
        }
        Turn::then("", Next::Wait(Duration::ZERO, begin))
    }

    pub(super) fn test_goes_on(&self, left: Left, world: &World) -> Turn {
        match left {
            Left::Begin(test) => {
                let wait = match self.reached(&test, world) {
                    Some((_, Reach::Silent)) => PATIENCE,
                    _ => QUICK,
                };
                let end = Task(super::Left::Network(Left::End(test)));
                Turn::then("Running test, please wait ...\n", Next::Wait(wait, end))
            }
            Left::End(test) => Turn::say(self.result(&test, world)),
        }
    }

    /// The host of a test and what was met there; none when the node would test itself.
    fn reached(&self, test: &Test, world: &World) -> Option<(String, Reach)> {
        let host = match &test.host {
            Some(host) => host.clone(),
            None => {
                let first = world.nodes(&self.cluster).into_iter().next()?;
                if first.name.same(&self.node) {
                    return None;
                }
                first.address.to_string()
            }
        };
        let reach = world.reach(&self.cluster, &host, test.port.unwrap_or(NODE_PORT));
        Some((host, reach))
    }

    fn result(&self, test: &Test, world: &World) -> String {
        let Some((host, reach)) = self.reached(test, world) else {
            return self
                .words
                .pick(
                    "cli connectivity on first node",
                    [
                        "This command can only be run on subsequent nodes\n",
                        "This is the first node. Nothing to test.\n",
                        "Executed command unsuccessfully\n",
                    ],
                )
                .to_owned();
        };
        match test.port {
            None => self.first_form(&host, reach),
            Some(port) => self.port_form(&host, port, reach),
        }
    }

    /// The good text is documented, the others are not.
    fn first_form(&self, host: &str, reach: Reach) -> String {
        match reach {
            Reach::Open(address) | Reach::Closed(address) => {
                format!("Network connectivity test with {address} completed successfully .\n")
            }
            Reach::Silent | Reach::NoSuchName => match self.words.pick("cli connectivity failed", [0_u8, 1, 2]) {
                0 => format!("Network connectivity test with {host} failed .\n"),
                1 => format!("Unable to reach {host}\n"),
                _ => format!("Network connectivity test with {host} did not complete\n"),
            },
        }
    }

    /// Nothing of these texts is published.
    fn port_form(&self, host: &str, port: u16, reach: Reach) -> String {
        let why = match reach {
            Reach::Open(_) => "",
            Reach::Closed(_) => "Connection refused",
            Reach::Silent => "Connection timed out",
            Reach::NoSuchName => "unknown host",
        };
        match (self.words.pick("cli port form", [0_u8, 1, 2]), matches!(reach, Reach::Open(_))) {
            (0, true) => "Service accessible\n".to_owned(),
            (0, false) => "Service not accessible\n".to_owned(),
            (1, true) => format!("Network connectivity test with {host} on port {port} completed successfully .\n"),
            (1, false) => format!("Network connectivity test with {host} on port {port} failed: {why}\n"),
            (_, true) => format!("{host} [{port}] open\n"),
            (_, false) => format!("{host} [{port}]: {why}\n"),
        }
    }

    /// `Local Resolution:` is the hosts file of the cluster's own servers, `External Resolution:` DNS.
    pub(super) fn host(&self, name: &str, world: &World) -> String {
        let address = name.parse::<Ipv4Addr>();
        let answer = match &address {
            Ok(address) => world.reverse(&self.cluster, *address).map(|host| self.pointer(*address, &host)),
            Err(_) => world.resolve(&self.cluster, name).map(|address| self.forward(name, address)),
        };
        let own = world.members(&self.cluster).into_iter().find(|m| match &address {
            Ok(address) => m.address == *address,
            Err(_) => m.name.eq_ignore_ascii_case(name.trim_end_matches('.')),
        });
        let local = match own {
            Some(own) => format!("{} resolves locally to {}\n", own.name, own.address),
            None => self
                .words
                .pick("cli no local resolution", ["Hostname is not resolved locally\n", "Nothing found\n", "\n"])
                .to_owned(),
        };
        let external = answer.unwrap_or_else(|| "No external servers found\n".to_owned());
        format!("Local Resolution:\n{local}\nExternal Resolution:\n{external}\n")
    }

    fn forward(&self, name: &str, address: Ipv4Addr) -> String {
        match self.words.pick("cli forward resolution", [0_u8, 1, 2]) {
            0 => format!("{name} has address {address}\n"),
            1 => format!("{name} resolves to {address}\n"),
            _ => format!("Name: {name}\nAddress: {address}\n"),
        }
    }

    fn pointer(&self, address: Ipv4Addr, host: &str) -> String {
        let [a, b, c, d] = address.octets();
        match self.words.pick("cli reverse resolution", [0_u8, 1, 2]) {
            0 => format!("{d}.{c}.{b}.{a}.in-addr.arpa domain name pointer {host}.\n"),
            1 => format!("{address} resolves to {host}\n"),
            _ => format!("Name: {host}\nAddress: {address}\n"),
        }
    }

    pub(super) fn ping(&self, host: &str, count: u32, world: &World) -> String {
        let Some(address) = world.resolve(&self.cluster, host) else {
            return format!("ping: unknown host {host}\n");
        };
        // A firewall of ports lets pings pass.
        let answers = !matches!(world.reach(&self.cluster, host, 0), Reach::Silent);
        let mut text = format!("PING {host} ({address}) 56(84) bytes of data.\n");
        if answers {
            for sequence in 1..=count {
                text += &format!("64 bytes from {address}: icmp_seq={sequence} ttl=64 time=0.3 ms\n");
            }
        }
        let (received, loss) = if answers { (count, 0) } else { (0, 100) };
        text + &format!(
            "\n--- {host} ping statistics ---\n{count} packets transmitted, {received} received, {loss}% packet loss\n"
        )
    }
}
