//! What was found over time: what is open now and since when, what came and went, and the last rounds. It grows with
//! what is wrong, never with time.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::mesh::DriftSeverity;
use crate::plan::drift::{Drift, Finding};

/// So many rounds are remembered: five days of quarter hours.
pub const ROUNDS: usize = 480;
/// So many happenings are remembered.
pub const HAPPENINGS: usize = 300;
/// The version of the file that this is kept in.
pub const FORMAT: u32 = 1;

/// What was found over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// The version of this format.
    pub format: u32,
    /// The mesh's name; none before the first round that saw it.
    pub mesh: Option<String>,
    /// Rounds since the beginning.
    pub rounds: u64,
    /// Rounds in which nothing could be looked at.
    pub failed_rounds: u64,
    /// When a round last looked at anything.
    pub looked: Option<Timestamp>,
    /// Findings that are there, the worst first.
    pub open: Vec<Open>,
    /// Findings that the file accepts.
    pub accepted: usize,
    /// Clusters that could not be read.
    pub silent: Vec<Silent>,
    /// Why the last round could not look at anything.
    pub failure: Option<String>,
    /// The last rounds, the newest last.
    pub history: VecDeque<Round>,
    /// What happened, the newest last.
    pub happenings: VecDeque<Happening>,
}

/// A finding that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// The kind of drift, such as `DR001`.
    pub code: String,
    /// `error`, `warning` or `note`.
    pub severity: String,
    /// `pending`, `drifted` or `both`; none where no run is known that tells.
    pub label: Option<String>,
    /// Where it is, in a few words.
    pub place: String,
    /// The cluster that has it; empty where it is the whole mesh.
    pub cluster: String,
    /// What it is.
    pub what: String,
    /// What to do.
    pub fix: String,
    /// The line of the mesh file that speaks of it, counted from 1.
    pub line: Option<usize>,
    /// The round that found it first.
    pub since: Timestamp,
    /// Whether the last round could look there: what was not looked at is not gone.
    pub looked_at: bool,
}

/// A cluster that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silent {
    /// The cluster.
    pub cluster: String,
    /// Why, of the last round.
    pub why: String,
    /// The first round that could not read it.
    pub since: Timestamp,
}

/// A round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Findings by which users are affected.
    pub errors: usize,
    /// Findings that leave presence working.
    pub warnings: usize,
    /// Findings by which nothing is affected.
    pub notes: usize,
    /// Clusters that could not be read.
    pub unread: usize,
    /// Nothing could be looked at.
    pub failed: bool,
}

/// Something that happened between two rounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Happening {
    /// The round that found it.
    pub at: Timestamp,
    /// What kind of thing.
    pub happened: Happened,
    /// Where.
    pub place: String,
    /// What, in words.
    pub what: String,
    /// The kind of drift, where it is drift.
    pub code: Option<String>,
    /// How bad it is or was, where it is drift.
    pub severity: Option<String>,
}

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Happened {
    /// A finding is there that was not.
    Appeared,
    /// A finding is gone.
    Gone,
    /// A cluster can no longer be read.
    FellSilent,
    /// A cluster can be read again.
    ReadAgain,
    /// Nothing can be looked at.
    Failed,
    /// Rounds look at the clusters again.
    Recovered,
}

impl Happened {
    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Happened::Appeared => "appeared",
            Happened::Gone => "gone",
            Happened::FellSilent => "not read",
            Happened::ReadAgain => "read again",
            Happened::Failed => "failed",
            Happened::Recovered => "recovered",
        }
    }
}

impl Default for Board {
    fn default() -> Self {
        Board {
            format: FORMAT,
            mesh: None,
            rounds: 0,
            failed_rounds: 0,
            looked: None,
            open: Vec::new(),
            accepted: 0,
            silent: Vec::new(),
            failure: None,
            history: VecDeque::new(),
            happenings: VecDeque::new(),
        }
    }
}

/// What makes a finding the same as in another round.
type Key = (String, String);

impl Board {
    /// How many findings of a severity are open.
    pub fn count(&self, severity: DriftSeverity) -> usize {
        self.open.iter().filter(|open| open.severity == severity.word()).count()
    }

