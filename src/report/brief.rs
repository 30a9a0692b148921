//! What a plan comes to, in a few lines: how much of what, in how many rounds, who notices, and how long it takes.

use super::words::{counted, number};
use crate::plan::{Plan, Summary};

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
        delete,
        start,
        rounds,
        restarts_at_most,
        restarts_certain,
        restarts_by_hand,
    } = plan.summary;
    if plan.changes.is_empty() {
        return Vec::new();
    }
    let counts =
        [(create, "peer", "add"), (change, "peer", "change"), (delete, "peer", "delete"), (start, "service", "start")];
    let told = counts.into_iter().filter(|(n, _, _)| *n > 0);
    let mut changes: Vec<String> = told.map(|(n, noun, verb)| format!("{} to {verb}", counted(n, noun))).collect();
    if changes.is_empty() {
        changes.push("restarts that a notification asks for".to_owned());
    }
    let mut facts = vec![Fact { about: "changes", words: changes.join(", ") }];
    if rounds > 0 {
        let together = if rounds == 1 { "" } else { "; the links of a round sync at the same time" };
        facts.push(Fact { about: "rounds", words: format!("{}{together}", counted(rounds, "round")) });
    }
    if let Some(words) = restarts(restarts_at_most, restarts_certain, restarts_by_hand) {
        facts.push(Fact { about: "restarts", words });
    }
    facts
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
