//! Results of a verification.

use super::{Finding, Number, Results, Severity};
use crate::mesh::ClusterName;
use crate::plan::verify::{Side, Verification};
use crate::report::counted;
use crate::report::junit::{Case, CaseResult, Suite};

impl Results {
    /// A verification: a check for each side of each link.
    pub fn of_verification(found: &Verification, mesh: &str, file: &str, at: jiff::Timestamp, exit: u8) -> Results {
        let finding = |about: String, message: String| Finding {
            code: "verify.problem".to_owned(),
            title: "a peer or a cluster is not healthy".to_owned(),
            severity: Severity::Error,
            about,
            message,
            help: None,
            line: None,
        };
        let about = |side: &Side| format!("{} -> {}", side.cluster, side.to);
        let told = |side: &Side| side.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        let bad = found.sides.iter().filter(|side| !side.problems.is_empty());
        let mut findings: Vec<Finding> = bad.map(|side| finding(about(side), told(side))).collect();
        findings.extend(found.clusters.iter().map(|p| finding(p.cluster.to_string(), p.what.clone())));
        let result = |problems: String, note: String| match problems.is_empty() {
            true => CaseResult::Passed { note },
            false => CaseResult::Failed { message: problems, detail: String::new() },
        };
        let entries = |side: &Side| {
            side.entries.iter().map(|entry| format!("{}: {}", entry.label, entry.value)).collect::<Vec<_>>().join("\n")
        };
        let mut cases: Vec<Case> =
            found.sides.iter().map(|side| Case::new(about(side), result(told(side), entries(side)))).collect();
        let problems = |cluster: &ClusterName| {
            let of = found.clusters.iter().filter(|problem| problem.cluster == *cluster);
            of.map(|problem| problem.what.clone()).collect::<Vec<_>>().join("; ")
        };
        cases.extend(found.looked_at.iter().map(|looked_at| {
            Case::new(looked_at.cluster.to_string(), result(problems(&looked_at.cluster), String::new()))
        }));
        let healthy = found.sides.iter().filter(|side| side.problems.is_empty()).count();
        let number = |name, help, value: usize| Number { name, help, labels: Vec::new(), value: value as f64 };
        Results {
            command: "verify",
            mesh: Some(mesh.to_owned()),
            file: file.to_owned(),
            at,
            exit,
            words: format!("{healthy} of {} healthy", counted(found.sides.len(), "peer")),
            findings,
            checks: vec![Suite { name: "verify".to_owned(), cases }],
            numbers: vec![
                number("verify_peers", "Sides of links", found.sides.len()),
                number("verify_healthy", "Sides of links that are healthy", healthy),
            ],
        }
    }
}
