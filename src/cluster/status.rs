//! The `Inter-cluster Peer Status` panel and the System Troubleshooter, as read.

use serde::{Deserialize, Serialize};

/// What a page shows beside a test or an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A check mark.
    Passed,
    /// `Test Failed`, or an error highlight.
    Failed,
    /// `Test Warning`.
    Warning,
    /// `Information Only`.
    Information,
    /// Neither a known picture nor a known word.
    Unclear,
}

/// One entry of the status panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusEntry {
    /// The label, as shown.
    pub label: String,
    /// The value, as shown.
    pub value: String,
    /// The mark beside it; an entry without a mark is [`Outcome::Information`].
    pub outcome: Outcome,
}

/// The `Inter-cluster Peer Status` panel of one peer (field-notes 1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerStatus {
    /// The entries, in the panel's order.
    pub entries: Vec<StatusEntry>,
}

impl PeerStatus {
    /// The entry of a label, compared without case and surplus space.
    pub fn entry(&self, label: &str) -> Option<&StatusEntry> {
        self.entries.iter().find(|e| same_label(&e.label, label))
    }

    /// `Associated Users`: the remote users that this side has learned.
    pub fn associated_users(&self) -> Option<u64> {
        self.entry("Associated Users")?.value.trim().replace(',', "").parse().ok()
    }

    /// The entries that are not checked.
    pub fn not_passed(&self) -> impl Iterator<Item = &StatusEntry> {
        self.entries.iter().filter(|e| !matches!(e.outcome, Outcome::Passed | Outcome::Information))
    }
}

/// One row of the System Troubleshooter (field-notes 1.7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The section's title, such as `Inter-Clustering Troubleshooter`.
    pub section: String,
    /// `Test Description`.
    pub test: String,
    /// `Outcome`.
    pub outcome: Outcome,
    /// `Problem`.
    pub problem: String,
    /// `Solution`.
    pub solution: String,
}

/// Whether two labels mean the same: case, surplus space, a closing colon or a required mark do not count.
pub fn same_label(a: &str, b: &str) -> bool {
    let normal = |s: &str| {
        s.trim_end_matches(|c: char| c == ':' || c == '*' || c.is_whitespace())
            .split_whitespace()
            .map(str::to_lowercase)
            .collect::<Vec<_>>()
    };
    normal(a) == normal(b)
}
