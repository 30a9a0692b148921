//! The steps of a long plan, folded: what is said of many is said once, with an example, and below it which cluster
//! does it where, under which numbers.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::mesh::ClusterName;
use crate::mesh::topology::Pair;
use crate::plan::Plan;
use crate::plan::step::{Action, SettleFor, Step, StepId, When};
use crate::report::steps::details;
use crate::report::words::{counted, duration};

/// Steps that do the same.
#[derive(Serialize)]
pub struct Kind {
    what: String,
    count: usize,
    time: Option<String>,
    /// One of them, in its own words.
    example: String,
    details: Vec<String>,
    /// A cluster, and where it does it.
    rows: Vec<[String; 2]>,
}

/// A round.
#[derive(Serialize)]
pub struct Round {
    number: usize,
    time: Option<String>,
    links: String,
}

/// The kinds of steps, in the order in which they first come.
pub fn kinds(plan: &Plan) -> Vec<Kind> {
    let numbers: HashMap<&StepId, usize> = plan.steps.iter().zip(1..).map(|(step, n)| (&step.id, n)).collect();
    let mut order: Vec<String> = Vec::new();
    let mut found: HashMap<String, Vec<&Step>> = HashMap::new();
    for step in &plan.steps {
        let (what, _) = told(&step.action);
        if !found.contains_key(&what) {
            order.push(what.clone());
        }
        found.entry(what).or_default().push(step);
    }
    let kind = |what: String| {
        let steps = found.remove(&what).unwrap_or_default();
        let first = steps.first()?;
        let number = |step: &Step| numbers.get(&step.id).copied().unwrap_or(0);
        let mut rows: Vec<(&ClusterName, Vec<String>)> = Vec::new();
        for step in &steps {
            let (_, whereto) = told(&step.action);
            let entry = [whereto, format!("#{}", number(step))].join(" ").trim_start().to_owned();
            match rows.iter_mut().find(|(cluster, _)| **cluster == step.cluster) {
                Some((_, entries)) => entries.push(entry),
                None => rows.push((&step.cluster, vec![entry])),
            }
        }
        Some(Kind {
            what,
            count: steps.len(),
            time: span(plan, steps.iter().copied()),
            example: format!("#{}, {}: {}", number(first), first.cluster, first.action),
            details: details(first, &numbers),
            rows: rows.into_iter().map(|(cluster, entries)| [cluster.to_string(), entries.join(", ")]).collect(),
        })
    };
    order.into_iter().filter_map(kind).collect()
}

/// The rounds, with their links and their time.
pub fn rounds(plan: &Plan) -> Vec<Round> {
    let mut of_round: BTreeMap<usize, Vec<&Step>> = BTreeMap::new();
    for step in plan.steps.iter().filter(|step| !matches!(step.action, Action::Verify { .. })) {
        if let Some(round) = step.round {
            of_round.entry(round as usize).or_default().push(step);
        }
    }
    let round = |(links, number): (&Vec<Pair>, usize)| Round {
        number,
        time: of_round.get(&number).and_then(|steps| span(plan, steps.iter().copied())),
        links: links.iter().map(|pair| format!("{} ↔ {}", pair.a(), pair.b())).collect::<Vec<_>>().join(", "),
    };
    plan.rounds.iter().zip(1..).map(round).collect()
}

fn span<'a>(plan: &Plan, steps: impl Iterator<Item = &'a Step>) -> Option<String> {
    let times = steps.filter_map(|step| plan.estimate.steps.get(&step.id));
    let (start, end) = times.fold(None, |span: Option<(u64, u64)>, time| {
        let (start, end) = span.unwrap_or((time.start, time.end));
        Some((start.min(time.start), end.max(time.end)))
    })?;
    Some(format!("{} to {}", duration(start as f64), duration(end as f64)))
}

/// What an action does, and where: a node, the other side of a link, a redundancy group.
fn told(action: &Action) -> (String, String) {
    match action {
        Action::Activate { node, service } => (format!("activate {service}"), node.to_string()),
        Action::Start { node, service } => (format!("start {service}"), node.to_string()),
        Action::AddPeer { address: _, to, account: _, protocol } => {
            (format!("add a peer with {protocol}, for the cluster"), to.to_string())
        }
        Action::EditPeer { address: _, to, protocol, account } => {
            let protocol = protocol.map(|protocol| format!("Protocol to {protocol}"));
            let account = account.as_ref().map(|_| "the account".to_owned());
            let what: Vec<String> = protocol.into_iter().chain(account).collect();
            (format!("set {} of the peer for the cluster", what.join(" and ")), to.to_string())
        }
        Action::DeletePeer { address } => ("delete the peer".into(), address.to_string()),
        Action::ForceSync { address: _, to, certificates } => {
            let too = if *certificates { ", its Tomcat certificates too" } else { "" };
            (format!("force a sync{too}, with the cluster"), to.to_string())
        }
        Action::SetParameter { node, service, label, value } => {
            (format!("set `{label}` of {service} to {value}"), node.to_string())
        }
        Action::SetHighAvailability { group, enabled } => {
            let how = if *enabled { "on" } else { "off" };
            (format!("switch High Availability {how}"), group.clone())
        }
        Action::AwaitSync { address: _, to } => ("wait for the initial sync with the cluster".into(), to.to_string()),
        Action::Settle { seconds, what } => {
            let what = match what {
                SettleFor::Notifications => "for notifications",
                SettleFor::HighAvailability => "after High Availability was switched off",
            };
            (
                format!("wait {} {what}", counted(usize::try_from(*seconds).unwrap_or(usize::MAX), "second")),
                String::new(),
            )
        }
        Action::Restart { node, service, when } => {
            let when = match when {
                When::Asked => " if a notification asks for it",
                When::Always => "",
            };
            (format!("restart {service}{when}"), node.to_string())
        }
        Action::Verify { address: _, to } => ("verify the peer for the cluster".into(), to.to_string()),
    }
}
