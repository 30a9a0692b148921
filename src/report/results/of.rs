//! Results of what the library finds.

use super::{Finding, Number, Results, Severity};
use crate::mesh::{self, Mesh};
use crate::plan::Plan;
use crate::plan::change::{Kind, Left, Weight};
use crate::plan::doctor::{Diagnosis, Scope, Verdict};
use crate::report::junit::{Case, CaseResult, Suite};
use crate::report::lines::{Line, of_clusters, of_links};
use crate::report::words::verb;
use crate::report::{brief, counted, doctor_suites};

impl Results {
    /// A plan: what is not as the file says, and what stands in the way. A difference is a note: it is what a plan is
    /// for.
    pub fn of_plan(plan: &Plan, exit: u8) -> Results {
        let lines: Vec<Line> = of_links(plan).into_iter().chain(of_clusters(plan)).collect();
        let mut findings: Vec<Finding> =
            plan.unread.iter().map(|unread| unread_finding(unread.cluster.as_str(), &unread.error)).collect();
        findings.extend(plan.refusals.iter().map(|refusal| Finding {
            code: "plan.refused".to_owned(),
            title: "a guard refuses the plan".to_owned(),
            severity: Severity::Error,
            about: refusal.guard.clone(),
            message: refusal.why.clone(),
            help: Some(refusal.how.clone()),
            line: None,
        }));
        findings.extend(plan.concerns.iter().map(|concern| {
            let (code, title, severity) = match concern.weight {
                Weight::Warning => ("plan.concern", "a prerequisite is not met", Severity::Warning),
                Weight::Unknown => ("plan.unknown", "a prerequisite is not known", Severity::Note),
            };
            let about = concern.cluster.to_string();
            let message = concern.what.clone();
            Finding { code: code.to_owned(), title: title.to_owned(), severity, about, message, help: None, line: None }
        }));
        findings.extend(waiting(plan));
        findings.extend(lines.iter().map(changed));
        findings.sort_by_key(|finding| finding.severity);
        let summary = brief::facts(plan).into_iter().next().map(|fact| fact.words);
        let words = match brief::nothing(plan) {
            Some(nothing) => nothing.to_owned(),
            None => summary.unwrap_or_default(),
        };
        Results {
            command: "plan",
            mesh: Some(plan.mesh.metadata.name.clone()),
            file: plan.mesh_file.clone(),
            at: plan.made_at,
            exit,
            words: format!("{}: {words}", brief::headline(plan)),
            checks: checks(plan, &findings, &lines),
            findings,
            numbers: numbers(plan),
        }
    }

    /// A diagnosis.
    pub fn of_diagnosis(diagnosis: &Diagnosis, file: &str, exit: u8) -> Results {
        let told = diagnosis.findings.iter().filter_map(|finding| {
            let severity = match finding.verdict {
                Verdict::Failed => Severity::Error,
                Verdict::Warning => Severity::Warning,
                Verdict::Unknown => Severity::Note,
                Verdict::Ok | Verdict::Skipped => return None,
            };
            Some(Finding {
                code: "doctor.prerequisite".to_owned(),
                title: finding.prerequisite.clone(),
                severity,
                about: match &finding.scope {
                    Scope::Mesh => diagnosis.mesh.clone(),
                    Scope::Cluster { cluster } => cluster.to_string(),
                    Scope::Node { node, .. } => node.to_string(),
                    Scope::Pair { from, to } => format!("{from} -> {to}"),
                },
                message: format!("{}: {}", finding.prerequisite, finding.found),
                help: finding.fix.clone(),
                line: None,
            })
        });
        let mut findings: Vec<Finding> = told.collect();
        findings.sort_by_key(|finding| finding.severity);
        let counts = &diagnosis.counts;
        let number = |verdict: &str, value: usize| Number {
            name: "prerequisites",
            help: "Prerequisites of peering by what came of them",
            labels: vec![("verdict", verdict.to_owned())],
            value: value as f64,
        };
        Results {
            command: "doctor",
            mesh: Some(diagnosis.mesh.clone()),
            file: file.to_owned(),
            at: diagnosis.at,
            exit,
            words: format!(
                "{} of {} failed, {}",
                counts.failed,
                counted(counts.all(), "check"),
                counted(counts.warning, "warning")
            ),
            findings,
            checks: doctor_suites(diagnosis),
            numbers: vec![
                number("ok", counts.ok),
                number("failed", counts.failed),
                number("warning", counts.warning),
                number("unknown", counts.unknown),
                number("skipped", counts.skipped),
            ],
        }
    }
}

