//! `plan --wire`: the requests that a plan's steps would send, per node. Nothing is sent for it.

use std::fmt::Write;

use crate::cluster::{Account, NewPeer, PeerEdit};
use crate::imp::wire::{Order, Sent, sent};
use crate::mesh::{CredentialName, Mesh};
use crate::plan::Plan;
use crate::plan::step::{Action, Condition, Step};
use crate::report::{DIM, EMPHASIS};

/// The requests of every step that writes, and the probes that send an account. What a step merely reads is in the plan's
/// own details (`-v`).
pub fn wire(plan: &Plan) -> String {
    let mut out = String::new();
    for step in &plan.steps {
        let probes = step.gates.iter().filter_map(|gate| probe(plan, gate));
        let shown: Vec<Sent> = probes.chain(order(plan, step)).collect();
        if shown.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{EMPHASIS}{}{EMPHASIS:#}  {}: {}", step.id, step.cluster, step.action);
        for sent in shown {
            show(&mut out, &sent);
        }
        out.push('\n');
    }
    if out.is_empty() {
        out.push_str("nothing would be sent: there is nothing to do\n");
    }
    out
}

fn show(out: &mut String, sent: &Sent) {
    match sent {
        Sent::Soap { url, action, body } => {
            let _ = writeln!(out, "  POST {url}\n  SOAPAction: \"{action}\"\n  Authorization: {DIM}masked{DIM:#}");
            for line in body.lines() {
                let _ = writeln!(out, "    {line}");
            }
        }
        Sent::Pages(lines) => {
            for (i, line) in lines.iter().enumerate() {
                let indent = if i == 0 { "  " } else { "    " };
                let _ = writeln!(out, "{indent}{line}");
            }
        }
        Sent::Nothing(why) => {
            let _ = writeln!(out, "  {DIM}{why}{DIM:#}");
        }
    }
}

fn probe(plan: &Plan, gate: &Condition) -> Option<Sent> {
    match gate {
        Condition::ProbeAnswered { cluster, .. } => {
            Some(sent(&Order::Probe, &plan.mesh.cluster(cluster)?.publisher, None))
        }
        _ => None,
    }
}

fn order(plan: &Plan, step: &Step) -> Option<Sent> {
    let mesh = &plan.mesh;
    let cluster = mesh.cluster(&step.cluster)?;
    let unified_cm = cluster.unified_cm.as_ref().and_then(|name| mesh.unified_cms.get(name)).map(|u| &u.publisher);
    let shown = |order: Order<'_>| Some(sent(&order, &cluster.publisher, unified_cm));
    match &step.action {
        Action::Activate { node, service } => shown(Order::Activate { node, service }),
        Action::Start { node, service } => shown(Order::Start { node, service }),
        Action::Restart { node, service, .. } => shown(Order::Restart { node, service }),
        Action::AddPeer { address, account: credential, protocol, .. } => {
            let account = account(mesh, credential);
            shown(Order::AddPeer(&NewPeer { address: address.clone(), account, protocol: *protocol }))
        }
        Action::EditPeer { address, protocol, account: credential, .. } => {
            let account = credential.as_ref().map(|credential| account(mesh, credential));
            shown(Order::UpdatePeer { address, edit: &PeerEdit { account, protocol: *protocol } })
        }
        Action::DeletePeer { address } => shown(Order::DeletePeer(address)),
        Action::ForceSync { address, certificates, .. } => {
            shown(Order::ForceSync { address, certificates: *certificates })
        }
        Action::SetParameter { node, service, label, value } => {
            shown(Order::SetParameter { node, service, label, value })
        }
        Action::SetHighAvailability { group, enabled } => {
            shown(Order::SetHighAvailability { group, enabled: *enabled })
        }
        Action::AwaitSync { .. } | Action::Settle { .. } | Action::Verify { .. } => None,
    }
}

/// The user name of a credential. Its password is not asked for: nothing is sent.
fn account(mesh: &Mesh, name: &CredentialName) -> Account {
    let username = mesh.credentials.get(name).map(|credential| credential.username.clone()).unwrap_or_default();
    Account { username, password: String::new().into() }
}
