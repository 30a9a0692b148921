//! Findings that are known: `accept` in the mesh file, each with a reason, and perhaps a last day.

use jiff::civil::Date;

use super::drift_code::DriftCode;
use super::finding::{Finding, Severity};
use super::locations::Locations;
use super::meant::{closest, listed};
use super::model::{Acceptance, Mesh};
use super::report::Report;
use super::rules::{self, rules};

/// A finding that the file accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The finding.
    pub finding: Finding,
    /// Which entry of `accept` covers it.
    pub acceptance: usize,
}

/// Takes the accepted findings out, and adds what is wrong with the acceptances themselves.
pub(super) fn sort_out(
    mesh: &Mesh,
    locations: &Locations,
    findings: Vec<Finding>,
    today: Date,
) -> (Vec<Finding>, Vec<Accepted>) {
    let mut report = Report::new(locations);
    let mut holds = vec![false; mesh.accept.len()];
    for (index, acceptance) in mesh.accept.iter().enumerate() {
        holds[index] = judge(mesh, index, acceptance, &findings, today, &mut report);
    }
    let mut accepted = Vec::new();
    for finding in findings {
        let covers = |(index, a): (usize, &Acceptance)| (holds[index] && a.rule == finding.code).then_some(index);
        match mesh.accept.iter().enumerate().find_map(covers) {
            Some(acceptance) if finding.severity != Severity::Error => accepted.push(Accepted { finding, acceptance }),
            _ => report.add(finding),
        }
    }
    (report.finish(), accepted)
}

/// Whether an acceptance holds; what is wrong with it is reported.
fn judge(
    mesh: &Mesh,
    index: usize,
    acceptance: &Acceptance,
    findings: &[Finding],
    today: Date,
    report: &mut Report<'_>,
) -> bool {
    let pointer = format!("/accept/{index}");
    let code = acceptance.rule.as_str();
    let drift = DriftCode::named(code);
    let of_findings = drift.is_none();
    let rule = rules::rule(code);
    if of_findings && rule.is_none() {
        let message = format!("`{code}` is neither a rule nor a kind of drift");
        let mut finding = report.at_value("IM060", &format!("{pointer}/rule"), message, "not known");
        let found = findings.iter().filter(|f| f.severity != Severity::Error).map(|f| f.code);
        let known = rules().iter().map(|r| r.code).chain(DriftCode::all().map(DriftCode::code));
        let meant = closest(code, found).or_else(|| closest(code, known));
        finding.help = Some(match meant {
            Some(meant) => format!("did you mean `{meant}`? `intermesh explain --list` lists the rules"),
            None => "`intermesh explain --list` lists the rules".to_owned(),
        });
        report.add(finding);
        return false;
    }
    if !limits(mesh, &pointer, acceptance, drift, report) {
        return false;
    }
    let last_day = match acceptance.until.as_deref().map(|text| (text, text.parse::<Date>())) {
        Some((text, Err(_))) => {
            let message = format!("`{text}` is not a day");
            let mut finding = report.at_value("IM063", &format!("{pointer}/until"), message, "not a day");
            finding.help = Some("write it as `YYYY-MM-DD`, such as `2027-06-30`".to_owned());
            report.add(finding);
            return false;
        }
        Some((_, Ok(day))) => Some(day),
        None => None,
    };
    if let Some(day) = last_day.filter(|day| *day < today) {
        let message = format!("the acceptance of {code} ran out on {day}");
        let mut finding = report.at_value("IM062", &format!("{pointer}/until"), message, "this day has passed");
        let owner = acceptance.owner.as_ref().map_or(String::new(), |owner| format!(", which is for `{owner}` to say"));
        finding.help = Some(format!("set a later day{owner}, or repair what was accepted and remove the entry"));
        report.add(finding);
        return false;
    }
    if of_findings && !findings.iter().any(|f| f.code == code && f.severity != Severity::Error) {
        let is_error = rule.is_some_and(|rule| rule.severity == Severity::Error);
        let (message, help) = if is_error {
            (format!("{code} is an error and cannot be accepted"), "repair what it reports, and remove the entry")
        } else {
            (format!("nothing is accepted here: there is no finding of {code}"), "remove the entry")
        };
        let mut finding = report.at_value("IM061", &format!("{pointer}/rule"), message, "matches nothing");
        finding.help = Some(help.to_owned());
        report.add(finding);
        return false;
    }
    true
}

/// Whether the places that an acceptance is limited to can be: those of drift, on clusters that there are.
fn limits(
    mesh: &Mesh,
    pointer: &str,
    acceptance: &Acceptance,
    drift: Option<DriftCode>,
    report: &mut Report<'_>,
) -> bool {
    let Acceptance { rule, cluster, peer, node, service, parameter, reason: _, owner: _, until: _ } = acceptance;
    let given = [
        ("cluster", cluster.is_some()),
        ("peer", peer.is_some()),
        ("node", node.is_some()),
        ("service", service.is_some()),
        ("parameter", parameter.is_some()),
    ];
    if drift.is_none()
        && let Some((key, _)) = given.iter().find(|(_, given)| *given)
    {
        let message = format!("{rule} is accepted for the whole file, not for one {key}");
        let mut finding = report.at_key("IM064", &format!("{pointer}/{key}"), message, "limits nothing");
        finding.help = Some(format!("remove `{key}`; only drift, such as DR002, is accepted place by place"));
        report.add(finding);
        return false;
    }
    let Some(name) = cluster.as_ref().filter(|name| mesh.cluster(name).is_none()) else { return true };
    let message = format!("there is no cluster `{name}`, so this accepts nothing");
    let mut finding = report.at_value("IM064", &format!("{pointer}/cluster"), message, "not known");
    let names = mesh.clusters.iter().map(|c| c.name.as_str());
    finding.help = Some(match closest(name.as_str(), names.clone()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the clusters are {}", listed(names)),
    });
    report.add(finding);
    false
}
