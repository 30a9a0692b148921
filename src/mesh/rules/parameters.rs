//! Service parameters: known services, known parameters, possible values.

use std::collections::BTreeMap;

use super::catalogue::{self, Parameter, Values};
use super::{Rule, Scope};
use crate::mesh::finding::Severity;
use crate::mesh::locations::below;
use crate::mesh::meant::{closest, listed, one_of};
use crate::mesh::model::{Cluster, ParameterValue, Parameters};
use crate::mesh::release::Release;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "IM040",
        title: "a service that is not known",
        severity: Severity::Warning,
        procedure: Some("Service parameters are set under System > Service Parameters, by server and service."),
        source: "Configure Intercluster Peers, and the product's lists of services; documented",
        explanation: "No public document that intermesh was built from names this service. It may exist all the same, \
            then accept the finding; but a misspelt service stops the plan at its page, so look the name up in the \
            drop-down `Service` of System > Service Parameters.",
        bad: "parameters:\n  Cisco Intercluster Sync Agnet:\n    Enable Auto Recovery for Inter-Cluster Peer Periodic Syncing Failure: Enabled\n",
        good: "parameters:\n  Cisco Intercluster Sync Agent:\n    Enable Auto Recovery for Inter-Cluster Peer Periodic Syncing Failure: Enabled\n",
    },
    Rule {
        code: "IM041",
        title: "a parameter that is not known",
        severity: Severity::Warning,
        procedure: Some("Service parameters are named as System > Service Parameters shows them."),
        source: "Configure Intercluster Peers and others; documented, not complete",
        explanation: "No public document that intermesh was built from names this parameter of this service. Where the \
            page has it, accept the finding; where the label is misspelt, correct it. Letter case makes no difference.",
        bad: "parameters:\n  Cisco SIP Proxy:\n    Maximum no. of process: 10\n",
        good: "parameters:\n  Cisco SIP Proxy:\n    Maximum no. of processes: 10\n",
    },
    Rule {
        code: "IM042",
        title: "a parameter's value is not possible",
        severity: Severity::Error,
        procedure: Some("The page offers a list of values for a parameter, or takes a number within bounds."),
        source: "Configure Intercluster Peers and others; documented",
        explanation: "Write the value as the page shows it: `Enabled`, not `true` and not `enabled`. Numbers have bounds. A value that the page does not take stops the plan there.",
        bad: "parameters:\n  Cisco Intercluster Sync Agent:\n    Enable Auto Recovery for Inter-Cluster Peer Periodic Syncing Failure: enabled\n",
        good: "parameters:\n  Cisco IM and Presence Data Monitor:\n    User Check Interval: 30\n",
    },
    Rule {
        code: "IM043",
        title: "a parameter that the release does not have",
        severity: Severity::Error,
        procedure: Some(
            "Auto recovery of the periodic sync came with 12.5(1), the certificate sync parameter with 12.5(1)SU4 and 14.",
        ),
        source: "release notes of 12.5(1), 12.5(1)SU4 and 14; documented",
        explanation: "The release that the file gives for a cluster is older than the parameter, so its page does not \
            have it. Set the parameter for the newer clusters only, or correct the release.",
        bad: "defaults:\n  release: \"12.5(1)SU3\"\n  credentials: {axl: axl}\nparameters:\n  Cisco Intercluster Sync Agent:\n    Certificate Sync during Inter-Cluster Periodic Sync: Perform certificate sync\n",
        good: "defaults:\n  release: \"14\"\n  credentials: {axl: axl}\nparameters:\n  Cisco Intercluster Sync Agent:\n    Certificate Sync during Inter-Cluster Periodic Sync: Perform certificate sync\n",
    },
    Rule {
        code: "IM044",
        title: "SIP Proxy processes set on some nodes only",
        severity: Severity::Warning,
        procedure: Some(
            "In large meshes the process parameters of Cisco SIP Proxy are lowered from 20 to 10, then Cisco SIP Proxy, Cisco Server Recovery Manager and Cisco Intercluster Sync Agent are restarted.",
        ),
        source: "Configure Intercluster Peers; documented",
        explanation: "The parameter is one per node and the advice is for all of them. A node that keeps the default \
            keeps the load that the others were relieved of. Set it under the cluster's or the mesh's `parameters`.",
        bad: "clusters:\n  - name: emea\n    publisher: imp1.emea.example.com\n    nodes:\n      - name: imp1.emea.example.com\n        parameters: {Cisco SIP Proxy: {Maximum no. of processes: 10}}\n      - {name: imp2.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
        good: "clusters:\n  - name: emea\n    publisher: imp1.emea.example.com\n    parameters: {Cisco SIP Proxy: {Maximum no. of processes: 10}}\n    nodes:\n      - {name: imp1.emea.example.com}\n      - {name: imp2.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
    },
    Rule {
        code: "IM045",
        title: "a release that is not understood",
        severity: Severity::Error,
        procedure: Some("From release 14 on, deleting a peer needs no XCP Router restart."),
        source: "release notes of 14; documented",
        explanation: "The release decides what a plan restarts and which parameters exist. Write it as the product \
            does, in quotes: `\"14\"`, `\"12.5(1)\"`, `\"12.5(1)SU4\"`, `\"15SU2\"`.",
        bad: "defaults:\n  release: fourteen\n  credentials: {axl: axl}\n",
        good: "defaults:\n  release: \"12.5(1)SU4\"\n  credentials: {axl: axl}\n",
    },
];

