//! A lab for a mesh: the clusters that the mesh names, as they are before anything was peered.

use std::collections::BTreeMap;
use std::net::IpAddr;

use sha2::{Digest, Sha256};

use crate::cluster::{Account, NodeName};
use crate::lab::{AccountSpec, ClusterSpec, LabSpec, NodeSpec};
use crate::mesh::{Cluster, CredentialName, Mesh, State};

/// The version of a cluster whose release the mesh does not tell.
const USUAL_VERSION: &str = "14.0.1.12900-6";

/// A lab, and the accounts that its clusters know, by the names of the mesh's credentials.
pub struct LabMesh {
    /// The lab.
    pub spec: LabSpec,
    /// The accounts.
    pub accounts: BTreeMap<CredentialName, Account>,
    /// An account that may do everything on every cluster, the platform CLI included, for people and strangers' programs.
    pub visitor: Account,
}

/// The lab for a mesh. Where the file gives only a publisher, the cluster gets a second node. Passwords are made
/// from `entropy`, so that a lab can be repeated in tests and is not the same twice elsewhere.
pub fn lab_for(mesh: &Mesh, seed: u64, factor: f64, entropy: &[u8]) -> LabMesh {
    let accounts = accounts(mesh, entropy);
    let alive = mesh.clusters.iter().filter(|c| c.state != State::Gone);
    let mut clusters: Vec<ClusterSpec> = alive.map(|c| cluster_spec(mesh, c, &accounts, seed)).collect();
    let visitor = Account { username: "lab".into(), password: password(entropy, "the lab's visitor").into() };
    for cluster in &mut clusters {
        if !cluster.accounts.iter().any(|a| a.account.username == visitor.username) {
            cluster.accounts.push(AccountSpec { account: visitor.clone(), axl: true, admin: true });
        }
        if !cluster.platform.iter().any(|a| a.username == visitor.username) {
            cluster.platform.push(visitor.clone());
        }
    }
    let name = mesh.metadata.name.clone();
    LabMesh { spec: LabSpec { name, seed, factor, clusters }, accounts, visitor }
}

fn cluster_spec(
    mesh: &Mesh,
    cluster: &Cluster,
    accounts: &BTreeMap<CredentialName, Account>,
    seed: u64,
) -> ClusterSpec {
    let axl = mesh.axl_account(cluster);
    let peer = mesh.peer_account(cluster);
    let admin = mesh.admin_account(cluster);
    // an application user of Unified CM is one of IM and Presence as well
    let unified_cm = unified_cm_account(mesh, cluster);
    let mut specs: Vec<AccountSpec> = Vec::new();
    for name in [axl, peer, admin, unified_cm].into_iter().flatten() {
        let Some(account) = accounts.get(name) else { continue };
        let rights = ([axl, peer, unified_cm].contains(&Some(name)), admin == Some(name));
        match specs.iter_mut().find(|s| s.account.username == account.username) {
            Some(known) => (known.axl, known.admin) = (known.axl || rights.0, known.admin || rights.1),
            None => specs.push(AccountSpec { account: account.clone(), axl: rights.0, admin: rights.1 }),
        }
    }
    ClusterSpec {
        name: cluster.name.clone(),
        version: version(cluster.release.as_deref().or(mesh.defaults.release.as_deref())),
        domain: mesh.domain_of(cluster).to_owned(),
        nodes: nodes(cluster, seed),
        unified_cms: unified_cms(mesh, cluster),
        accounts: specs,
        platform: mesh.cli_account(cluster).and_then(|name| accounts.get(name)).cloned().into_iter().collect(),
        peers: Vec::new(),
        skin: None,
        certificate: Default::default(),
    }
}

/// A full version of a release such as `14` or `12.5`.
fn version(release: Option<&str>) -> String {
    let Some(numbers) = release.map(crate::plan::numbers) else { return USUAL_VERSION.to_owned() };
    match numbers.split('.').count() {
        1 => format!("{numbers}.0.1.10000-1"),
        2 => format!("{numbers}.1.10000-1"),
        3 => format!("{numbers}.10000-1"),
        _ => numbers,
    }
}

/// The nodes, the publisher first; two nodes to a redundancy group where the file does not say.
fn nodes(cluster: &Cluster, seed: u64) -> Vec<NodeSpec> {
    let mut names: Vec<(NodeName, Option<String>)> =
        cluster.nodes.iter().map(|n| (n.name.clone(), n.group.clone())).collect();
    if names.is_empty() {
        names = vec![(cluster.publisher.clone(), None), (second(&cluster.publisher), None)];
    }
    names.sort_by_key(|(name, _)| !name.same(&cluster.publisher));
    let node = |(i, (name, group)): (usize, (NodeName, Option<String>))| NodeSpec {
        users: users(&name, seed),
        name,
        group: Some(group.unwrap_or_else(|| format!("group{}", i / 2 + 1))),
        stopped: Vec::new(),
    };
    names.into_iter().enumerate().map(node).collect()
}

