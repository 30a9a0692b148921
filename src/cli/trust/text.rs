//! Nodes and their keys for people: a block a node, readable at 80 columns and without colours.

use std::fmt::Write;

use anstyle::Style;
use jiff::Timestamp;

use super::look::{Https, Looked, Ssh, Standing};
use crate::cluster::Certificate;
use crate::report::{BAD, DIM, EMPHASIS, GOOD, NOTE, counted};

/// The column where a block's values begin.
const INDENT: usize = 12;
/// A certificate that ends within this time is worth a word.
const SOON: i64 = 60;

/// All nodes, cluster by cluster.
pub fn nodes(all: &[Looked], now: Timestamp, width: usize) -> String {
    let mut out = String::new();
    let mut cluster = None;
    for looked in all {
        if cluster != Some(&looked.cluster) {
            let _ = writeln!(out, "{EMPHASIS}{}{EMPHASIS:#}", looked.cluster);
            cluster = Some(&looked.cluster);
        }
        let Looked { cluster: _, node, https, ssh } = looked;
        let (style, word, _) = words(&https.standing);
        let _ = writeln!(out, "  {EMPHASIS}{node}{EMPHASIS:#}  {style}{word}{style:#}");
        certificate(&mut out, https, now, width);
        if let Some(ssh) = ssh {
            host_key(&mut out, ssh, width);
        }
    }
    out
}

/// How many keys stand how.
pub fn summary(all: &[Looked]) -> String {
    let count = |of: fn(&Standing) -> bool| all.iter().flat_map(Looked::standings).filter(|s| of(s)).count();
    let counts = [
        (count(Standing::is_trusted), "trusted"),
        (count(|s| matches!(s, Standing::New)), "new"),
        (count(|s| matches!(s, Standing::Changed { .. })), "CHANGED"),
        (count(|s| matches!(s, Standing::Unfit { .. })), "not to be trusted"),
        (count(|s| matches!(s, Standing::NotSeen { .. })), "not seen"),
    ];
    let counts: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let keys = all.iter().map(|looked| looked.standings().count()).sum();
    format!("{} of {}: {}", counted(keys, "key"), counted(all.len(), "node"), counts.join(", "))
}

/// A standing in a word, and in a sentence where there is more to say.
fn words(standing: &Standing) -> (Style, &'static str, Option<String>) {
    match standing {
        Standing::Verified => (GOOD, "trusted: verified by a trusted authority", None),
        Standing::Pinned => (GOOD, "trusted: pinned", None),
        Standing::New => (NOTE, "new: not trusted yet", None),
        Standing::Changed { .. } => (BAD, "CHANGED: the pinned key is another one", None),
        Standing::Unfit { why } => (BAD, "not to be trusted", Some(why.clone())),
        Standing::NotSeen { why } => (BAD, "not seen", Some(why.clone())),
    }
}

fn certificate(out: &mut String, https: &Https, now: Timestamp, width: usize) {
    let Https { certificate, fingerprint, not_verified, standing } = https;
    let mut line = |label: &str, text: &str, style: Style| entry(out, label, text, style, width);
    if let Some(certificate) = certificate {
        let Certificate { subject, issuer, names, addresses, not_before: _, not_after, self_signed, authority, pin } =
            certificate;
        line("subject", subject, Style::new());
        let mut by = if *self_signed { "itself".to_owned() } else { issuer.clone() };
        if *authority {
            by += "; marked as an authority's (CA:TRUE)";
        }
        line("issuer", &by, Style::new());
        let names: Vec<String> =
            names.iter().cloned().chain(addresses.iter().map(std::net::IpAddr::to_string)).collect();
        line("names", if names.is_empty() { "none".to_owned() } else { names.join(", ") }.as_str(), Style::new());
        let (until, style) = until(*not_after, now);
        line("until", &until, style);
        if let Some(fingerprint) = fingerprint {
            line("sha-256", fingerprint, DIM);
        }
        if let Standing::Changed { pinned } = standing {
            line("pinned key", &pinned.join(", "), BAD);
        }
        line("key", pin, Style::new());
        let verdict = match not_verified {
            None => "verifies it".to_owned(),
            Some(why) => format!("does not verify it: {why}"),
        };
        line("authority", &verdict, DIM);
    }
    if let (style, _, Some(why)) = words(standing) {
        line("but", &why, style);
    }
}

fn host_key(out: &mut String, ssh: &Ssh, width: usize) {
    let Ssh { host_key, standing } = ssh;
    if let Standing::Changed { pinned } = standing {
        entry(out, "pinned ssh", &pinned.join(", "), BAD, width);
    }
    let (style, word, why) = words(standing);
    match host_key {
        Some(key) => {
            entry(out, "ssh key", key, Style::new(), width);
            entry(out, "", word, style, width);
        }
        None => entry(out, "ssh key", &format!("{word}: {}", why.unwrap_or_default()), style, width),
    }
}

/// The day, and how far it is.
fn until(not_after: Timestamp, now: Timestamp) -> (String, Style) {
    let day = not_after.strftime("%Y-%m-%d");
    let days = not_after.duration_since(now).as_hours() / 24;
    let days_text = counted(usize::try_from(days.unsigned_abs()).unwrap_or(usize::MAX), "day");
    match days {
        _ if not_after < now => (format!("{day}, expired {days_text} ago"), BAD),
        days if days < SOON => (format!("{day}, in {days_text}"), NOTE),
        _ => (format!("{day}, in {days_text}"), Style::new()),
    }
}

/// A label and its text, broken between words where the terminal ends.
fn entry(out: &mut String, label: &str, text: &str, style: Style, width: usize) {
    let room = width.saturating_sub(INDENT + 4).max(20);
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { return };
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    for (at, line) in lines.iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        let _ = writeln!(out, "    {label:<INDENT$}{style}{line}{style:#}");
    }
}
