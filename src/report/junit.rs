//! Checks as JUnit XML, which every CI system shows: one suite for each thing that is checked, one case for each check.

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
        for Case { name: case, result } in cases {
            let (status, note) = match result {
                CaseResult::Passed { note } => (TestCaseStatus::success(), Some(note)),
                CaseResult::Failed { message, detail } => {
                    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                    status.set_message(message.as_str()).set_description(detail.as_str());
                    (status, None)
                }
                CaseResult::Skipped { message } => {
                    let mut status = TestCaseStatus::skipped();
                    status.set_message(message.as_str());
                    (status, None)
                }
            };
            let mut case = TestCase::new(case.as_str(), status);
            case.set_classname(name.as_str());
            if let Some(note) = note.filter(|note| !note.is_empty()) {
                case.set_system_out(note.as_str());
            }
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    report.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_and_what_is_skipped_is_told_apart() {
        let case = |name: &str, result| Case { name: name.into(), result };
        let suite = Suite {
            name: "cluster <a>".into(),
            cases: vec![
                case("good", CaseResult::Passed { note: "fine".into() }),
                case("bad", CaseResult::Failed { message: "7 & 8".into(), detail: "mend it".into() }),
                case("none", CaseResult::Skipped { message: "no `cli`".into() }),
            ],
        };
        let xml = junit("doctor", &[suite]).unwrap();
        for expected in [
            "tests=\"3\" skipped=\"1\" errors=\"0\" failures=\"1\"",
            "<failure message=\"7 &amp; 8\">mend it</failure>",
            "<skipped message=\"no `cli`\"/>",
            "<system-out>fine</system-out>",
            "classname=\"cluster &lt;a&gt;\"",
        ] {
            assert!(xml.contains(expected), "{expected}\n{xml}");
        }
    }
}
