//! The numbers for Prometheus, in its text format.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::{Number, Results, Severity};

type Gauges = Family<Vec<(&'static str, String)>, Gauge<f64, AtomicU64>>;

pub(super) fn render(results: &Results) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::with_prefix("intermesh");
    let mut families: BTreeMap<&str, Gauges> = BTreeMap::new();
    for Number { name, help, labels, value } in common(results).into_iter().chain(results.numbers.iter().cloned()) {
        let family = families.entry(name).or_insert_with(|| {
            let family = Gauges::default();
            registry.register(name, help.trim_end_matches('.'), family.clone());
            family
        });
        let mut labels = labels;
        labels.insert(0, ("mesh", results.mesh.clone().unwrap_or_else(|| results.file.clone())));
        family.get_or_create(&labels).set(value);
    }
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(sorted(&text))
}

/// The same with the lines of every metric in order: the library keeps them in a hash map.
fn sorted(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    for family in lines.chunk_by_mut(|a, b| a.starts_with('#') == b.starts_with('#')) {
        if family.first().is_some_and(|line| !line.starts_with('#')) {
            family.sort_unstable();
        }
    }
    lines.into_iter().map(|line| format!("{line}\n")).collect()
}

/// What every command counts.
fn common(results: &Results) -> Vec<Number> {
    let command = || ("command", results.command.to_owned());
    let mut numbers = vec![
        Number {
            name: "last_run_timestamp_seconds",
            help: "When the command ran last, in seconds since 1970",
            labels: vec![command()],
            value: results.at.as_second() as f64,
        },
        Number {
            name: "last_run_exit_code",
            help: "How the command ended: 0 in sync, 2 differences, 6 not everything could be read",
            labels: vec![command()],
            value: f64::from(results.exit),
        },
    ];
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        numbers.push(Number {
            name: "findings",
            help: "What the last run found",
            labels: vec![command(), ("severity", severity.word().to_owned())],
            value: results.count(severity) as f64,
        });
    }
    numbers
}
