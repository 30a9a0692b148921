//! A plan as text: what it comes to, one line a change, and on wish every step.

use std::fmt::Write;

use super::words::{BAD, DIM, EMPHASIS, NOTE, counted, number, style};
use crate::mesh::{Cluster, State};
use crate::plan::change::{Change, Left, LeftAlone, What};
use crate::plan::step::Need;
use crate::plan::{LeftOut, Plan, Summary};

/// The plan: summary first, then the changes by cluster, then what keeps it from being applied.
pub fn plan(plan: &Plan) -> String {
    let mut out = String::new();
    headline(&mut out, plan);
    if !plan.changes.is_empty() {
        out.push('\n');
        for cluster in &plan.mesh.clusters {
            changes_of(&mut out, plan, cluster);
        }
        legend(&mut out);
    }
    left_alone(&mut out, plan);
    left_out(&mut out, plan);
    unread(&mut out, plan);
    for refusal in &plan.refusals {
        let _ = writeln!(out, "\n{BAD}refused by {}{BAD:#}: {}\n  {}", refusal.guard, refusal.why, refusal.how);
    }
    if !plan.stage.last {
        let repaired = names(&plan.stage.repairs);
        let waiting = match plan.stage.waiting {
            0 => String::new(),
            n => format!(" {} that are known already wait for it.", counted(n, "change")),
        };
        let _ = writeln!(
            out,
            "\n{NOTE}stage one only{NOTE:#}: {repaired} must be repaired before all of it can be read.{waiting}\n  \
             `intermesh apply MESH` plans again then, and goes on by itself."
        );
    }
    out
}

fn headline(out: &mut String, plan: &Plan) {
    let s = &plan.summary;
    let size = format!("{}, {}", counted(s.clusters, "cluster"), counted(s.links, "link"));
    let _ = writeln!(out, "{EMPHASIS}mesh {}{EMPHASIS:#}: {size}", plan.mesh.metadata.name);
    if plan.changes.is_empty() {
        let text = match (plan.unread.is_empty(), plan.refusals.is_empty()) {
            (true, true) => "nothing to do: the clusters are as the file says",
            (true, false) => "nothing that could be done",
            (false, _) => "nothing to do with what could be read",
        };
        let _ = writeln!(out, "{text}");
        return;
    }
    let mut parts = Vec::new();
    let mut part = |n: usize, noun: &str, verb: &str| {
        if n > 0 {
            parts.push(format!("{} to {verb}", counted(n, noun)));
        }
    };
    part(s.create, "peer", "add");
    part(s.change, "peer", "change");
    part(s.delete, "peer", "delete");
    part(s.start, "service", "start");
    if parts.is_empty() {
        parts.push("restarts that a notification asks for".into());
    }
    let _ = writeln!(out, "{EMPHASIS}plan{EMPHASIS:#}: {}", parts.join(", "));
    if s.rounds > 0 {
        let together = if s.rounds == 1 { "" } else { "; the links of a round sync at the same time" };
        let _ = writeln!(out, "      {}{together}", counted(s.rounds, "round"));
    }
    if let Some(restarts) = restarts(s) {
        let _ = writeln!(out, "      {restarts}");
    }
}

fn restarts(s: &Summary) -> Option<String> {
    let Summary { restarts_at_most: at_most, restarts_certain: certain, restarts_by_hand: by_hand, .. } = *s;
    let mut text = match (certain, at_most - certain) {
        (0, 0) => return None,
        (0, n) => format!("at most {}, only where the product asks for it", counted(n, "XCP Router restart")),
        (n, 0) => counted(n, "XCP Router restart"),
        (n, more) => {
            format!("{}, and up to {} where the product asks for it", counted(n, "XCP Router restart"), number(more))
        }
    };
    if by_hand > at_most {
        text += &format!(" (one link after another by hand: up to {})", number(by_hand));
    }
    Some(text)
}

fn changes_of(out: &mut String, plan: &Plan, cluster: &Cluster) {
    let changes: Vec<&Change> = plan.changes.iter().filter(|c| c.cluster == cluster.name).collect();
    let state = match cluster.state {
        State::Present => "",
        State::Absent => ", absent",
        State::Gone => ", gone",
    };
    if changes.is_empty() {
        return;
    }
    let version = plan.snapshot.clusters.get(&cluster.name).and_then(|c| c.identity.read());
    let version = version.map(|identity| format!(", {}", identity.version)).unwrap_or_default();
    let (name, publisher) = (&cluster.name, &cluster.publisher);
    let _ = writeln!(out, "  {EMPHASIS}{name}{EMPHASIS:#}  {DIM}{publisher}{version}{state}{DIM:#}");
    for change in changes {
        let kind = change.what.kind();
        let color = style(kind);
        let line = change.line.map(|line| format!(", {}:{line}", plan.mesh_file)).unwrap_or_default();
        let what = super::change(&change.what);
        let mark = kind.mark();
        let reason = &change.reason;
        let _ = writeln!(out, "    {color}{mark} {what}{color:#}  {DIM}{reason}{line}{DIM:#}");
    }
}

