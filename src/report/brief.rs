//! What a plan comes to, in a few lines: how much of what, in how many rounds, who notices, and how long it takes.

use super::lines::names;
use super::words::{counted, duration, number, when};
use crate::mesh::{Batch, Window};
use crate::plan::{Estimate, LeftOut, Plan, Rollback, Summary, skipped_checks};

/// One line of the brief.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is about, in one word.
    pub about: &'static str,
    /// What there is to say.
    pub words: String,
}

/// The mesh and its size.
pub fn headline(plan: &Plan) -> String {
    let Summary { clusters, links, .. } = &plan.summary;
    format!("mesh {}: {}, {}", plan.mesh.metadata.name, counted(*clusters, "cluster"), counted(*links, "link"))
}

/// What a plan without changes says; none where there are changes.
pub fn nothing(plan: &Plan) -> Option<&'static str> {
    if !plan.changes.is_empty() {
        return None;
    }
    Some(match (plan.unread.is_empty(), plan.refusals.is_empty()) {
        (true, true) if plan.rollback.is_some() => "nothing to take back",
        (true, true) if plan.summary.held_back > 0 => "nothing that could be done yet",
        (true, true) => "nothing to do: the clusters are as the file says",
        (true, false) => "nothing that could be done",
        (false, _) => "nothing to do with what could be read",
    })
}

/// What the plan comes to; empty where there is nothing to do.
pub fn facts(plan: &Plan) -> Vec<Fact> {
    let Summary {
        clusters: _,
        links: _,
        create,
        change,
        replace,
        delete,
        resync,
        set,
        held_back,
        ignored,
        start,
        rounds,
        restarts_at_most,
        restarts_certain,
        restarts_by_hand,
        users_touched_at_most,
    } = plan.summary;
    let mut facts = Vec::new();
    let mut say = |about: &'static str, words: String| facts.push(Fact { about, words });
    if let Some(Rollback { run, to }) = &plan.rollback {
        say("rollback", format!("of run {run}, to what it found at {}; nothing that came after it", when(*to)));
    }
    if !plan.changes.is_empty() {
        let counts = [
            (delete, "peer", "delete"),
            (replace, "peer", "replace"),
            (change, "peer", "change"),
            (create, "peer", "add"),
            (resync, "peer", "resync"),
            (set, "service parameter", "set"),
            (start, "service", "start"),
        ];
        let told = counts.into_iter().filter(|(n, _, _)| *n > 0);
        let mut changes: Vec<String> = told.map(|(n, noun, verb)| format!("{} to {verb}", counted(n, noun))).collect();
        if changes.is_empty() {
            changes.push("restarts that a notification asks for".to_owned());
        }
        say("changes", changes.join(", "));
    }
    if rounds > 0 {
        let together = if rounds == 1 { "" } else { "; the links of a round sync at the same time" };
        say("rounds", format!("{}{together}", number(rounds)));
    }
    if let Some(words) = restarts(restarts_at_most, restarts_certain, restarts_by_hand) {
        say("restarts", words);
    }
    if let Some(words) = canary(plan) {
        say("first", words);
    }
    if plan.mesh.policy.xcp_restart.batch == Batch::Once && restarts_by_hand > restarts_at_most {
        // said where it is relied on
        let words = "one restart per node, after its cluster's last link, is enough; \
                     `policy.xcp_restart.batch: per-link` keeps to the guide's letter";
        say("inferred", words.to_owned());
    }
    if users_touched_at_most > 0 {
        let users = counted(usize::try_from(users_touched_at_most).unwrap_or(usize::MAX), "user");
        say("users", format!("at most {users} lose presence while their node's router restarts"));
    }
    if let Some(words) = time(&plan.estimate) {
        say("time", words);
    }
    if let Some(window) = plan.mesh.policy.window.as_ref().filter(|_| !plan.changes.is_empty()) {
        say("window", format!("{}; no write begins that may not end in it", window_words(window)));
    }
    if held_back > 0 {
        say("waiting", format!("{} that cannot be made yet, see below", counted(held_back, "link")));
    }
    if ignored > 0 {
        say("ignored", format!("{} that the file does not ask for", counted(ignored, "peer")));
    }
    if let Some(LeftOut { targets, changes, clusters }) = &plan.left_out {
        let rest = match changes {
            0 => "nothing is left out".to_owned(),
            n => format!("{} left out, on {}", counted(*n, "change"), names(clusters)),
        };
        say("only", format!("{}; {rest}", targets.join(", ")));
    }
    if create > 0 {
        skipped_checks(&plan.mesh).iter().for_each(|skipped| say("skipped", skipped.to_string()));
    }
    facts
}

fn time(estimate: &Estimate) -> Option<String> {
    let Estimate { steps: _, seconds, worst_seconds, by_hand_seconds } = estimate;
    if *seconds == 0 {
        return None;
    }
    let mut words = format!("about {}", duration(*seconds as f64));
    if worst_seconds > seconds {
        words += &format!(", {} if every wait takes as long as it may", duration(*worst_seconds as f64));
    }
    if by_hand_seconds > seconds {
        words += &format!("; by hand about {}", duration(*by_hand_seconds as f64));
    }
    Some(words)
}

/// A maintenance window in words.
pub fn window_words(window: &Window) -> String {
    let Window { days, from, to, zone } = window;
    let days: Vec<String> = days.iter().map(|day| format!("{day:?}")).collect();
    let days = if days.is_empty() { "every day".to_owned() } else { days.join(", ") };
    format!("{days} {from} to {to} {zone}")
}

/// The link that goes before the rest, and what that costs.
fn canary(plan: &Plan) -> Option<String> {
    let pair = plan.canary()?;
    let again = match plan.restarts_again() {
        0 => String::new(),
        n => format!("; {} of these restarts are second ones, after the rest", number(n)),
    };
    Some(format!("{pair} alone, restarts and verification included{again}"))
}

fn restarts(at_most: usize, certain: usize, by_hand: usize) -> Option<String> {
    let mut text = match (certain, at_most.saturating_sub(certain)) {
        (0, 0) => return None,
        (0, n) => format!("at most {}, only where the product asks for it", counted(n, "XCP Router restart")),
        (n, 0) => counted(n, "XCP Router restart"),
        (n, more) => {
            format!("{}, and up to {} where the product asks for it", counted(n, "XCP Router restart"), number(more))
        }
    };
    if by_hand > at_most {
        text += &format!("; by hand, one link after another: up to {}", number(by_hand));
    }
    Some(text)
}
