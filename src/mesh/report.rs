//! The findings of one file, while they are collected.

use std::ops::Range;

use super::finding::{Finding, Related, Severity};
use super::locations::Locations;
use super::rules;

/// Collects findings and gives them their places.
pub(super) struct Report<'a> {
    locations: &'a Locations,
    findings: Vec<Finding>,
}

impl<'a> Report<'a> {
    pub fn new(locations: &'a Locations) -> Report<'a> {
        Report { locations, findings: Vec::new() }
    }

    /// A finding about a value.
    pub fn at_value(&self, code: &'static str, pointer: &str, message: impl Into<String>, label: &str) -> Finding {
        self.finding(code, pointer, self.locations.value(pointer), message.into(), label)
    }

    /// A finding about a key, or about a value that has none.
    pub fn at_key(&self, code: &'static str, pointer: &str, message: impl Into<String>, label: &str) -> Finding {
        self.finding(code, pointer, self.locations.key(pointer), message.into(), label)
    }

    /// Marks another place of the file.
    pub fn relate(&self, finding: &mut Finding, pointer: &str, label: &str) {
        let span = self.locations.value(pointer);
        let start = self.locations.source().position(span.start);
        finding.related.push(Related { span, start, label: label.to_owned() });
    }

    /// Adds a finding.
    pub fn add(&mut self, mut finding: Finding) {
        // `"\e[2J"` in quotes is a text like any other, and would reach the terminal through a message
        finding.message = printable(&finding.message);
        finding.label = printable(&finding.label);
        finding.help = finding.help.as_deref().map(printable);
        self.findings.push(finding);
    }

    /// Whether the same has been said of the same place.
    pub fn holds(&self, finding: &Finding) -> bool {
        // what is said of one place comes together; a hostile file is wrong in a hundred thousand
        self.findings.iter().rev().take(4).any(|f| f.code == finding.code && f.span == finding.span)
    }

    /// What the file says at a place, as it is written.
    pub fn text(&self, pointer: &str) -> &str {
        self.locations.source().text().get(self.locations.value(pointer)).unwrap_or_default()
    }

    /// Where things stand.
    pub fn locations(&self) -> &Locations {
        self.locations
    }

    /// The findings, in the order of the text.
    pub fn finish(self) -> Vec<Finding> {
        let mut findings = self.findings;
        findings.sort_by_cached_key(|f| (f.order(), f.message.clone()));
        findings
    }

    fn finding(&self, code: &'static str, pointer: &str, span: Range<usize>, message: String, label: &str) -> Finding {
        let source = self.locations.source();
        // of a value of many lines the first one is enough to find it
        let first_line = source.text().get(span.clone()).and_then(|text| text.lines().next()).map_or(0, str::len);
        let span = span.start..span.start + first_line;
        Finding {
            code,
            severity: rules::rule(code).map_or(Severity::Error, |rule| rule.severity),
            pointer: pointer.to_owned(),
            start: source.position(span.start),
            end: source.position(span.end),
            span,
            message,
            label: label.to_owned(),
            help: None,
            related: Vec::new(),
        }
    }
}

fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        if is_invisible(character) {
            printable.extend(character.escape_default());
        } else {
            printable.push(character);
        }
    }
    printable
}

/// Whether a character does something to a terminal instead of being seen.
pub(crate) fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{feff}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
