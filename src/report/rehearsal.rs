//! A rehearsal as text and as Markdown: how long, what users notice, whether it ends as planned.

use std::fmt::Write;

use super::words::{BAD, DIM, EMPHASIS, GOOD, NOTE, counted, number};
use crate::apply::{Outage, Outcome, Rehearsal, RouterRestart, Struck, Totals};
use crate::plan::Plan;

/// Lines of a list that are shown; the rest is counted.
const SHOWN: usize = 12;

/// The rehearsal for a terminal.
pub fn rehearsal(plan: &Plan, rehearsal: &Rehearsal) -> String {
    let mut out = String::new();
    let style = match (rehearsal.as_planned(), rehearsal.ends_in_sync()) {
        (true, _) => GOOD,
        (false, true) => NOTE,
        (false, false) => BAD,
    };
    let verdict = verdict(rehearsal);
    let _ = writeln!(
        out,
        "{EMPHASIS}rehearsal of mesh {}{EMPHASIS:#}: {style}{verdict}{style:#} after {}, in {}",
        plan.mesh.metadata.name,
        span(rehearsal.seconds),
        counted(rehearsal.runs.len(), "run"),
    );
    for sentence in sentences(rehearsal) {
        let _ = writeln!(out, "  {sentence}");
    }
    section(&mut out, "what went wrong on purpose", rehearsal.faults.iter().map(fault));
    section(&mut out, "what did not succeed", failures(plan, rehearsal));
    section(&mut out, "users without presence", rehearsal.outages.iter().map(outage));
    section(&mut out, "still to do at the end", rehearsal.left.iter().cloned());
    let _ = writeln!(out, "\n{DIM}{}{DIM:#}", caveat(rehearsal));
    out
}

/// The rehearsal for a change request.
pub fn rehearsal_markdown(plan: &Plan, rehearsal: &Rehearsal) -> String {
    let mut out = String::new();
    let verdict = match rehearsal.ends_in_sync() {
        true => verdict(rehearsal).to_owned(),
        false => format!("**{}**", verdict(rehearsal)),
    };
    let _ = writeln!(out, "## Rehearsal of mesh `{}`\n", plan.mesh.metadata.name);
    let _ = writeln!(out, "The plan {verdict} after {}.\n", span(rehearsal.seconds));
    for sentence in sentences(rehearsal) {
        let _ = writeln!(out, "- {sentence}");
    }
    listed(&mut out, "What went wrong on purpose", rehearsal.faults.iter().map(fault));
    listed(&mut out, "What did not succeed", failures(plan, rehearsal));
    listed(&mut out, "Users without presence", rehearsal.outages.iter().map(outage));
    listed(&mut out, "Restarts of the XCP Router", rehearsal.restarts.iter().map(restart));
    listed(&mut out, "Still to do at the end", rehearsal.left.iter().cloned());
    let _ = writeln!(
        out,
        "\n{}\nPlan fingerprint: `{}` to `{}`.",
        caveat(rehearsal),
        short(&plan.transition.now),
        short(&plan.transition.then)
    );
    out
}

/// How it ends, in words.
pub(super) fn verdict(rehearsal: &Rehearsal) -> &'static str {
    match (rehearsal.as_planned(), rehearsal.ends_in_sync()) {
        (true, _) => "ends as planned",
        (false, true) => "ends in sync, but not in one go",
        (false, false) => "does not end in sync",
    }
}

fn sentences(rehearsal: &Rehearsal) -> Vec<String> {
    let Rehearsal { runs, restarts, outages, .. } = rehearsal;
    let mut sentences = Vec::new();
    for (i, run) in runs.iter().enumerate() {
        let Totals { done, nothing_to_do, failed, unknown, skipped, not_tried } = run.totals;
        let open = failed + unknown + skipped + not_tried;
        let which = if i == 0 { "the plan".to_owned() } else { format!("planned again, {}", i) };
        let steps = counted(run.account.steps.len(), "step");
        let rest = match open {
            0 => String::new(),
            _ => format!(", {failed} failed, {unknown} unknown, {skipped} skipped, {not_tried} not tried"),
        };
        sentences.push(format!("{which}: {steps}, {done} done, {nothing_to_do} needed nothing{rest}"));
    }
    let touched: u64 = restarts.iter().map(|restart| restart.users).sum();
    sentences.push(match restarts.len() {
        0 => "no XCP Router restarts".to_owned(),
        n => format!("{}; the nodes have {} users", counted(n, "XCP Router restart"), many(touched)),
    });
    let minutes: u64 = outages.iter().map(|o| o.users * (o.to - o.from)).sum::<u64>() / 60;
    let longest = outages.iter().map(|o| o.to - o.from).max();
    sentences.push(match longest {
        None => "nobody is without presence".to_owned(),
        Some(longest) => {
            format!(
                "users are without presence for at most {} at a time; {} user-minutes in all",
                span(longest),
                many(minutes)
            )
        }
    });
    sentences
}

fn fault(fault: &Struck) -> String {
    let Struck { fault, at, what } = fault;
    format!("{}  {fault}: {what}", clock(*at))
}

fn outage(outage: &Outage) -> String {
    let Outage { cluster, from, to, users } = outage;
    format!("{}  {cluster}: up to {} users for {}", clock(*from), many(*users), span(to - from))
}

fn restart(restart: &RouterRestart) -> String {
    let RouterRestart { cluster, node, at, users } = restart;
    format!("{}  {cluster}: {node}, {} users", clock(*at), many(*users))
}

pub(super) fn failures<'a>(plan: &'a Plan, rehearsal: &'a Rehearsal) -> impl Iterator<Item = String> + 'a {
    rehearsal.runs.iter().flat_map(|run| &run.account.steps).filter_map(|(id, outcome)| {
        let what = || plan.step(id).map_or_else(|| id.to_string(), |s| format!("{}: {}", s.cluster, s.action));
        match outcome {
            Outcome::Failed { why, .. } => Some(format!("failed: {}: {why}", what())),
            Outcome::Unknown { why } => Some(format!("unknown: {}: {why}", what())),
            _ => None,
        }
    })
}

fn section(out: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{EMPHASIS}{title}{EMPHASIS:#}");
    for line in lines.iter().take(SHOWN) {
        let _ = writeln!(out, "  {line}");
    }
    if lines.len() > SHOWN {
        let _ = writeln!(
            out,
            "  {DIM}and {} more; `--json` and `--output markdown=FILE` have all{DIM:#}",
            number(lines.len() - SHOWN)
        );
    }
}

fn listed(out: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n<details><summary>{title} ({})</summary>\n\n```text", lines.len());
    for line in lines {
        // a fence inside would end the block
        let _ = writeln!(out, "{}", line.replace("```", "'''"));
    }
    out.push_str("```\n\n</details>\n");
}

fn caveat(rehearsal: &Rehearsal) -> String {
    format!(
        "Rehearsed on simulated clusters (seed {}). The times are a model's: where the product's behaviour is not \
         published, the seed decides; try several.",
        rehearsal.seed
    )
}

/// A time since the beginning, `2:05` in hours and minutes.
fn clock(seconds: u64) -> String {
    format!("{:>3}:{:02}", seconds / 3600, seconds / 60 % 60)
}

/// A length of time.
pub(super) fn span(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

fn many(n: u64) -> String {
    number(usize::try_from(n).unwrap_or(usize::MAX))
}

fn short(fingerprint: &str) -> &str {
    fingerprint.get(..12).unwrap_or(fingerprint)
}