pub(super) fn check(scope: &mut Scope<'_>) {
    let mesh = scope.mesh;
    check_release(scope, "/defaults/release", mesh.defaults.release.as_deref());
    let everywhere: Vec<&Cluster> = mesh.clusters.iter().filter(|c| scope.present(c)).collect();
    check_set(scope, "/parameters", &mesh.parameters, &everywhere);
    for (index, cluster) in mesh.clusters.iter().enumerate() {
        let pointer = format!("/clusters/{index}");
        check_release(scope, &format!("{pointer}/release"), cluster.release.as_deref());
        check_set(scope, &format!("{pointer}/parameters"), &cluster.parameters, &[cluster]);
        for (at, node) in cluster.nodes.iter().enumerate() {
            check_set(scope, &format!("{pointer}/nodes/{at}/parameters"), &node.parameters, &[cluster]);
        }
        check_all_nodes(scope, &pointer, cluster);
    }
}

fn check_release(scope: &mut Scope<'_>, pointer: &str, release: Option<&str>) {
    if let Some(text) = release.filter(|text| Release::read(text).is_none()) {
        let help = "write it as the product does: `\"14\"`, `\"12.5(1)\"` or `\"12.5(1)SU4\"`";
        scope.add("IM045", pointer, format!("`{text}` is not a release"), "not understood", help);
    }
}

fn check_set(scope: &mut Scope<'_>, pointer: &str, set: &Parameters, clusters: &[&Cluster]) {
    for (service, parameters) in set {
        let pointer = below(pointer, service);
        let Some((_, known)) = catalogue::service(service) else {
            let names = catalogue::SERVICES.iter().map(|(name, _)| *name);
            let message = format!("`{service}` is not a service that intermesh knows");
            let mut finding = scope.report.at_key("IM040", &pointer, message, "not known");
            let help = suggestion(&mut finding.label, closest(service, names));
            scope.add_with(finding, &help);
            continue;
        };
        // nothing is known of a service without a list
        for (label, value) in parameters.iter().filter(|_| !known.is_empty()) {
            check_parameter(scope, &below(&pointer, label), service, known, (label, value), clusters);
        }
    }
}

fn suggestion(label: &mut String, meant: Option<&str>) -> String {
    match meant {
        Some(meant) => {
            *label = format!("did you mean `{meant}`?");
            format!("write `{meant}`")
        }
        None => "look it up under System > Service Parameters, and accept the finding if it is right".to_owned(),
    }
}

