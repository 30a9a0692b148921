//! From the path of a mesh file to the mesh, or to everything that is wrong with it.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::Value;

use super::accept::{self, Accepted};
use super::finding::{Finding, Findings, Related, Severity};
use super::locations::Locations;
use super::model::Mesh;
use super::refusal::Refusal;
use super::report::Report;
use super::source::{self, Source};
use super::tree;
use super::{rules, secrets, shape};

/// A mesh file that can be used.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What the file says.
    pub mesh: Mesh,
    /// Where it says it.
    pub locations: Locations,
    /// What is not an error and not accepted, in the order of the text.
    pub warnings: Vec<Finding>,
    /// What is known: findings, each with the acceptance that covers it.
    pub accepted: Vec<Accepted>,
    /// The text.
    pub source: Arc<Source>,
    /// The parts of the text that no report may show.
    pub secrets: Vec<Range<usize>>,
}

/// Reads a mesh file. `today` decides which acceptances have run out.
///
/// # Errors
/// The file cannot be read, or something in it is wrong: all of it, in the order of the text.
pub fn load(path: &Path, today: Date) -> Result<Loaded, Findings> {
    let name = path.display().to_string();
    match source::read(path) {
        Ok(text) => load_str(&name, &text, today),
        Err(why) => Err(unreadable(&name, why)),
    }
}

/// Reads a mesh file's text. `name` is its path: messages show it, and paths in the file are relative to its folder.
///
/// # Errors
/// Something is wrong: all of it, in the order of the text.
pub fn load_str(name: &str, text: &str, today: Date) -> Result<Loaded, Findings> {
    if text.len() > source::MAX_BYTES {
        return Err(unreadable(name, source::too_long()));
    }
    let root = tree::read(text).map_err(|refusals| refuse(name, text, refusals))?;
    let source = Arc::new(Source::new(name, text));
    let secrets = secrets::of_tree(text, &root);
    let (value, locations) = Locations::of(Arc::clone(&source), &root);
    let mut report = Report::new(&locations);
    shape::check(&value, &mut report);
    let fail = |findings| Findings { source: Arc::clone(&source), findings, secrets: secrets.clone() };
    let shape_findings = report.finish();
    if !shape_findings.is_empty() {
        return Err(fail(shape_findings));
    }
    let mesh = model(value).map_err(|finding| fail(vec![finding]))?;
    let findings = rules::check(&mesh, &locations);
    let (findings, accepted) = accept::sort_out(&mesh, &locations, findings, today);
    if findings.iter().any(|f| f.severity == Severity::Error) {
        return Err(fail(findings));
    }
    Ok(Loaded { mesh, locations, warnings: findings, accepted, source, secrets })
}

/// A text that cannot be read.
pub(super) fn refuse(name: &str, text: &str, refusals: Vec<Refusal>) -> Findings {
    let source = Arc::new(Source::new(name, text));
    let findings = refusals.into_iter().map(|refusal| refused(&source, refusal)).collect();
    Findings { secrets: secrets::of_broken(text), source, findings }
}

/// The model of a value that the schema has accepted.
fn model(value: Value) -> Result<Mesh, Finding> {
    // serde's own words may hold what stands in the file, passwords included
    serde_json::from_value(value).map_err(|_| Finding {
        help: Some("please report this with the file, without its secrets: the schema and the model disagree".into()),
        ..whole_file("IM001", "the file fits the schema, and intermesh cannot read it")
    })
}

fn refused(source: &Source, refusal: Refusal) -> Finding {
    let at = |span: &Range<usize>| source.position(span.start);
    let first = refusal.duplicate_of.map(|span| Related { start: at(&span), span, label: "the first one".to_owned() });
    Finding {
        code: if first.is_some() { "IM002" } else { "IM001" },
        severity: Severity::Error,
        pointer: String::new(),
        start: at(&refusal.span),
        end: source.position(refusal.span.end),
        span: refusal.span,
        message: refusal.message,
        label: refusal.label,
        help: Some(refusal.help),
        related: first.into_iter().collect(),
    }
}

