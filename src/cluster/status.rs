//! The `Inter-cluster Peer Status` panel and the System Troubleshooter, as read.

use serde::{Deserialize, Serialize};

/// What a page shows beside a test or an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StatusEntry {
    /// The label, as shown.
    pub label: String,
    /// The value, as shown.
    pub value: String,
    /// The mark beside it; an entry without a mark is [`Outcome::Information`].
    pub outcome: Outcome,
}

impl StatusEntry {
    /// Whether the entry is checked, or has nothing to check.
    pub fn is_good(&self) -> bool {
        matches!(self.outcome, Outcome::Passed | Outcome::Information)
    }
}

/// The entry for the certificates of a peer (field-notes 1.3).
pub const CERTIFICATE_STATUS: &str = "Certificate Status";
/// The entry for the connection to a peer (field-notes 1.3).
pub const CONNECTIVITY: &str = "Peer Connectivity Test";

/// The `Inter-cluster Peer Status` panel of one peer (field-notes 1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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
        self.entries.iter().filter(|e| !e.is_good())
    }
}

/// One row of the System Troubleshooter (field-notes 1.7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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
    fn words(label: &str) -> impl Iterator<Item = &str> {
        label.trim_end_matches(|c: char| c == ':' || c == '*' || c.is_whitespace()).split_whitespace()
    }
    // every row of every page of every pair is asked: nothing is copied where it need not be
    let same = |a: &str, b: &str| match a.is_ascii() && b.is_ascii() {
        true => a.eq_ignore_ascii_case(b),
        false => a.to_lowercase() == b.to_lowercase(),
    };
    let (mut a, mut b) = (words(a), words(b));
    loop {
        match (a.next(), b.next()) {
            (Some(a), Some(b)) if same(a, b) => {}
            (None, None) => return true,
            _ => return false,
        }
    }
}

/// Whether two user names mean the same account: the product does not tell `ICSA` from `icsa`, so neither is a
/// difference to report.
pub fn same_user(a: &str, b: &str) -> bool {
    a.trim().eq_ignore_ascii_case(b.trim())
}

/// Whether a value of a service parameter is a whole number: the same wherever the product shows it.
pub fn is_whole_number(value: &str) -> bool {
    value.trim().parse::<i64>().is_ok()
}

/// Whether two values of a service parameter mean the same: case and surplus space do not count, and a check box that
/// is on is what the file may call `Enabled` or `True`.
pub fn same_value(a: &str, b: &str) -> bool {
    let switch = |value: &str| match value.trim().to_lowercase().as_str() {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    };
    let means = |value: &str| match value.trim().to_lowercase().as_str() {
        "on" | "true" | "enabled" | "yes" | "1" | "checked" => Some(true),
        "off" | "false" | "disabled" | "no" | "0" | "unchecked" => Some(false),
        _ => None,
    };
    let as_switch = |a: &str, b: &str| switch(a).is_some() && switch(a) == means(b);
    same_label(a, b) || as_switch(a, b) || as_switch(b, a)
}

#[cfg(test)]
mod tests {
    use super::{same_label, same_value};

    #[test]
    fn labels_are_compared_as_people_read_them() {
        for (a, b, expected) in [
            ("Peer Address:", " peer  address *", true),
            ("\u{c9}tat :", "\u{e9}tat", true),
            ("Peer", "Peer Address", false),
            ("Peer Address", "Peer Addresses", false),
            ("", " :", true),
        ] {
            assert_eq!(same_label(a, b), expected, "{a} and {b}");
            assert_eq!(same_label(b, a), expected, "{b} and {a}");
        }
    }

    #[test]
    fn values_are_compared_as_the_pages_show_them() {
        for (a, b, expected) in [
            ("Enabled", "enabled ", true),
            ("on", "Enabled", true),
            ("False", "off", true),
            ("on", "10", false),
            ("1", "Enabled", false),
            ("10", "20", false),
            ("Perform certificate sync", "Do not perform certificate sync", false),
        ] {
            assert_eq!(same_value(a, b), expected, "{a} and {b}");
            assert_eq!(same_value(b, a), expected, "{b} and {a}");
        }
    }
}
