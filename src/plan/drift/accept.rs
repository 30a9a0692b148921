//! Drift that the file accepts, and acceptances that have run out.

use jiff::civil::Date;

use super::Case;
use super::finding::{Accepted, Finding, Other, Place};
use crate::cluster::same_label;
use crate::mesh::{Acceptance, DriftCode, NodeName};

/// Takes the accepted findings out. An acceptance that has run out accepts nothing, and is told where it would accept
/// something.
pub(super) fn sort_out(case: &Case<'_>, findings: Vec<Finding>) -> (Vec<Finding>, Vec<Accepted>) {
    let today = case.judging.today;
    let ran_out = |acceptance: &&Acceptance| last_day(acceptance).is_some_and(|day| day < today);
    let mut open = Vec::new();
    let mut accepted = Vec::new();
    let mut late: Vec<usize> = Vec::new();
    for finding in findings {
        let mut covering = case.mesh.accept.iter().enumerate().filter(|(_, a)| covers(a, &finding));
        let holds = covering.clone().find(|(_, a)| !ran_out(a));
        match holds {
            Some((at, Acceptance { reason, owner, until, .. })) => accepted.push(Accepted {
                finding,
                reason: reason.clone(),
                owner: owner.clone(),
                until: until.clone(),
                line: case.line(&format!("/accept/{at}")),
            }),
            None => {
                late.extend(covering.find(|(_, a)| ran_out(a)).map(|(at, _)| at));
                open.push(finding);
            }
        }
    }
    late.sort_unstable();
    late.dedup();
    open.extend(late.into_iter().map(|at| run_out(case, at)));
    open.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    (open, accepted)
}

fn last_day(acceptance: &Acceptance) -> Option<Date> {
    acceptance.until.as_deref()?.parse().ok()
}

/// Whether an acceptance means a finding: its code, and each place that it is limited to.
pub(super) fn covers(acceptance: &Acceptance, finding: &Finding) -> bool {
    let Acceptance { rule, cluster, peer, node, service, parameter, reason: _, owner: _, until: _ } = acceptance;
    let Place { cluster: at, peer: to, node: on, service: of, parameter: label } = &finding.place;
    let is_peer = |wanted: &String| {
        to.as_ref().is_some_and(|Other { cluster, address }| {
            cluster.as_ref().is_some_and(|name| name.as_str() == wanted)
                || address.same(&NodeName::from(wanted.as_str()))
        })
    };
    let same = |wanted: &String, found: &Option<String>| found.as_ref().is_some_and(|found| same_label(found, wanted));
    DriftCode::named(rule) == Some(finding.code)
        && cluster.as_ref().is_none_or(|wanted| wanted == at)
        && peer.as_ref().is_none_or(is_peer)
        && node.as_ref().is_none_or(|wanted| on.as_ref().is_some_and(|found| found.same(wanted)))
        && service.as_ref().is_none_or(|wanted| same(wanted, of))
        && parameter.as_ref().is_none_or(|wanted| same(wanted, label))
}

fn run_out(case: &Case<'_>, at: usize) -> Finding {
    let acceptance = &case.mesh.accept[at];
    let until = acceptance.until.clone().unwrap_or_default();
    let rule = &acceptance.rule;
    let owner = acceptance.owner.as_ref().map(|owner| format!(" by {owner}")).unwrap_or_default();
    let cluster = acceptance.cluster.clone().unwrap_or_default();
    Finding {
        code: DriftCode::AcceptanceRanOut,
        severity: DriftCode::AcceptanceRanOut.severity(),
        // neither the file nor the world has moved: the day has come
        label: None,
        place: Place::of(&cluster),
        what: format!("{rule} was accepted{owner} until {until} ({}), and is there again", acceptance.reason),
        since: Some(until),
        line: case.line(&format!("/accept/{at}")),
        fix: "Mend what was accepted and remove the entry, or have its owner set a later day.".to_owned(),
        affects: Vec::new(),
        seen_as: Vec::new(),
    }
}
