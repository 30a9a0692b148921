//! What was typed, as a command (field-notes 7).

/// A command of the platform CLI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// An empty line.
    Nothing,
    /// `exit` or `quit`
    Quit,
    /// `utils network connectivity [reset] [host]`
    Connectivity { host: Option<String> },
    /// `utils network connectivity <host> <port> [timeout]`
    Port { host: String, port: u16 },
    /// `utils network host <name>`
    Host { name: String },
    /// `utils network ping <dest> [count] [size]`
    Ping { host: String, count: u32 },
    /// `show network cluster`
    Cluster,
    /// `utils service list`
    ServiceList,
    /// `utils service {activate|deactivate|start|stop|restart} <name with spaces>`
    Service { order: Order, name: String },
    /// `utils diagnose test`
    Diagnose,
    /// `utils ha status [group]`
    HighAvailability { group: Option<String> },
    /// `run sql <statement>`
    Sql { statement: String },
    /// `show perf query counter "<class>" <counter>`
    Counter { class: String, counter: String },
    /// `utils dbreplication runtimestate`
    Replication,
    /// The beginning of a command, or one with the wrong parameters.
    Incomplete,
    /// Anything else.
    Unknown,
}

/// What may be ordered of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Activate,
    Deactivate,
    Start,
    Stop,
    Restart,
}

impl Order {
    fn read(word: &str) -> Option<Order> {
        Some(match word {
            "activate" => Order::Activate,
            "deactivate" => Order::Deactivate,
            "start" => Order::Start,
            "stop" => Order::Stop,
            "restart" => Order::Restart,
            _ => return None,
        })
    }
}

/// Pings where none are asked for.
const PINGS: u32 = 4;
/// More pings than this are not shown.
const MOST_PINGS: u32 = 100;

impl Command {
    /// Reads a line. Commands are in lower case; words may be apart by several spaces.
    pub(super) fn read(line: &str) -> Command {
        let words: Vec<&str> = line.split_whitespace().collect();
        let owned = |word: &str| word.to_owned();
        match words.as_slice() {
            [] => Command::Nothing,
            ["exit" | "quit"] => Command::Quit,
            ["utils", "network", "connectivity", rest @ ..] => connectivity(rest),
            ["utils", "network", "host", name, ..] => Command::Host { name: owned(name) },
            ["utils", "network", "ping", host, rest @ ..] => match rest.first().map_or(Ok(PINGS), |n| n.parse()) {
                Ok(count) => Command::Ping { host: owned(host), count: count.min(MOST_PINGS) },
                Err(_) => Command::Incomplete,
            },
            ["show", "network", "cluster"] => Command::Cluster,
            ["utils", "service", "list"] | ["utils", "service", "list", "page"] => Command::ServiceList,
            ["utils", "service", order, name @ ..] => match Order::read(order) {
                Some(_) if name.is_empty() => Command::Incomplete,
                Some(order) => Command::Service { order, name: name.join(" ") },
                None => Command::Unknown,
            },
            ["utils", "diagnose", "test"] => Command::Diagnose,
            ["utils", "ha", "status"] => Command::HighAvailability { group: None },
            ["utils", "ha", "status", group] => Command::HighAvailability { group: Some(owned(group)) },
            ["run", "sql", _, ..] => Command::Sql { statement: after(line, &["run", "sql"]) },
            ["show", "perf", "query", "counter", ..] => counter(&after(line, &["show", "perf", "query", "counter"])),
            ["utils", "dbreplication", "runtimestate"] => Command::Replication,
            ["utils" | "show" | "run"]
            | ["utils", "network" | "service" | "ha" | "diagnose" | "dbreplication"]
            | ["utils", "network", "host" | "ping"]
            | ["run", "sql"] => Command::Incomplete,
            _ => Command::Unknown,
        }
    }
}

fn connectivity(words: &[&str]) -> Command {
    match words {
        [] | ["reset"] => Command::Connectivity { host: None },
        [host] | ["reset", host] => Command::Connectivity { host: Some((*host).to_owned()) },
        [host, port] | [host, port, _] => match port.parse() {
            Ok(port) => Command::Port { host: (*host).to_owned(), port },
            Err(_) => Command::Incomplete,
        },
        _ => Command::Incomplete,
    }
}

/// The class in quotes, and the name of a counter.
fn counter(rest: &str) -> Command {
    let mut parts = rest.splitn(3, '"');
    match (parts.next().map(str::trim), parts.next(), parts.next().map(str::trim)) {
        (Some(""), Some(class), Some(counter)) if !counter.is_empty() => {
            Command::Counter { class: class.to_owned(), counter: counter.to_owned() }
        }
        _ => Command::Incomplete,
    }
}

/// The line after its first words, spaces inside it kept.
fn after(line: &str, words: &[&str]) -> String {
    words.iter().fold(line.trim(), |rest, word| rest.strip_prefix(word).unwrap_or(rest).trim_start()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_the_reference_writes_them() {
        let text = str::to_owned;
        for (line, command) in [
            ("  ", Command::Nothing),
            ("quit", Command::Quit),
            ("utils network connectivity", Command::Connectivity { host: None }),
            ("utils network connectivity reset 10.1.89.30", Command::Connectivity { host: Some(text("10.1.89.30")) }),
            (
                "utils network connectivity a.example.com 8443",
                Command::Port { host: text("a.example.com"), port: 8443 },
            ),
            ("utils  network connectivity a 7400 10", Command::Port { host: text("a"), port: 7400 }),
            ("utils network connectivity a 70000", Command::Incomplete),
            ("utils network host a srv", Command::Host { name: text("a") }),
            ("utils network ping a 2", Command::Ping { host: text("a"), count: 2 }),
            (
                "utils service restart Cisco XCP  Router",
                Command::Service { order: Order::Restart, name: text("Cisco XCP Router") },
            ),
            ("utils service restart", Command::Incomplete),
            ("run sql select  'a  b' from t", Command::Sql { statement: text("select  'a  b' from t") }),
            (
                "show perf query counter \"Cisco Presence Engine\" ActiveJsmSessions",
                Command::Counter { class: text("Cisco Presence Engine"), counter: text("ActiveJsmSessions") },
            ),
            ("show perf query counter Cisco", Command::Incomplete),
            ("utils", Command::Incomplete),
            ("rm -rf /", Command::Unknown),
        ] {
            assert_eq!(Command::read(line), command, "{line}");
        }
    }
}
