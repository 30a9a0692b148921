//! `ReasonCode` in words (field-notes 4.3), and what a code means for an order.

/// What a reason code says about an order that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The order was taken, or there is nothing left to do.
    Taken,
    /// The order was refused.
    Refused,
    /// Nobody knows.
    Unknown,
}

/// The code of a feature service that was never activated.
pub(super) const NOT_ACTIVATED: i64 = -1068;

const REASONS: [(i64, &str, Meaning); 32] = {
    use Meaning::{Refused, Taken, Unknown};
    [
        (-1, "Successful", Taken),
        (-1000, "Already initialized", Refused),
        (-1003, "Component is running", Taken),
        (-1004, "Entry not found", Refused),
        (-1010, "No such service", Refused),
        (-1011, "Reserved for platform", Refused),
        (-1012, "Bad arguments", Refused),
        (-1013, "Internal error", Refused),
        // While a service restarts this is its state, not an answer to the order.
        (-1019, "Component is not running", Taken),
        (-1029, "Operation is pending", Taken),
        (-1031, "Operation timed-out", Unknown),
        (-1036, "Dependency is in active state", Refused),
        (-1037, "Dependency is not in active state", Refused),
        (-1039, "Component already started", Taken),
        (-1040, "Component already stopped", Taken),
        (-1041, "Dependencies still pending", Taken),
        (-1042, "Transition not allowed", Refused),
        (-1045, "Operation not supported", Refused),
        (-1046, "Process recovery in progress", Taken),
        (-1047, "Pending on scheduled restart", Taken),
        (-1048, "Pending on active dependencies", Taken),
        (-1049, "Pending on active dependents", Taken),
        (-1050, "Shutdown is in progress", Refused),
        (-1057, "Component already in specified state", Taken),
        (NOT_ACTIVATED, "Service Not Activated", Refused),
        (-1069, "Commanded Out of Service", Taken),
        (-1070, "Module or context error", Refused),
        (-1071, "Module or context error", Refused),
        (-1072, "Module or context error", Refused),
        (-1073, "Module or context error", Refused),
        (-1074, "Module or context error", Refused),
        (-1075, "Module or context error", Refused),
    ]
};

/// The words for a code.
pub(super) fn words(code: i64) -> Option<&'static str> {
    REASONS.iter().find(|(known, ..)| *known == code).map(|(_, words, _)| *words)
}

/// What a code means for an order; a code that nobody wrote down is not a refusal.
pub(super) fn meaning(code: i64) -> Meaning {
    match code {
        0 => Meaning::Taken,
        _ => REASONS.iter().find(|(known, ..)| *known == code).map_or(Meaning::Unknown, |(.., meaning)| *meaning),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes of field-notes 4.3, and no other.
    #[test]
    fn every_code_that_was_written_down_has_its_words() {
        let known = (1068..=1075).chain([1, 1000, 1003, 1004]).chain(1010..=1013).chain([1019, 1029, 1031, 1036, 1037]);
        let known: Vec<i64> =
            known.chain(1039..=1042).chain(1045..=1050).chain([1057]).map(|code: i64| -code).collect();
        for code in -2000..=2000 {
            assert_eq!(words(code).is_some(), known.contains(&code), "{code}");
        }
        assert_eq!(REASONS.len(), known.len(), "none is there twice");
    }

    #[test]
    fn a_code_says_what_became_of_an_order() {
        for (code, expected) in [
            (0, Meaning::Taken),
            (-1, Meaning::Taken),
            (-1019, Meaning::Taken),
            (-1047, Meaning::Taken),
            (-1068, Meaning::Refused),
            (-1075, Meaning::Refused),
            (-1031, Meaning::Unknown),
            (-4711, Meaning::Unknown),
        ] {
            assert_eq!(meaning(code), expected, "{code}");
        }
        assert_eq!(words(NOT_ACTIVATED), Some("Service Not Activated"));
        assert_eq!(words(-1010), Some("No such service"));
    }
}