/// Some users for a node: different on each, the same for the same seed.
fn users(name: &NodeName, seed: u64) -> u64 {
    let hash = Sha256::new().chain_update(seed.to_be_bytes()).chain_update(name.normal()).finalize();
    120 + u64::from(hash[0]) * 3
}

/// The name of a second node beside a publisher: the next address, or the next number of its first label.
fn second(publisher: &NodeName) -> NodeName {
    let name = publisher.as_str();
    match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => {
            let [a, b, c, d] = ip.octets();
            let next = if d < 254 { d + 1 } else { d - 1 };
            return NodeName::from(format!("{a}.{b}.{c}.{next}"));
        }
        Ok(IpAddr::V6(ip)) => return NodeName::from(std::net::Ipv6Addr::from(u128::from(ip) ^ 1).to_string()),
        Err(_) => {}
    }
    let (host, rest) = name.split_once('.').map_or((name, String::new()), |(h, r)| (h, format!(".{r}")));
    let stem = host.trim_end_matches(|c: char| c.is_ascii_digit());
    let next = host[stem.len()..].parse::<u64>().map_or(2, |n| n.saturating_add(1));
    let separator = if stem == host { "-" } else { "" };
    NodeName::from(format!("{stem}{separator}{next}{rest}"))
}

/// The Unified CM servers of a cluster: the publisher that the mesh names, or one beside the IM and Presence one.
fn unified_cms(mesh: &Mesh, cluster: &Cluster) -> Vec<String> {
    let named = cluster.unified_cm.as_ref().and_then(|name| mesh.unified_cms.get(name));
    let publisher = match named {
        Some(unified_cm) => unified_cm.publisher.to_string(),
        None => match cluster.publisher.as_str().split_once('.') {
            Some((_, domain)) if cluster.publisher.as_str().parse::<IpAddr>().is_err() => format!("cucm1.{domain}"),
            _ => format!("cucm1-{}.{}", cluster.name, mesh.domain_of(cluster)),
        },
    };
    vec![publisher]
}

/// The credential for the AXL of a cluster's Unified CM publisher.
fn unified_cm_account<'a>(mesh: &'a Mesh, cluster: &Cluster) -> Option<&'a CredentialName> {
    let unified_cm = cluster.unified_cm.as_ref().and_then(|name| mesh.unified_cms.get(name));
    unified_cm.map(|unified_cm| &unified_cm.credentials)
}

/// An account for every credential. Two credentials that a cluster knows by one user name share a password.
fn accounts(mesh: &Mesh, entropy: &[u8]) -> BTreeMap<CredentialName, Account> {
    let mut same_as: BTreeMap<&CredentialName, &CredentialName> = BTreeMap::new();
    for cluster in &mesh.clusters {
        let mut first: BTreeMap<&str, &CredentialName> = BTreeMap::new();
        let own = [mesh.axl_account(cluster), mesh.peer_account(cluster), mesh.admin_account(cluster)];
        let used = own.into_iter().chain([unified_cm_account(mesh, cluster)]);
        for name in used.flatten() {
            let Some(credential) = mesh.credentials.get(name) else { continue };
            let known = *first.entry(credential.username.as_str()).or_insert(name);
            let root = same_as.get(known).copied().unwrap_or(known);
            same_as.entry(name).or_insert(root);
        }
    }
    let account = |(name, credential): (&CredentialName, &crate::mesh::Credential)| {
        let root = same_as.get(name).copied().unwrap_or(name);
        let password = password(entropy, root.as_str());
        (name.clone(), Account { username: credential.username.clone(), password: password.into() })
    };
    mesh.credentials.iter().map(account).collect()
}

/// A password with characters that XML, forms and addresses must escape.
fn password(entropy: &[u8], whose: &str) -> String {
    let hash = Sha256::new().chain_update(entropy).chain_update(whose).finalize();
    let hex: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("Lab&<{hex}+%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_node_gets_the_next_name() {
        for (publisher, expected) in [
            ("imp1.emea.example.com", "imp2.emea.example.com"),
            ("imp09", "imp10"),
            ("presence.example.com", "presence-2.example.com"),
            ("10.40.0.11", "10.40.0.12"),
            ("10.40.0.254", "10.40.0.253"),
        ] {
            assert_eq!(second(&publisher.into()).as_str(), expected);
        }
    }

    #[test]
    fn versions_are_completed() {
        assert_eq!(version(None), USUAL_VERSION);
        assert_eq!(version(Some("14")), "14.0.1.10000-1");
        assert_eq!(version(Some("12.5")), "12.5.1.10000-1");
        assert_eq!(version(Some("12.5(1)SU4")), "12.5.1.10000-1");
        assert_eq!(version(Some("12.5.1.15900-30")), "12.5.1.15900-30");
    }
}
