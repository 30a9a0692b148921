//! The laws of a run, told by the world, the store and the account; never by what the executor says of itself alone.

use std::collections::BTreeMap;

use futures::TryStreamExt;
use intermesh::apply::Account;
use intermesh::lab::world::{Effect, Write};
use intermesh::plan::Plan;
use intermesh::plan::step::Action;
use intermesh::store::{RunId, Store};
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt};
use secrecy::ExposeSecret;

use crate::stage::Stage;
use crate::support::Bench;

/// Every step once, in the plan's order, and numbers that add up to it.
pub fn account_adds_up(stage: &Stage, plan: &Plan, account: &Account) {
    let totals = account.totals();
    let sum = totals.done + totals.nothing_to_do + totals.failed + totals.unknown + totals.skipped + totals.not_tried;
    let same = account.steps.iter().map(|(id, _)| id).eq(plan.steps.iter().map(|step| &step.id));
    if sum != plan.steps.len() || !same {
        stage.broken(format!("the account has {sum} of {} steps: {totals:?}", plan.steps.len()));
    }
}

/// The journal can be read, is of the plan, and says the same as the account where there is one.
pub async fn journal_tells(stage: &Stage, store: &Store, run: &RunId, plan: &Plan, account: Option<&Account>) {
    let state = match store.run("test", run).await {
        Ok(state) => state,
        Err(error) => return stage.broken(format!("the journal cannot be read: {error}")),
    };
    if !state.strangers(plan).is_empty() {
        stage.broken("the journal has steps that the plan has not".into());
    }
    let told = state.totals();
    let sum = told.done + told.nothing_to_do + told.failed + told.unknown + told.skipped + told.begun + told.not_tried;
    if sum != plan.steps.len() {
        stage.broken(format!("the journal has {sum} of {} steps: {told:?}", plan.steps.len()));
    }
    if let Some(account) = account.filter(|account| account.halted.is_none()) {
        let own = account.totals();
        let same = (told.done, told.nothing_to_do) == (own.done, own.nothing_to_do);
        if !same {
            stage.broken(format!("the journal says {told:?}, the account {own:?}"));
        }
    }
}

/// No order that does harm took effect more often than the plan has steps for it, sittings and lost answers or not. What came
/// of a restart in an earlier sitting is told by times, so it can be told only where the clocks of the two agree as much as
/// leases need it.
pub fn nothing_twice(stage: &Stage, bench: &Bench, plan: &Plan, from: usize, clocks_agree: bool) {
    let mut allowed: BTreeMap<String, usize> = BTreeMap::new();
    for step in &plan.steps {
        let key = match &step.action {
            Action::Restart { node, service, .. } => format!("restart {service} on {node}"),
            Action::AddPeer { address, .. } => format!("add {address} on {}", step.cluster),
            Action::DeletePeer { address } => format!("delete {address} on {}", step.cluster),
            _ => continue,
        };
        *allowed.entry(key).or_default() += 1;
    }
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    let by_hand = stage.lock().accidents.clone();
    for (at, write) in bench.lab.writes().iter().enumerate().skip(from) {
        if let Some(key) = key(write).filter(|_| !by_hand.contains(&at)) {
            *found.entry(key).or_default() += 1;
        }
    }
    let touched = stage.lock().touched.clone();
    for (key, times) in found {
        let most = allowed.get(&key).copied().unwrap_or(0);
        let told = clocks_agree || !key.starts_with("restart");
        if times > most && told && !touched.iter().any(|name| key.contains(name.as_str())) {
            stage.broken(format!("`{key}` took effect {times} times; the plan has {most}"));
        }
    }
}

fn key(write: &Write) -> Option<String> {
    let on = &write.cluster;
    match &write.effect {
        Effect::Restart(service) => Some(format!("restart {service} on {}", write.node.as_ref()?)),
        Effect::AddPeer { address } => Some(format!("add {address} on {on}")),
        Effect::DeletePeer { address } => Some(format!("delete {address} on {on}")),
        _ => None,
    }
}

/// What the watcher of the plan's promises saw, but for what an accident did.
pub fn promises(stage: &Stage, broken: Vec<String>) {
    let touched = stage.lock().touched.clone();
    for what in broken {
        if !touched.iter().any(|name| what.contains(name.as_str())) {
            stage.broken(what);
        }
    }
}

/// No secret is in any object of the store, nor in any text.
pub async fn no_secret(stage: &Stage, bench: &Bench, objects: &InMemory, texts: &[String]) {
    let secrets: Vec<String> = {
        let world = bench.lab.world();
        let accounts =
            world.spec().clusters.iter().flat_map(|c| c.accounts.iter().map(|a| &a.account).chain(&c.platform));
        accounts.map(|account| account.password.expose_secret().to_owned()).collect()
    };
    let leaks = |text: &str| secrets.iter().any(|secret| text.contains(secret.as_str()));
    if texts.iter().any(|text| leaks(text)) {
        stage.broken("a secret is in what is told".into());
    }
    let all: Vec<_> = objects.list(None).try_collect().await.unwrap();
    for meta in all {
        let bytes = objects.get(&meta.location).await.unwrap().bytes().await.unwrap();
        if leaks(&String::from_utf8_lossy(&bytes)) {
            stage.broken(format!("a secret is in {}", meta.location));
        }
    }
}
