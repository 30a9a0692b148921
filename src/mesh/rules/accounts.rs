//! Credentials and Unified CM clusters: what is named is defined, and what is defined is used.

use std::collections::HashSet;

use super::naming::check_own_name;
use super::{OURS, Rule, Scope};
use crate::mesh::finding::Severity;
use crate::mesh::locations::below;
use crate::mesh::meant::{closest, listed};
use crate::mesh::model::{PasswordSource, Roles, State};
use crate::mesh::names::CredentialName;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "IM032",
        title: "a credential that is not defined",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "`defaults.credentials`, a cluster's `credentials` and `unified_cms` name entries of the top-level \
            `credentials`. The name must be one of those.",
        bad: "defaults:\n  credentials: {axl: axll}\n",
        good: "defaults:\n  credentials: {axl: axl}\n",
    },
    Rule {
        code: "IM033",
        title: "something is defined and not used",
        severity: Severity::Warning,
        procedure: None,
        source: OURS,
        explanation: "A credential or a Unified CM cluster that nothing names is either left over, or somewhere a name \
            is missing that should be there.",
        bad: "credentials:\n  axl: {username: icsa, password: {env: AXL_PASSWORD}}\n  admin: {username: meshadmin, password: {env: ADMIN_PASSWORD}}\n",
        good: "credentials:\n  axl: {username: icsa, password: {env: AXL_PASSWORD}}\n  admin: {username: meshadmin, password: {env: ADMIN_PASSWORD}}\ndefaults:\n  credentials: {axl: axl, admin: admin}\n",
    },
    Rule {
        code: "IM034",
        title: "a cluster without an AXL credential",
        severity: Severity::Error,
        procedure: Some("The peer form asks for the AXL user name and password of the remote cluster."),
        source: "Configure Intercluster Peers; documented",
        explanation: "Nothing can be read from a cluster without an AXL account, and no peer that points to it can be \
            saved. Name one under `defaults.credentials`, or under the cluster's own `credentials`. A cluster that is \
            `gone` needs none: it is never contacted.",
        bad: "defaults:\n  transport: tcp\nclusters:\n  - {name: emea, publisher: imp1.emea.example.com, credentials: {axl: axl}}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
        good: "defaults:\n  transport: tcp\nclusters:\n  - {name: emea, publisher: imp1.emea.example.com, credentials: {axl: axl}}\n  - {name: apac, publisher: imp1.apac.example.com, credentials: {axl: axl}}\n",
    },
    Rule {
        code: "IM035",
        title: "a Unified CM cluster that is not defined",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "A cluster's `unified_cm` names an entry of the top-level `unified_cms`: the publisher through which its High \
            Availability is switched and its service parameters may be set.",
        bad: "unified_cms:\n  cucm-emea: {publisher: cucm1.emea.example.com, credentials: axl}\nclusters:\n  - {name: emea, publisher: imp1.emea.example.com, unified_cm: cucm-emae}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
        good: "unified_cms:\n  cucm-emea: {publisher: cucm1.emea.example.com, credentials: axl}\nclusters:\n  - {name: emea, publisher: imp1.emea.example.com, unified_cm: cucm-emea}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
    },
];

