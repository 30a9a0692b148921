//! The rules of a mesh file. Each has a code that never changes its meaning, and says where it comes from; one file
//! per group of rules holds both what they check and what `intermesh explain` tells of them.

mod acceptance;
mod accounts;
mod catalogue;
mod limits;
mod links;
mod naming;
mod parameters;
mod policy;
mod reach;
mod reading;
mod transport;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::finding::{Finding, Severity};
use super::locations::Locations;
use super::model::{Cluster, Mesh, State};
use super::names::ClusterName;
use super::report::Report;
pub(super) use naming::problem_of_node_name;
pub(crate) use naming::{is_domain, is_group_name};

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
pub fn rules() -> &'static [Rule] {
    static ALL: LazyLock<Vec<Rule>> = LazyLock::new(|| {
        let groups = [
            reading::RULES,
            naming::RULES,
            limits::RULES,
            transport::RULES,
            links::RULES,
            reach::RULES,
            accounts::RULES,
            parameters::RULES,
            policy::RULES,
            acceptance::RULES,
        ];
        let mut all = groups.concat();
        all.sort_by_key(|rule| rule.code);
        all
    });
    &ALL
}

/// The rule of that code; letter case makes no difference.
pub fn rule(code: &str) -> Option<&'static Rule> {
    rules().iter().find(|rule| rule.code.eq_ignore_ascii_case(code))
}

/// Runs all rules over a mesh.
pub fn check(mesh: &Mesh, locations: &Locations) -> Vec<Finding> {
    let mut scope = Scope::new(mesh, Report::new(locations));
    naming::check(&mut scope);
    limits::check(&mut scope);
    transport::check(&mut scope);
    links::check(&mut scope);
    reach::check(&mut scope);
    accounts::check(&mut scope);
    parameters::check(&mut scope);
    policy::check(&mut scope);
    scope.report.finish()
}

/// What a rule looks at, and where it reports.
struct Scope<'a> {
    mesh: &'a Mesh,
    report: Report<'a>,
    numbers: HashMap<&'a ClusterName, usize>,
}

impl<'a> Scope<'a> {
    fn new(mesh: &'a Mesh, report: Report<'a>) -> Scope<'a> {
        let mut numbers = HashMap::new();
        for (index, cluster) in mesh.clusters.iter().enumerate() {
            numbers.entry(&cluster.name).or_insert(index);
        }
        Scope { mesh, report, numbers }
    }

    /// The place of a cluster in the list.
    fn index(&self, name: &ClusterName) -> Option<usize> {
        self.numbers.get(name).copied()
    }

    fn cluster(&self, name: &ClusterName) -> Option<&'a Cluster> {
        self.mesh.clusters.get(self.index(name)?)
    }

    fn present(&self, cluster: &Cluster) -> bool {
        cluster.state == State::Present
    }

    /// A finding about a value, with what to do.
    fn add(&mut self, code: &'static str, pointer: &str, message: String, label: &str, help: &str) {
        let finding = self.report.at_value(code, pointer, message, label);
        self.add_with(finding, help);
    }

    /// A finding, with what to do.
    fn add_with(&mut self, mut finding: Finding, help: &str) {
        finding.help = Some(help.to_owned());
        self.report.add(finding);
    }
}