/// A cluster that could not be read.
pub(super) fn unread_finding(cluster: &str, error: &crate::cluster::Error) -> Finding {
    Finding {
        code: "cluster.unread".to_owned(),
        title: "a cluster could not be read".to_owned(),
        severity: Severity::Error,
        about: cluster.to_owned(),
        message: error.to_string(),
        help: error.kind.hint().map(str::to_owned),
        line: None,
    }
}

/// The links that the file asks for and that cannot be made yet.
fn waiting(plan: &Plan) -> impl Iterator<Item = Finding> {
    plan.left_alone.iter().filter_map(|left| {
        let Left::Link { to } = &left.what else { return None };
        Some(Finding {
            code: "plan.waiting".to_owned(),
            title: "a link cannot be made yet".to_owned(),
            severity: Severity::Warning,
            about: format!("{} -> {to}", left.cluster),
            message: format!("the link with {to} cannot be made yet: {}", left.reason),
            help: None,
            line: None,
        })
    })
}

/// A difference that a plan closes.
fn changed(line: &Line) -> Finding {
    let severity = if line.kind == Kind::Delete { Severity::Warning } else { Severity::Note };
    let sides = line.about.sides().map(|sides| format!(", {sides}")).unwrap_or_default();
    let reason = line.reason.as_ref().map(|reason| format!("; {reason}")).unwrap_or_default();
    Finding {
        code: format!("plan.{}", verb(line.kind)),
        title: format!("the plan would {}", verb(line.kind)),
        severity,
        about: line.about.words(),
        message: format!("{} {}{sides}{reason}", verb(line.kind), line.what),
        help: None,
        line: line.line,
    }
}

/// A case for every link and cluster of the plan: it is as the file says, or what would be done.
fn checks(plan: &Plan, findings: &[Finding], lines: &[Line]) -> Vec<Suite> {
    let mut cases: Vec<Case> =
        findings.iter().filter(|finding| finding.severity == Severity::Error).map(Finding::failed_case).collect();
    cases.extend(waiting(plan).chain(lines.iter().map(changed)).map(|finding| finding.failed_case()));
    if cases.is_empty() {
        let note = brief::headline(plan);
        cases.push(Case::new("the clusters are as the file says", CaseResult::Passed { note }));
    }
    vec![Suite { name: "plan".to_owned(), cases }]
}

fn numbers(plan: &Plan) -> Vec<Number> {
    let summary = &plan.summary;
    let changes = [
        ("create", summary.create),
        ("change", summary.change),
        ("replace", summary.replace),
        ("delete", summary.delete),
        ("resync", summary.resync),
        ("set", summary.set),
        ("start", summary.start),
    ];
    let plain = |name, help, value: usize| Number { name, help, labels: Vec::new(), value: value as f64 };
    let mut numbers: Vec<Number> = changes
        .into_iter()
        .map(|(kind, value)| Number {
            name: "plan_changes",
            help: "Differences between the mesh file and the clusters",
            labels: vec![("kind", kind.to_owned())],
            value: value as f64,
        })
        .collect();
    numbers.push(plain("plan_links", "Links that the mesh file asks for", summary.links));
    numbers.push(plain("plan_clusters", "Clusters of the mesh", summary.clusters));
    numbers.push(plain("plan_unread_clusters", "Clusters that could not be read", plan.unread.len()));
    numbers.push(plain("plan_restarts_at_most", "XCP Router restarts of the plan at most", summary.restarts_at_most));
    numbers
}

/// What a mesh file's check found, without the text that it is about.
pub fn of_mesh_finding(finding: &mesh::Finding) -> Finding {
    Finding {
        code: finding.code.to_owned(),
        title: finding.title().to_owned(),
        severity: match finding.severity {
            mesh::Severity::Error => Severity::Error,
            mesh::Severity::Warning => Severity::Warning,
            mesh::Severity::Advice => Severity::Note,
        },
        about: "mesh file".to_owned(),
        message: finding.message.clone(),
        help: finding.help.clone(),
        line: Some(finding.start.line),
    }
}

/// The clusters that are in a mesh, as numbers: whether each could be read.
pub fn readable(mesh: &Mesh, is_read: impl Fn(&mesh::ClusterName) -> bool) -> Vec<Number> {
    let present = mesh.clusters.iter().filter(|cluster| cluster.state == mesh::State::Present);
    present
        .map(|cluster| Number {
            name: "cluster_readable",
            help: "Whether the cluster could be read",
            labels: vec![("cluster", cluster.name.to_string())],
            value: f64::from(u8::from(is_read(&cluster.name))),
        })
        .collect()
}
