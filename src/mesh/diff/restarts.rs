//! The XCP Router restarts to expect: an upper bound, since most of them depend on notifications.

use super::{PeerChanges, Restarts};
use crate::mesh::meant::counted;
use crate::mesh::model::{AfterDelete, Batch, Mesh};
use crate::mesh::release::Release;

/// The most nodes of a cluster, for those whose nodes the file does not list.
const MAX_NODES: usize = 6;

pub(super) fn expected(mesh: &Mesh, peers: &[PeerChanges]) -> Vec<Restarts> {
    peers.iter().filter_map(|changes| of_cluster(mesh, changes)).collect()
}

fn of_cluster(mesh: &Mesh, changes: &PeerChanges) -> Option<Restarts> {
    let cluster = mesh.cluster(&changes.cluster)?;
    let links = changes.add.len() + changes.replace.len() + changes.update.len();
    let deletes = changes.delete.len();
    let nodes = (!cluster.nodes.is_empty()).then_some(cluster.nodes.len());
    let count = nodes.unwrap_or(MAX_NODES);
    let release = mesh.release_of(cluster).and_then(Release::read);
    let after_delete = match (mesh.policy.xcp_restart.after_delete, &release) {
        (AfterDelete::Never, _) => None,
        (AfterDelete::Always, _) => Some("all nodes after deletions, as `after_delete: always` asks".to_owned()),
        (AfterDelete::ByRelease, Some(release)) if release.version >= (14, 0) => {
            Some(format!("release {release}: after deletions only where a notification asks for it"))
        }
        (AfterDelete::ByRelease, Some(release)) => {
            Some(format!("release {release}: after deletions the publisher, and every node that a notification names"))
        }
        (AfterDelete::ByRelease, None) => {
            Some("after deletions before release 14 the publisher, and every node that a notification names".to_owned())
        }
    };
    let mut why = Vec::new();
    if links > 0 {
        why.push("after new and changed peers where a notification asks for it".to_owned());
    }
    if deletes > 0 {
        why.extend(after_delete.clone());
    }
    let causes = links + if after_delete.is_some() { deletes } else { 0 };
    let times = match mesh.policy.xcp_restart.batch {
        Batch::Once => usize::from(causes > 0),
        Batch::PerLink => causes,
    };
    let what = match nodes {
        Some(nodes) => counted(nodes, "node"),
        None => format!("up to {MAX_NODES} nodes, which the file does not list"),
    };
    let often = match times {
        0 | 1 => "once each".to_owned(),
        _ => format!("{times} times each"),
    };
    (times > 0).then(|| Restarts {
        cluster: changes.cluster.clone(),
        nodes,
        at_most: count * times,
        why: format!("{what}, {often}: {}", why.join("; ")),
    })
}