fn check_parameter(
    scope: &mut Scope<'_>,
    pointer: &str,
    service: &str,
    known: &[Parameter],
    (label, ParameterValue(value)): (&str, &ParameterValue),
    clusters: &[&Cluster],
) {
    let Some(parameter) = known.iter().find(|p| catalogue::same(p.label, label)) else {
        let message = format!("`{label}` is not a parameter of {service} that intermesh knows");
        let mut finding = scope.report.at_key("IM041", pointer, message, "not known");
        let help = suggestion(&mut finding.label, closest(label, known.iter().map(|p| p.label)));
        return scope.add_with(finding, &help);
    };
    let possible = match parameter.values {
        Values::Choice(choices) => choices.contains(&value.as_str()),
        Values::Number(least, most) => value.parse::<u64>().is_ok_and(|n| (least..=most).contains(&n)),
    };
    if !possible {
        let mut finding =
            scope.report.at_value("IM042", pointer, format!("`{label}` cannot be `{value}`"), "not possible");
        let help = match parameter.values {
            Values::Choice(choices) => {
                if let Some(meant) = closest(value, choices.iter().copied()) {
                    finding.label = format!("did you mean `{meant}`?");
                }
                format!("write {}", one_of(choices.iter().map(|c| format!("`{c}`"))))
            }
            Values::Number(least, most) => format!("write a whole number from {least} to {most}"),
        };
        scope.add_with(finding, &help);
    }
    let Some(since) = parameter.since.and_then(Release::read) else { return };
    let release = |cluster: &&&Cluster| scope.mesh.release_of(cluster).and_then(Release::read);
    let old: Vec<&str> =
        clusters.iter().filter(|c| release(c).is_some_and(|r| r.before(&since))).map(|c| c.name.as_str()).collect();
    if !old.is_empty() {
        let message = format!("`{label}` came with release {since}, and {} is older", listed(&old));
        let message = if old.len() > 1 { message.replace(" is older", " are older") } else { message };
        let help = "set it for the newer clusters only, or correct the release";
        let finding = scope.report.at_key("IM043", pointer, message, "not there yet");
        scope.add_with(finding, help);
    }
}

/// The process parameters of the SIP Proxy are for all nodes of a cluster or for none.
fn check_all_nodes(scope: &mut Scope<'_>, pointer: &str, cluster: &Cluster) {
    for label in [catalogue::PROCESSES, catalogue::SPARE_PROCESSES] {
        let has = |set: &Parameters| position(set, label).is_some();
        if has(&scope.mesh.parameters) || has(&cluster.parameters) {
            continue;
        }
        let with: Vec<usize> = (0..cluster.nodes.len()).filter(|i| has(&cluster.nodes[*i].parameters)).collect();
        let Some(first) = with.first().filter(|_| with.len() < cluster.nodes.len()) else { continue };
        let without = cluster.nodes.iter().filter(|node| !has(&node.parameters)).map(|node| node.name.as_str());
        let message =
            format!("`{label}` is set on some nodes of cluster `{}`, not on {}", cluster.name, listed(without));
        let Some((service, key)) = position(&cluster.nodes[*first].parameters, label) else { continue };
        let place = below(&below(&format!("{pointer}/nodes/{first}/parameters"), service), key);
        let finding = scope.report.at_key("IM044", &place, message, "on this node");
        scope.add_with(finding, "set it under the cluster's `parameters`, which holds for all of its nodes");
    }
}

/// The keys under which a set has a parameter of the SIP Proxy.
fn position<'a>(set: &'a Parameters, label: &str) -> Option<(&'a str, &'a str)> {
    let of_service = |(service, parameters): (&'a String, &'a BTreeMap<String, ParameterValue>)| {
        let key = parameters.keys().find(|key| catalogue::same(key, label))?;
        catalogue::same(service, catalogue::SIP_PROXY).then_some((service.as_str(), key.as_str()))
    };
    set.iter().find_map(of_service)
}
