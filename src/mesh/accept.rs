//! Findings that are known: `accept` in the mesh file, each with a reason, and perhaps a last day.

use jiff::civil::Date;

use super::finding::{Finding, Severity};
use super::locations::Locations;
use super::meant::closest;
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
        holds[index] = judge(index, acceptance, &findings, today, &mut report);
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
fn judge(index: usize, acceptance: &Acceptance, findings: &[Finding], today: Date, report: &mut Report<'_>) -> bool {
    let pointer = format!("/accept/{index}");
    let code = acceptance.rule.as_str();
    let of_findings = code.starts_with("IM");
    let rule = rules::rule(code);
    if of_findings && rule.is_none() {
        let message = format!("`{code}` is not a rule");
        let mut finding = report.at_value("IM060", &format!("{pointer}/rule"), message, "not known");
        let found = findings.iter().filter(|f| f.severity != Severity::Error).map(|f| f.code);
        let meant = closest(code, found).or_else(|| closest(code, rules().iter().map(|r| r.code)));
        finding.help = Some(match meant {
            Some(meant) => format!("did you mean `{meant}`? `intermesh explain --list` lists the rules"),
            None => "`intermesh explain --list` lists the rules".to_owned(),
        });
        report.add(finding);
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