fn unreadable(name: &str, why: String) -> Findings {
    let source = Arc::new(Source::new(name, ""));
    Findings { source, findings: vec![whole_file("IM001", &why)], secrets: Vec::new() }
}

fn whole_file(code: &'static str, message: &str) -> Finding {
    let start = source::Position { line: 1, column: 1 };
    Finding {
        code,
        severity: Severity::Error,
        pointer: String::new(),
        span: 0..0,
        start,
        end: start,
        message: message.to_owned(),
        label: String::new(),
        help: None,
        related: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) const GOOD: &str = "apiVersion: intermesh/v1
kind: Mesh
metadata: {name: acme}
domain: example.com
credentials:
  axl: {username: icsa, password: {env: AXL_PASSWORD}}
defaults:
  credentials: {axl: axl}
clusters:
  - {name: emea, publisher: imp1.emea.example.com}
  - {name: apac, publisher: imp1.apac.example.com}
";

    fn findings(text: &str) -> Vec<String> {
        let findings = load_str("mesh.yaml", text, Date::constant(2026, 11, 22)).unwrap_err().findings;
        let place = |f: &Finding| format!("{}:{} {}", f.line(), f.column(), f.code);
        findings
            .iter()
            .map(|f| format!("{} {} ({})", place(f), f.message, f.help.clone().unwrap_or_default()))
            .collect()
    }

    #[test]
    fn a_good_file_loads_and_knows_its_lines() {
        let loaded = load_str("mesh.yaml", GOOD, Date::constant(2026, 11, 22)).unwrap();
        assert_eq!(loaded.mesh.clusters.len(), 2);
        assert_eq!(loaded.locations.line("/clusters/1/publisher"), Some(11));
        assert_eq!(loaded.locations.line("/clusters/1/state"), Some(11), "of the nearest parent");
        assert_eq!(loaded.locations.line("/policy/window/from"), Some(1));
    }

    #[test]
    fn everything_of_the_wrong_shape_is_said_at_once_in_sentences() {
        let text = GOOD
            .replace("kind: Mesh", "kind: Mash")
            .replace("domain:", "domian:")
            .replace("password: {env: AXL_PASSWORD}", "password: hunter2")
            .replace("{name: apac, publisher", "{name: 7, transport: tls, protected: yes, publisher")
            + "topology: {shape: hub, hub: , links: [{between: [a, b, c]}]}\npolicy: {max_deletes: \"007\", xcp_restart: {batch: onze}}\n";
        let expected = [
            "2:7 IM007 `Mash` is not a value of `kind` (write `Mesh`)",
            "4:1 IM003 `domian` is not a key of the mesh file (write `domain`)",
            "6:35 IM006 a literal password is not allowed; use env, file or exec \
             (use one of `{env: NAME}`, `{file: PATH}` and `{exec: [PROGRAM, ARGUMENT]}`)",
            "11:12 IM005 `name` of cluster 2 must be a text, and is a whole number (put it in quotes: `\"7\"`)",
            "11:15 IM003 `transport` is not a key of cluster 2 \
             (`transport` is a key of `defaults` or an entry of `topology.links`; move it there, or remove it)",
            "11:42 IM005 `protected` of cluster 2 must be `true` or `false`, and is a text \
             (write `true`; YAML 1.2 knows no other word for it)",
            "12:24 IM005 `topology.hub` has no value (give a text, or remove `hub`)",
            "12:49 IM005 a link is between two clusters; this names 3 \
             (write one entry per pair: `- {between: [emea, apac]}`)",
            "13:23 IM005 `policy.max_deletes` must be a whole number, and is a text \
             (write it without quotes and leading zeros: `7`)",
            "13:51 IM007 `onze` is not a value of `batch` (write `once` or `per-link`)",
        ];
        assert_eq!(findings(&text), expected);
    }
}
