//! The rules of a mesh file. Each has a code that never changes its meaning, and says where it comes from; one file
//! per group of rules holds both what they check and what `intermesh explain` tells of them.

mod reading;

use super::finding::{Finding, Severity};
use super::locations::Locations;
use super::model::Mesh;
use super::report::Report;

/// A rule: what a finding's code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The code, such as `IM012`.
    pub code: &'static str,
    /// The rule in a few words.
    pub title: &'static str,
    /// How bad it is to break it.
    pub severity: Severity,
    /// What the procedure, or another document of the vendor, says; in our words.
    pub procedure: Option<&'static str>,
    /// The document, and how sure the knowledge is.
    pub source: &'static str,
    /// Why the rule is, and what to do.
    pub explanation: &'static str,
    /// A part of a mesh file that breaks it.
    pub bad: &'static str,
    /// The same part, right.
    pub good: &'static str,
}

/// What a rule comes from that is not the product's but ours.
const OURS: &str = "intermesh's own";

/// All rules, by their codes.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let groups: [&'static [Rule]; 1] = [reading::RULES];
    groups.into_iter().flatten()
}

/// The rule of that code.
pub fn rule(code: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.code == code)
}

/// Runs all rules over a mesh.
pub(super) fn check(mesh: &Mesh, locations: &Locations) -> Vec<Finding> {
    let mut report = Report::new(locations);
    let _ = (mesh, &mut report);
    report.finish()
}
