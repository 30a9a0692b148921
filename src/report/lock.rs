//! A mesh's lock as text.

use std::fmt::Write;

use jiff::Timestamp;

use super::runs::{second, span};
use super::words::{BAD, DIM, EMPHASIS, GOOD, NOTE};
use crate::store::{Claim, Owner, Standing, SwitchedOff};

/// How the lease of a mesh stands.
pub fn lock(mesh: &str, standing: &Standing, now: Timestamp) -> String {
    let mut out = String::new();
    let mut head = |style: anstyle::Style, word: &str, rest: &str| {
        let _ = writeln!(out, "{EMPHASIS}mesh {mesh}{EMPHASIS:#}: {style}{word}{style:#}{rest}");
    };
    match standing {
        Standing::Never => head(GOOD, "free", "; nobody ever held it"),
        Standing::Held(claim) => {
            head(BAD, "locked", "");
            held(&mut out, claim, now);
            let _ = writeln!(out, "  {:<10} {}, unless it is renewed", "ends", second(claim.expires_at));
        }
        Standing::Expired(claim) => {
            let ago = span(now.duration_since(claim.expires_at));
            head(NOTE, "free", "; whoever held it did not give it back");
            held(&mut out, claim, now);
            let _ = writeln!(out, "  {:<10} {}, {ago} ago", "ended", second(claim.expires_at));
            let _ = writeln!(
                out,
                "  {DIM}It was killed, or cannot reach the store. The next `intermesh apply` takes over;\n  \
                 `intermesh apply --resume MESH` goes on with its run.{DIM:#}"
            );
        }
        Standing::Released { claim, at } => {
            let Claim { owner: Owner { user, host, .. }, run, .. } = claim;
            let ago = span(now.duration_since(*at));
            head(GOOD, "free", &format!("; {user}@{host} gave it back {ago} ago, after run {run}"));
        }
        Standing::Broken { claim, by, at, reason } => {
            let Claim { owner: Owner { user, host, .. }, run, .. } = claim;
            let ago = span(now.duration_since(*at));
            head(GOOD, "free", &format!("; {by} broke it {ago} ago: {reason}"));
            let _ = writeln!(out, "  {DIM}{user}@{host} held it, for run {run}{DIM:#}");
        }
    }
    out
}

/// What journals tell of High Availability that is off because of a run; empty where it is on.
pub fn switched_off(groups: &[SwitchedOff]) -> String {
    groups.iter().fold(String::new(), |mut out, off| {
        let SwitchedOff { cluster, .. } = off;
        let _ = writeln!(out, "  {BAD}{cluster}: {}{BAD:#}", off_since(off));
        let _ = writeln!(out, "  {DIM}{}{DIM:#}", switch_on(off));
        out
    })
}

/// `High Availability of one is off since 2026-11-22 12:07:31 UTC, by run …`
pub fn off_since(off: &SwitchedOff) -> String {
    let SwitchedOff { run, unfinished: _, cluster: _, group, since, certain } = off;
    let is = if *certain { "is" } else { "may be" };
    format!("High Availability of {group} {is} off since {}, by run {run}", second(*since))
}

/// How it is switched on again.
pub fn switch_on(off: &SwitchedOff) -> String {
    let by_hand = "switch it on in Unified CM, System > Presence Redundancy Groups";
    match off.unfinished {
        true => "`intermesh apply --resume MESH` goes on and switches it on at the end".to_owned(),
        false => format!("that run is not gone on with: {by_hand}"),
    }
}

fn held(out: &mut String, claim: &Claim, now: Timestamp) {
    let Claim { owner, run, since, renewed_at, expires_at: _ } = claim;
    let Owner { user, host, pid, job, nonce: _ } = owner;
    let mut line = |word: &str, text: String| {
        let _ = writeln!(out, "  {word:<10} {text}");
    };
    line("by", format!("{user}@{host}, process {pid}"));
    if let Some(job) = job {
        line("CI job", job.clone());
    }
    line("run", run.to_string());
    line("since", format!("{}, for {}", second(*since), span(now.duration_since(*since))));
    line("last sign", format!("{}, {} ago", second(*renewed_at), span(now.duration_since(*renewed_at))));
}