/// What a plan for a part of the mesh leaves out: a part must not be taken for the whole.
fn left_out(out: &mut String, plan: &Plan) {
    let Some(LeftOut { targets, changes, clusters }) = &plan.left_out else { return };
    let rest = match changes {
        0 => "nothing is left out".to_owned(),
        n => format!("{} on {} left out", counted(*n, "change"), names(clusters)),
    };
    let _ = writeln!(out, "\n{NOTE}only {}{NOTE:#}: {rest}", targets.join(", "));
}

/// A change in words.
pub fn change(what: &What) -> String {
    match what {
        What::CreatePeer { address, to, protocol } => format!("add peer {address} ({to}), {}", protocol.word()),
        What::ChangePeer { address, to, before, after } => {
            format!("peer {address} ({to}): Protocol {} -> {}", before.word(), after.word())
        }
        What::DeletePeer { address, to: Some(to), protocol } => {
            format!("delete peer {address} ({to}), {}", protocol.word())
        }
        What::DeletePeer { address, to: None, protocol } => format!("delete peer {address}, {}", protocol.word()),
        What::Activate { node, service } => format!("activate {service} on {node}"),
        What::Start { node, service, before } => format!("start {service} on {node}, now {before}"),
        What::Restart { nodes } => format!("restart Cisco XCP Router on {}", names(nodes)),
    }
}

fn names<T: ToString>(names: &[T]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn legend(out: &mut String) {
    let _ = writeln!(out, "  {DIM}+ add   ~ change   - delete   > start   @ restart{DIM:#}");
}

fn left_alone(out: &mut String, plan: &Plan) {
    if plan.left_alone.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{EMPHASIS}left alone{EMPHASIS:#}");
    for LeftAlone { cluster, what, reason } in &plan.left_alone {
        let what = match what {
            Left::UnmanagedPeer { address, protocol } => format!("peer {address}, {}", protocol.word()),
            Left::Link { to } => format!("the link with {to}"),
            Left::Service { node, service } => format!("{service} on {node}"),
        };
        let _ = writeln!(out, "  {NOTE}? {cluster}: {what}{NOTE:#}  {DIM}{reason}{DIM:#}");
    }
}

fn unread(out: &mut String, plan: &Plan) {
    if plan.unread.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{BAD}not read{BAD:#}: nothing is planned on the strength of a failed read");
    for unread in &plan.unread {
        let _ = writeln!(out, "  {BAD}!{BAD:#} {}", unread.error);
        if let Some(hint) = unread.error.kind.hint() {
            let _ = writeln!(out, "    {DIM}{hint}{DIM:#}");
        }
    }
}

/// The steps, with what each waits for.
pub fn steps(plan: &Plan) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{EMPHASIS}steps{EMPHASIS:#}");
    for (i, step) in plan.steps.iter().enumerate() {
        let round = step.round.map(|r| format!(", round {r}")).unwrap_or_default();
        let _ = writeln!(out, "  {:>3}. {}: {}{DIM}{round}{DIM:#}", i + 1, step.cluster, step.action);
        let number = |id| plan.steps.iter().position(|s| s.id == id).map_or(0, |i| i + 1);
        let after: Vec<String> = (step.after.iter())
            .map(|a| match a.need {
                Need::Done => format!("{} is done", number(a.step.clone())),
                Need::Ended => format!("{} has ended", number(a.step.clone())),
            })
            .collect();
        if !after.is_empty() {
            let _ = writeln!(out, "       {DIM}after {}{DIM:#}", after.join(", "));
        }
        for gate in &step.gates {
            let _ = writeln!(out, "       {DIM}when {gate}{DIM:#}");
        }
        for until in &step.until {
            let _ = writeln!(out, "       {DIM}until {until}{DIM:#}");
        }
        let _ = writeln!(out, "       {DIM}{}; undo: {}{DIM:#}", step.reason, step.undo);
    }
    out
}
