//! A lab that begins in sync with its mesh file, but for some peers.

use sha2::{Digest, Sha256};

use super::lab_spec::LabMesh;
use crate::cluster::Protocol;
use crate::lab::PeerSpec;
use crate::mesh::Mesh;
use crate::mesh::topology::links;

/// Gives the clusters of a lab the peers that the mesh file asks for, without some, which the lab's seed chooses.
pub fn begin_with_peers(made: &mut LabMesh, mesh: &Mesh, missing: usize) {
    let seed = made.spec.seed;
    let links = links(mesh);
    let mut wanted: Vec<_> =
        links.iter().flat_map(|link| link.pair.directions().map(|(from, to)| (from, to, link.transport))).collect();
    wanted.sort_by_cached_key(|(from, to, _)| {
        Sha256::new()
            .chain_update(seed.to_be_bytes())
            .chain_update(format!("{from} does not know {to}"))
            .finalize()
            .to_vec()
    });
    let mut there = wanted.split_off(missing.min(wanted.len()));
    there.sort_by_key(|(from, to, _)| (*from, *to));
    for (from, to, transport) in there {
        let account = mesh.cluster(to).and_then(|to| Some((to, made.accounts.get(mesh.peer_account(to)?)?)));
        let holder = made.spec.clusters.iter_mut().find(|cluster| cluster.name == *from);
        if let (Some((to, account)), Some(holder)) = (account, holder) {
            let protocol = Protocol::from(transport);
            holder.peers.push(PeerSpec { address: to.publisher.clone(), account: account.clone(), protocol });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::lab_spec::lab_for;

    const MESH: &str = include_str!("../../examples/topologies/three-full.yaml");

    fn peers(seed: u64, missing: usize) -> Vec<String> {
        let mesh = crate::mesh::load_str("mesh.yaml", MESH, jiff::civil::date(2026, 11, 22)).unwrap().mesh;
        let mut made = lab_for(&mesh, seed, 1.0, b"");
        begin_with_peers(&mut made, &mesh, missing);
        let of = |c: &crate::lab::ClusterSpec| {
            c.peers.iter().map(|p| format!("{} {}", c.name, p.address)).collect::<Vec<_>>()
        };
        made.spec.clusters.iter().flat_map(of).collect()
    }

    #[test]
    fn as_many_are_missing_as_were_asked_for() {
        assert_eq!([0, 2, 6, 7].map(|missing| peers(1, missing).len()), [6, 4, 0, 0]);
    }

    #[test]
    fn the_seed_chooses() {
        assert_eq!(peers(1, 2), peers(1, 2));
        let chosen: std::collections::BTreeSet<_> = (0..20).map(|seed| peers(seed, 1)).collect();
        assert!(chosen.len() > 3, "{chosen:?}");
    }
}
