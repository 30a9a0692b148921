//! Certificates and names in memory.

use std::net::IpAddr;

use crate::cluster::{AddressLookup, Certificate, ClusterName, NameLookup, NodeName, StoredCertificate, StoredKey};
use crate::lab::spec::CertificateKind;
use crate::lab::world::World;

/// The certificate that the lab's servers would show for the cluster, without a key: the world knows no cryptography.
pub(super) fn certificate(world: &World, cluster: &ClusterName, node: &NodeName) -> Certificate {
    let kind = world.certificate_kind(cluster);
    let (mut names, mut addresses) = (Vec::new(), Vec::new());
    for member in world.members(cluster).into_iter().filter(|_| kind != CertificateKind::WithoutNames) {
        match member.name.parse::<IpAddr>() {
            Ok(address) => addresses.push(address),
            Err(_) => names.push(member.name),
        }
    }
    let subject = format!("CN={node}");
    let own = kind == CertificateKind::SelfSigned;
    let until = if kind == CertificateKind::Expired { EXPIRED } else { GOOD };
    Certificate {
        issuer: if own { subject.clone() } else { "CN=lab root".to_owned() },
        subject,
        names,
        addresses,
        not_before: at(SINCE),
        not_after: at(until),
        self_signed: own,
        authority: own,
        pin: match world.certificates_regenerated(cluster) {
            0 => format!("sha256/{cluster}"),
            times => format!("sha256/{cluster}+{times}"),
        },
    }
}

/// The same certificate, as the cluster has it.
pub(super) fn stored(world: &World, cluster: &ClusterName, node: &NodeName) -> StoredCertificate {
    let Certificate { issuer, authority, not_after, pin, .. } = certificate(world, cluster, node);
    StoredCertificate {
        component: "tomcat".to_owned(),
        subject: node.to_string(),
        issuer: issuer.trim_start_matches("CN=").to_owned(),
        authority,
        fingerprint: world.key(&[cluster.as_str(), node.as_str(), "tomcat"]).replace('-', ""),
        key: Some(StoredKey { pin, not_after }),
    }
}

/// The first of January of 2020, of 2024 and of 2049.
const SINCE: i64 = 1_577_836_800;
const EXPIRED: i64 = 1_704_067_200;
const GOOD: i64 = 2_493_072_000;

fn at(second: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(second).unwrap_or_default()
}

pub(super) fn lookup(world: &World, cluster: &ClusterName, name: &str, server: &str) -> NameLookup {
    let back = |address| world.reverse(cluster, address).into_iter().collect();
    let found = world.resolve(cluster, name);
    let addresses = found.map(|address| AddressLookup { address: address.into(), names: back(address) });
    let (name, server) = (name.to_owned(), server.to_owned());
    NameLookup { name, server, addresses: addresses.into_iter().collect(), trouble: None, elsewhere: Vec::new() }
}