    /// Takes what a round saw. Findings of clusters that it could not read stay as they were.
    pub(super) fn take(&mut self, drift: &Drift, at: Timestamp, took: Duration) -> Vec<Happening> {
        let mut happened = Vec::new();
        let mut say = |kind, place: &str, what: &str, of: Option<&Open>| {
            happened.push(Happening {
                at,
                happened: kind,
                place: place.to_owned(),
                what: what.to_owned(),
                code: of.map(|open| open.code.clone()),
                severity: of.map(|open| open.severity.clone()),
            });
        };
        if self.failure.take().is_some() {
            say(Happened::Recovered, &drift.mesh, "rounds look at the clusters again", None);
        }
        let before: BTreeMap<String, Silent> = self.silent.drain(..).map(|s| (s.cluster.clone(), s)).collect();
        for unread in &drift.unread {
            let (cluster, why) = (unread.cluster.to_string(), unread.error.to_string());
            if self.silent.iter().any(|silent| silent.cluster == cluster) {
                continue;
            }
            let since = match before.get(&cluster) {
                Some(silent) => silent.since,
                None => {
                    say(Happened::FellSilent, &cluster, &why, None);
                    at
                }
            };
            self.silent.push(Silent { cluster, why, since });
        }
        for cluster in before.keys().filter(|name| !self.silent.iter().any(|silent| silent.cluster == **name)) {
            say(Happened::ReadAgain, cluster, "can be read again", None);
        }
        let mut known: BTreeMap<Key, Open> = self.open.drain(..).map(|open| (key(&open), open)).collect();
        for finding in &drift.findings {
            let mut open = opened(finding, at);
            match known.remove(&key(&open)) {
                Some(before) => open.since = before.since,
                None => say(Happened::Appeared, &open.place, &open.what, Some(&open)),
            }
            self.open.push(open);
        }
        for (_, mut open) in known {
            // what could not be looked at is not gone
            if self.silent.iter().any(|silent| silent.cluster == open.cluster) {
                open.looked_at = false;
                self.open.push(open);
            } else {
                say(Happened::Gone, &open.place, &open.what, Some(&open));
            }
        }
        self.open.sort_by_key(|open| std::cmp::Reverse(rank(&open.severity)));
        self.mesh = Some(drift.mesh.clone());
        self.accepted = drift.accepted.len();
        self.looked = Some(at);
        self.end(at, took, false);
        self.remember(&happened);
        happened
    }

    /// Takes a round that could not look at anything: what was known stays.
    pub(super) fn fail(&mut self, why: &str, at: Timestamp, took: Duration) -> Vec<Happening> {
        let mut happened = Vec::new();
        if self.failure.as_deref() != Some(why) {
            happened.push(Happening {
                at,
                happened: Happened::Failed,
                place: self.mesh.clone().unwrap_or_else(|| "the mesh".to_owned()),
                what: why.to_owned(),
                code: None,
                severity: None,
            });
        }
        self.failure = Some(why.to_owned());
        for open in &mut self.open {
            open.looked_at = false;
        }
        self.failed_rounds += 1;
        self.end(at, took, true);
        self.remember(&happened);
        happened
    }

    fn end(&mut self, at: Timestamp, took: Duration, failed: bool) {
        self.rounds += 1;
        self.history.push_back(Round {
            at,
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            errors: self.count(DriftSeverity::Error),
            warnings: self.count(DriftSeverity::Warning),
            notes: self.count(DriftSeverity::Note),
            unread: self.silent.len(),
            failed,
        });
        while self.history.len() > ROUNDS {
            self.history.pop_front();
        }
    }

    fn remember(&mut self, happened: &[Happening]) {
        self.happenings.extend(happened.iter().cloned());
        while self.happenings.len() > HAPPENINGS {
            self.happenings.pop_front();
        }
    }
}

fn key(open: &Open) -> Key {
    (open.code.clone(), open.place.clone())
}

fn rank(severity: &str) -> u8 {
    match severity {
        "error" => 2,
        "warning" => 1,
        _ => 0,
    }
}

fn opened(finding: &Finding, since: Timestamp) -> Open {
    Open {
        code: finding.code.to_string(),
        severity: finding.severity.word().to_owned(),
        label: finding.label.map(|label| label.word().to_owned()),
        place: finding.place.words(),
        cluster: finding.place.cluster.to_string(),
        what: finding.what.clone(),
        fix: finding.fix.clone(),
        line: finding.line,
        since,
        looked_at: true,
    }
}
