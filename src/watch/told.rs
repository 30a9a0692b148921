//! The numbers of a watch, for Prometheus.

use super::State;
use crate::mesh::DriftSeverity;
use crate::report::results::{Number, Results, Severity};

/// What the last round found and how the watch itself does.
pub fn numbers(watch: &super::Watch) -> Results {
    watch.read(results)
}

fn results(state: &State) -> Results {
    let board = &state.board;
    let mesh = board.mesh.clone();
    let last = board.history.back();
    let exit = match last {
        None => 0,
        Some(round) if round.failed => 1,
        Some(round) if round.unread > 0 => 6,
        Some(_) if !board.open.is_empty() => 2,
        Some(_) => 0,
    };
    let mut results = match &state.seen {
        Some(seen) => Results::of_drift(&seen.drift, &seen.file, exit),
        None => Results {
            command: "watch",
            mesh: mesh.clone(),
            file: String::new(),
            at: board.looked.unwrap_or_default(),
            exit,
            words: String::new(),
            findings: Vec::new(),
            checks: Vec::new(),
            numbers: Vec::new(),
        },
    };
    results.command = "watch";
    results.mesh = Some(mesh.unwrap_or_else(|| "unknown".to_owned()));
    if let Some(round) = last {
        results.at = round.at;
    }
    // what was not looked at in the last round is open all the same
    results.findings.retain(|finding| finding.code == "cluster.unread");
    for severity in [DriftSeverity::Error, DriftSeverity::Warning, DriftSeverity::Note] {
        let open = board.open.iter().filter(|open| open.severity == severity.word());
        results.findings.extend(open.map(|open| crate::report::results::Finding {
            code: open.code.clone(),
            title: String::new(),
            severity: match severity {
                DriftSeverity::Error => Severity::Error,
                DriftSeverity::Warning => Severity::Warning,
                DriftSeverity::Note => Severity::Note,
            },
            about: open.place.clone(),
            message: open.what.clone(),
            help: None,
            line: open.line,
        }));
    }
    let mut say = |name, help, value: f64| results.numbers.push(Number { name, help, labels: Vec::new(), value });
    say("watch_rounds", "Rounds since the beginning", board.rounds as f64);
    say("watch_failed_rounds", "Rounds in which nothing could be looked at", board.failed_rounds as f64);
    say("watch_undelivered_notices", "Notices that were given up", state.undelivered as f64);
    say(
        "watch_unkept",
        "Whether what is known could not be written to its file",
        f64::from(u8::from(state.unkept.is_some())),
    );
    if let Some(round) = last {
        say("watch_round_seconds", "How long the last round took", round.took_ms as f64 / 1000.0);
    }
    if let Some(looked) = board.looked {
        say("watch_last_look_timestamp_seconds", "When a round last looked at the clusters", looked.as_second() as f64);
    }
    results
}