pub(super) fn check(scope: &mut Scope<'_>) {
    let mesh = scope.mesh;
    let mut used: HashSet<&str> = HashSet::new();
    check_roles(scope, "/defaults/credentials", &mesh.defaults.credentials, &mut used);
    let mut used_cms: HashSet<&str> = HashSet::new();
    for (index, cluster) in mesh.clusters.iter().enumerate() {
        let pointer = format!("/clusters/{index}");
        check_roles(scope, &format!("{pointer}/credentials"), &cluster.credentials, &mut used);
        if cluster.state != State::Gone && mesh.axl_account(cluster).is_none() {
            let message = format!("cluster `{}` has no credential for AXL", cluster.name);
            let help = "name one under `defaults.credentials.axl`, or under the cluster's own `credentials`";
            scope.add("IM034", &format!("{pointer}/name"), message, "cannot be read", help);
        }
        if let Some(name) = cluster.unified_cm.as_deref() {
            used_cms.insert(name);
            if !mesh.unified_cms.contains_key(name) {
                let known = mesh.unified_cms.keys().map(String::as_str);
                let place = format!("{pointer}/unified_cm");
                used_cms.extend(not_defined(scope, "IM035", &place, name, "unified_cms", known));
            }
        }
    }
    for (name, unified_cm) in &mesh.unified_cms {
        let pointer = below("/unified_cms", name);
        check_own_name(scope, &pointer, "Unified CM cluster", name);
        check_role(scope, &format!("{pointer}/credentials"), Some(&unified_cm.credentials), &mut used);
        if !used_cms.contains(name.as_str()) {
            unused(scope, &pointer, format!("no cluster belongs to Unified CM cluster `{name}`"));
        }
    }
    for (name, credential) in &mesh.credentials {
        let pointer = below("/credentials", name.as_str());
        check_own_name(scope, &pointer, "credential", name.as_str());
        check_filled(scope, &pointer, &credential.username, &credential.password);
        if !used.contains(name.as_str()) {
            unused(scope, &pointer, format!("nothing uses credential `{name}`"));
        }
    }
}

fn check_roles<'a>(scope: &mut Scope<'a>, pointer: &str, roles: &'a Roles, used: &mut HashSet<&'a str>) {
    let Roles { axl, peer, admin, cli } = roles;
    for (role, name) in [("axl", axl), ("peer", peer), ("admin", admin), ("cli", cli)] {
        check_role(scope, &format!("{pointer}/{role}"), name.as_ref(), used);
    }
}

fn check_role<'a>(scope: &mut Scope<'a>, pointer: &str, name: Option<&'a CredentialName>, used: &mut HashSet<&'a str>) {
    let Some(name) = name.map(CredentialName::as_str) else { return };
    used.insert(name);
    if !scope.mesh.credentials.contains_key(&CredentialName::from(name)) {
        let known = scope.mesh.credentials.keys().map(CredentialName::as_str);
        used.extend(not_defined(scope, "IM032", pointer, name, "credentials", known));
    }
}

/// Reports a name that is not defined, and returns the one that was probably meant.
fn not_defined<'a>(
    scope: &mut Scope<'_>,
    code: &'static str,
    pointer: &str,
    name: &str,
    section: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let message = format!("`{name}` is not defined under `{section}`");
    let mut finding = scope.report.at_value(code, pointer, message, "not defined");
    let meant = closest(name, known.clone());
    let help = match meant {
        Some(meant) => {
            finding.label = format!("did you mean `{meant}`?");
            format!("write `{meant}`, or define `{name}` under `{section}`")
        }
        None if known.clone().next().is_none() => format!("define it under `{section}`, which is empty"),
        None => format!("defined are {}", listed(known)),
    };
    scope.add_with(finding, &help);
    meant
}

fn unused(scope: &mut Scope<'_>, pointer: &str, message: String) {
    let finding = scope.report.at_key("IM033", pointer, message, "not used");
    scope.add_with(finding, "use it, or remove it");
}

fn check_filled(scope: &mut Scope<'_>, pointer: &str, username: &str, password: &PasswordSource) {
    let help = "give it a value";
    if username.is_empty() {
        scope.add("IM009", &format!("{pointer}/username"), "the user name is empty".to_owned(), "empty", help);
    }
    let (key, empty) = match password {
        PasswordSource::Env(variable) => ("env", variable.is_empty()),
        PasswordSource::File(path) => ("file", path.is_empty()),
        PasswordSource::Exec(command) => ("exec", command.first().is_none_or(String::is_empty)),
    };
    if empty {
        let message = format!("the password's `{key}` is empty");
        scope.add("IM009", &format!("{pointer}/password/{key}"), message, "empty", help);
    }
}
