//! Accounts by reference: those that led in, and those that are to be filled in. A password is never known here.

use std::collections::{BTreeMap, BTreeSet};

use super::links::Entry;
use super::{Place, Remark, RemarkKind};
use crate::cluster::{ErrorKind, same_user};
use crate::mesh::{self, Credential, CredentialName, Mesh, PasswordSource, Roles, variable};

/// Sets the credentials of every cluster, and defines those that are used.
pub(super) fn set(mesh: &mut Mesh, way: &Mesh, places: &[Place<'_>], entries: &[Entry<'_>], remarks: &mut Vec<Remark>) {
    mesh.credentials = way.credentials.clone();
    for (at, place) in places.iter().enumerate() {
        let own =
            |used: &Option<CredentialName>, usual: &Option<CredentialName>| used.clone().filter(|_| used != usual);
        let usual = &mesh.defaults.credentials;
        mesh.clusters[at].credentials = match place.known {
            Some(known) => known.credentials.clone(),
            None => Roles {
                axl: own(&place.login.axl, &usual.axl),
                peer: None,
                admin: own(&place.login.admin, &usual.admin),
                cli: own(&place.login.cli, &usual.cli),
            },
        };
        let stored = stored(entries, at);
        for entry in
            entries.iter().filter(|e| e.to == at && e.peer.username.as_deref().is_some_and(|u| !can_be_written(u)))
        {
            let what = format!(
                "{}'s peer for {} stores a user that no mesh file can name",
                places[entry.from].name, place.name
            );
            remarks.push(Remark::about(RemarkKind::Damage, place, what));
        }
        let most = most(&stored);
        if place.known.is_none() {
            refused(mesh, at, place, most, remarks);
        }
        if let Some(username) = most {
            peer(mesh, at, username, remarks);
            for entry in entries.iter().filter(|entry| entry.to == at) {
                let others = entry.peer.username.as_deref().filter(|other| !same_user(other, username));
                if let Some(other) = others {
                    let (from, to) = (&places[entry.from].name, &place.name);
                    let what = format!("{from}'s peer for {to} stores user `{other}`, and others store `{username}`");
                    let todo = Some("a mesh file has one account for all: a plan changes the entry".to_owned());
                    let about = vec![from.clone(), to.clone()];
                    remarks.push(Remark { kind: RemarkKind::Damage, about, what, todo, of_link: false });
                }
            }
        }
    }
    keep_used(mesh);
}

/// The user names that entries for a cluster store, each with how many do.
fn stored<'a>(entries: &[Entry<'a>], to: usize) -> BTreeMap<&'a str, usize> {
    let mut stored: BTreeMap<&str, usize> = BTreeMap::new();
    for username in entries.iter().filter(|e| e.to == to).filter_map(|e| e.peer.username.as_deref()) {
        if can_be_written(username) {
            *stored.entry(username).or_default() += 1;
        }
    }
    stored
}

fn can_be_written(username: &str) -> bool {
    !username.is_empty() && !username.chars().any(mesh::is_invisible)
}

/// The most frequent one; of equals the first by name.
fn most<'a>(stored: &BTreeMap<&'a str, usize>) -> Option<&'a str> {
    stored.iter().rev().max_by_key(|(_, count)| **count).map(|(username, _)| *username)
}

/// A cluster that refused what it was asked with gets an account of its own to be filled in. Until then nobody tries
/// to log in to it again.
fn refused(mesh: &mut Mesh, at: usize, place: &Place<'_>, stored: Option<&str>, remarks: &mut Vec<Remark>) {
    let by_pages = place.read.and_then(|read| read.peers.failure());
    for (error, role) in [(place.error, "axl"), (by_pages, "admin")] {
        let Some(ErrorKind::Unauthorized { username }) = error.map(|error| &error.kind) else { continue };
        let username = stored.filter(|_| role == "axl").unwrap_or(username);
        let name = define(mesh, &format!("{}-{role}", place.name), username);
        fill_in(mesh, &name, place.name.as_str(), remarks);
        let roles = &mut mesh.clusters[at].credentials;
        *(if role == "axl" { &mut roles.axl } else { &mut roles.admin }) = Some(name);
    }
}

/// The account that the other clusters store for this one. Another cluster's by the same user name would not do: every
/// cluster has passwords of its own.
fn peer(mesh: &mut Mesh, at: usize, username: &str, remarks: &mut Vec<Remark>) {
    let cluster = &mesh.clusters[at];
    let is = |name: &&CredentialName| mesh.credentials.get(name).is_some_and(|c| same_user(&c.username, username));
    if mesh.peer_account(cluster).is_some_and(|name| is(&name)) {
        return;
    }
    let own = [mesh.axl_account(cluster), mesh.admin_account(cluster)].into_iter().flatten().find(is).cloned();
    let cluster = cluster.name.to_string();
    let name = own.unwrap_or_else(|| {
        let name = define(mesh, &format!("{cluster}-peer"), username);
        fill_in(mesh, &name, &format!("{cluster}, which its peers store,"), remarks);
        name
    });
    mesh.clusters[at].credentials.peer = Some(name);
}

/// Defines a credential by a name that is free and can be one.
fn define(mesh: &mut Mesh, wanted: &str, username: &str) -> CredentialName {
    let usable: String =
        wanted.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' }).collect();
    let numbered = (2..).map(|n| format!("{usable}-{n}"));
    let mut names = std::iter::once(usable.clone()).chain(numbered).map(CredentialName::from);
    let name = names.find(|name| !mesh.credentials.contains_key(name)).unwrap_or_default();
    let password = PasswordSource::Env(format!("{}_PASSWORD", variable(name.as_str())));
    mesh.credentials.insert(name.clone(), Credential { username: username.to_owned(), password });
    name
}

fn fill_in(mesh: &Mesh, name: &CredentialName, of: &str, remarks: &mut Vec<Remark>) {
    let Some(Credential { username, password: PasswordSource::Env(variable) }) = mesh.credentials.get(name) else {
        return;
    };
    let what = format!("credential {name}: the password of user `{username}` of {of} belongs into {variable}");
    remarks.push(Remark { kind: RemarkKind::FillIn, about: Vec::new(), what, todo: None, of_link: false });
}

/// What is defined and not used would be a finding.
fn keep_used(mesh: &mut Mesh) {
    let roles = std::iter::once(&mesh.defaults.credentials).chain(mesh.clusters.iter().map(|c| &c.credentials));
    let of = |roles: &Roles| [&roles.axl, &roles.peer, &roles.admin, &roles.cli].map(Clone::clone);
    let mut used: BTreeSet<CredentialName> = roles.flat_map(of).flatten().collect();
    used.extend(mesh.unified_cms.values().map(|unified_cm| unified_cm.credentials.clone()));
    mesh.credentials.retain(|name, _| used.contains(name));
}
