//! Checks as JUnit XML, which every CI system shows: one suite for each thing that is checked, one case for each check.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

/// Checks of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suite {
    /// What is checked, such as `cluster emea`.
    pub name: String,
    /// The checks.
    pub cases: Vec<Case>,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What is checked.
    pub name: String,
    /// What came of it.
    pub result: CaseResult,
    /// How long it took, where that is known.
    pub took: Option<Duration>,
}

impl Case {
    /// A check that is not measured.
    pub fn new(name: impl Into<String>, result: CaseResult) -> Case {
        Case { name: name.into(), result, took: None }
    }
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseResult {
    /// It is good; a note may say what was found.
    Passed {
        /// What was found.
        note: String,
    },
    /// It is not.
    Failed {
        /// What was found.
        message: String,
        /// What to do.
        detail: String,
    },
    /// What came of it is not known.
    Unknown {
        /// Why.
        message: String,
        /// What to do.
        detail: String,
    },
    /// It was not, or could not be, looked at.
    Skipped {
        /// Why.
        message: String,
    },
}

/// The report as XML.
///
/// # Errors
/// It cannot be written as XML.
pub fn junit(name: &str, suites: &[Suite]) -> Result<String, SerializeError> {
    let mut report = Report::new(name);
    for Suite { name, cases } in suites {
        let mut suite = TestSuite::new(name.as_str());
        for Case { name: case, result, took } in cases {
            let (status, note) = match result {
                CaseResult::Passed { note } => (TestCaseStatus::success(), Some(note)),
                CaseResult::Failed { message, detail } => (bad(NonSuccessKind::Failure, message, detail), None),
                CaseResult::Unknown { message, detail } => (bad(NonSuccessKind::Error, message, detail), None),
                CaseResult::Skipped { message } => {
                    let mut status = TestCaseStatus::skipped();
                    status.set_message(message.as_str());
                    (status, None)
                }
            };
            let mut case = TestCase::new(case.as_str(), status);
            case.set_classname(name.as_str());
            if let Some(took) = took {
                case.set_time(*took);
            }
            if let Some(note) = note.filter(|note| !note.is_empty()) {
                case.set_system_out(note.as_str());
            }
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    report.to_string()
}

fn bad(kind: NonSuccessKind, message: &str, detail: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(message).set_description(detail);
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_and_what_is_skipped_is_told_apart() {
        let case = |name: &str, result| Case::new(name, result);
        let suite = Suite {
            name: "cluster <a>".into(),
            cases: vec![
                case("good", CaseResult::Passed { note: "fine".into() }),
                case("bad", CaseResult::Failed { message: "7 & 8".into(), detail: "mend it".into() }),
                case("none", CaseResult::Skipped { message: "no `cli`".into() }),
                Case {
                    took: Some(Duration::from_millis(1500)),
                    ..case("lost", CaseResult::Unknown { message: "no answer".into(), detail: String::new() })
                },
            ],
        };
        let xml = junit("doctor", &[suite]).unwrap();
        for expected in [
            "tests=\"4\" skipped=\"1\" errors=\"1\" failures=\"1\"",
            "<failure message=\"7 &amp; 8\">mend it</failure>",
            "<skipped message=\"no `cli`\"/>",
            "<error message=\"no answer\"",
            "time=\"1.500\"",
            "<system-out>fine</system-out>",
            "classname=\"cluster &lt;a&gt;\"",
        ] {
            assert!(xml.contains(expected), "{expected}\n{xml}");
        }
    }
}
