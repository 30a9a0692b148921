//! Diagnostics > System Troubleshooter: the key, then a table per section (field-notes 1.7).

use serde::Serialize;

use crate::cluster::Outcome;
use crate::lab::servers::pages::icons::Icon;
use crate::lab::servers::pages::page::Page;
use crate::lab::servers::pages::reply::Reply;
use crate::lab::servers::pages::visit::Visit;

#[derive(Serialize)]
struct Results {
    keys: Vec<Key>,
    sections: Vec<Section>,
}

#[derive(Serialize)]
struct Key {
    icon: String,
    alt: &'static str,
    text: &'static str,
}

#[derive(Serialize)]
struct Section {
    title: String,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    test: String,
    icon: String,
    alt: &'static str,
    problem: String,
    solution: String,
    fix: Option<String>,
}

/// The rows of the key, word for word.
const KEY: [(Outcome, &str); 4] = [
    (Outcome::Passed, "Test Passed"),
    (Outcome::Failed, "Test Failed"),
    (Outcome::Warning, "Test Warning (indicates possible configuration issue)"),
    (Outcome::Information, "Information Only"),
];

pub(super) fn reply(visit: &Visit<'_>) -> Reply {
    let mut sections: Vec<Section> = Vec::new();
    let checks = visit.world().troubleshooter(visit.cluster());
    for check in checks {
        let fix = fix(visit, &check.section).filter(|_| check.outcome != Outcome::Passed);
        let row = Row {
            test: check.test,
            icon: Icon::of(check.outcome).url(visit.app),
            alt: alt(check.outcome),
            problem: check.problem,
            solution: check.solution,
            fix,
        };
        match sections.iter_mut().find(|s| s.title == check.section) {
            Some(section) => section.rows.push(row),
            None => sections.push(Section { title: check.section, rows: vec![row] }),
        }
    }
    let key = |(outcome, text)| Key { icon: Icon::of(outcome).url(visit.app), alt: alt(outcome), text };
    let values = Results { keys: KEY.into_iter().map(key).collect(), sections };
    Reply::page(Page::Troubleshooter, "troubleshooter.html", values, None)
}

/// Where the `fix` link of a section leads.
fn fix(visit: &Visit<'_>, section: &str) -> Option<String> {
    match section {
        "Inter-Clustering Troubleshooter" => Some(visit.url(Page::Peers)),
        "Topology Troubleshooter" => Some(visit.url(Page::Topology)),
        _ => None,
    }
}

/// The words of the key without what is in parentheses.
fn alt(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "Test Passed",
        Outcome::Failed | Outcome::Unclear => "Test Failed",
        Outcome::Warning => "Test Warning",
        Outcome::Information => "Information Only",
    }
}
