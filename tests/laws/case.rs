//! Random meshes, and what was done to the clusters before anybody planned.

use std::sync::OnceLock;

use intermesh::cluster::{NodeName, Protocol, service};
use intermesh::lab::{InMemory, LabSpec, PeerSpec};
use intermesh::mesh::{
    AfterDelete, Batch, ClusterName, Day, HighAvailability, LinkEntry, Mesh, Node, ParameterValue, Shape, State,
    Transport, UnmanagedPeers, Window,
};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::{Bench, Make, switching_mesh};

/// A mesh, a product and its damage, as numbers: places are taken modulo what there is.
#[derive(Clone, Debug)]
pub struct Case {
    pub clusters: usize,
    shape: Shape,
    links: Vec<(u8, u8, bool)>,
    tls: bool,
    nodes: Vec<u8>,
    old: Vec<bool>,
    states: Vec<State>,
    pub policy: Rules,
    parameters: bool,
    /// Which links are there before the plan.
    linked: u64,
    damage: Vec<(Damage, u8, u8)>,
    seed: u64,
    /// Decides the order in which the steps are carried out.
    pub order: u64,
    pub fault: Option<Fault>,
    /// The maintenance window: the hour of its opening, its hours, and whether it is open on Saturdays and Sundays only.
    pub window: Option<(u8, u8, bool)>,
}

/// The part of the policy that decides the order of the steps.
#[derive(Clone, Debug)]
pub struct Rules {
    pub switch_off: bool,
    per_link: bool,
    after_delete: AfterDelete,
    pub syncs: u32,
    pub restarting: u32,
    canary_above: u32,
    unmanaged: UnmanagedPeers,
}

/// What was done to a cluster, or to its entry for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    Stopped(&'static str),
    OneSide,
    OtherProtocol,
    OtherUser,
    OtherPassword,
    Regenerated,
    Stranger,
    Subscriber,
    Parameter,
    HighAvailabilityOff,
    RestartAsked,
}

/// What goes wrong once while the plan is carried out.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub cluster: u8,
    pub call: &'static str,
    /// The answer is lost; otherwise the order is refused.
    pub lost: bool,
    pub effect: bool,
}

/// Mostly small meshes: what goes wrong between clusters goes wrong between three of them.
pub fn small() -> impl Strategy<Value = Case> {
    prop_oneof![100 => 2usize..=4, 14 => 5usize..=7, 1 => 8usize..=12].prop_flat_map(case)
}

/// The largest meshes that the vendor supports.
pub fn large() -> impl Strategy<Value = Case> {
    prop_oneof![3 => 13usize..=20, 2 => 21usize..=29, 1 => Just(30usize)].prop_flat_map(case)
}

fn case(clusters: usize) -> impl Strategy<Value = Case> {
    let policy =
        (
            any::<bool>(),
            prop::bool::weighted(0.15),
            select(vec![AfterDelete::ByRelease, AfterDelete::Always]),
            1u32..=3,
            1u32..=3,
            select(vec![0u32, 2, 100]),
            select(vec![UnmanagedPeers::Report, UnmanagedPeers::Delete, UnmanagedPeers::Ignore]),
        )
            .prop_map(|(switch_off, per_link, after_delete, syncs, restarting, canary_above, unmanaged)| {
                Rules { switch_off, per_link, after_delete, syncs, restarting, canary_above, unmanaged }
            });
    let damage = prop_oneof![
        3 => select(vec![service::AXL, service::ICSA, service::SYNC_AGENT, service::XCP_ROUTER]).prop_map(Damage::Stopped),
        8 => select(vec![
            Damage::OneSide,
            Damage::OtherProtocol,
            Damage::OtherUser,
            Damage::OtherPassword,
            Damage::Regenerated,
            Damage::Stranger,
            Damage::Subscriber,
            Damage::Parameter,
            Damage::HighAvailabilityOff,
            Damage::RestartAsked,
        ]),
    ];
    let fault = (
        any::<u8>(),
        select(vec![
            "add_peer",
            "delete_peer",
            "update_peer",
            "force_sync",
            "restart",
            "set_high_availability",
            "start",
        ]),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(cluster, call, lost, effect)| Fault { cluster, call, lost, effect: effect && lost });
    let state = prop_oneof![14 => Just(State::Present), 1 => Just(State::Absent), 1 => Just(State::Gone)];
    let shape = prop_oneof![3 => Just(Shape::Full), 1 => Just(Shape::Hub), 2 => Just(Shape::Links)];
    let mesh = (
        shape,
        vec(any::<(u8, u8, bool)>(), 1..=2 * clusters),
        any::<bool>(),
        vec(1u8..=4, clusters),
        vec(any::<bool>(), clusters),
        vec(state, clusters),
        policy,
        prop::bool::weighted(0.2),
    );
    let linked = prop_oneof![2 => Just(0u64), 2 => Just(u64::MAX), 3 => any::<u64>()];
    // shorter than eight hours it would be for some steps that wait for all of their users
    let window = weighted(0.15, (0u8..24, 8u8..=20, any::<bool>()));
    let product = (
        linked,
        vec((damage, any::<u8>(), any::<u8>()), 0..=4),
        any::<u64>(),
        any::<u64>(),
        weighted(0.2, fault),
        window,
    );
    (mesh, product).prop_map(move |(mesh, (linked, damage, seed, order, fault, window))| {
        let (shape, links, tls, nodes, old, states, policy, parameters) = mesh;
        Case {
            clusters,
            shape,
            links,
            tls,
            nodes,
            old,
            states,
            policy,
            parameters,
            linked,
            damage,
            seed,
            order,
            fault,
            window,
        }
    })
}

/// A mesh of 30 clusters: to read a file ten thousand times would test the reader.
fn largest() -> &'static Mesh {
    static LARGEST: OnceLock<Mesh> = OnceLock::new();
    LARGEST.get_or_init(|| switching_mesh(30))
}

impl Case {
    pub fn mesh(&self) -> Mesh {
        let mut mesh = largest().clone();
        mesh.clusters.truncate(self.clusters);
        for (at, cluster) in mesh.clusters.iter_mut().enumerate() {
            cluster.state = self.states[at];
            cluster.release = Some(if self.old[at] { "12.5" } else { "14" }.into());
            let node = |n: u8| Node {
                name: NodeName::from(format!("imp{n}.c{at:02}.example.com")),
                group: Some(format!("group{}", (n - 1) / 2)),
                parameters: Default::default(),
            };
            cluster.nodes = (1..=self.nodes[at]).map(node).collect();
        }
        mesh.topology.shape = self.shape;
        mesh.topology.hub = (self.shape == Shape::Hub).then(|| name(0));
        mesh.topology.links = Vec::new();
        for (a, b, tls) in &self.links {
            let (a, b) = (name(usize::from(*a) % self.clusters), name(usize::from(*b) % self.clusters));
            let listed = |link: &LinkEntry| link.between.contains(&a) && link.between.contains(&b);
            if a != b && !mesh.topology.links.iter().any(listed) {
                let transport = Some(if *tls { Transport::Tls } else { Transport::Tcp });
                mesh.topology.links.push(LinkEntry { between: [a, b], transport });
            }
        }
        mesh.defaults.transport = if self.tls { Transport::Tls } else { Transport::Tcp };
        if self.parameters {
            let mut set = |service: &str, label: &str, value: &str| {
                let of = mesh.parameters.entry(service.to_owned()).or_default();
                of.insert(label.to_owned(), ParameterValue(value.to_owned()));
            };
            set(service::SIP_PROXY, "Maximum no. of processes", "10");
            set(service::ICSA, "Enable Auto Recovery for Inter-Cluster Peer Periodic Syncing Failure", "Enabled");
        }
        let policy = &mut mesh.policy;
        policy.window = self.window.map(|(opens, hours, weekends)| Window {
            days: if weekends { vec![Day::Sat, Day::Sun] } else { Vec::new() },
            from: format!("{opens:02}:00"),
            to: format!("{:02}:00", (opens + hours) % 24),
            zone: "Europe/Berlin".into(),
        });
        policy.unmanaged_peers = self.policy.unmanaged;
        policy.max_deletes = 1_000;
        policy.max_restarts = 100_000;
        policy.concurrent_syncs_per_cluster = self.policy.syncs;
        policy.canary_above = self.policy.canary_above;
        policy.xcp_restart.batch = if self.policy.per_link { Batch::PerLink } else { Batch::Once };
        policy.xcp_restart.after_delete = self.policy.after_delete;
        policy.xcp_restart.max_clusters_at_once = self.policy.restarting;
        policy.xcp_restart.high_availability =
            if self.policy.switch_off { HighAvailability::SwitchOff } else { HighAvailability::Leave };
        mesh
    }

    /// The same without damage, with every cluster in the mesh and no peer that the file does not ask for.
    pub fn healthy(&self) -> Case {
        let policy = Rules { unmanaged: UnmanagedPeers::Delete, ..self.policy.clone() };
        let states = vec![State::Present; self.states.len()];
        Case { damage: Vec::new(), fault: None, linked: 0, window: None, states, policy, ..self.clone() }
    }

    /// The product, damaged.
    pub fn bench(&self) -> Bench {
        self.bench_made(InMemory::new)
    }

    /// The product, damaged, made in another way.
    pub fn bench_made(&self, make: Make) -> Bench {
        let mesh = self.mesh();
        let bench = Bench::made(mesh.clone(), self.seed, make, |spec| self.before(&mesh, spec));
        self.after(&bench);
        bench
    }

    /// The kinds of damage that were done.
    pub fn kinds(&self) -> Vec<Damage> {
        self.damage.iter().map(|(damage, ..)| *damage).collect()
    }

    /// The clusters of a damage: the one that it is done to, and another.
    fn places(&self, a: u8, b: u8) -> (usize, usize) {
        let a = usize::from(a) % self.clusters;
        (a, (a + 1 + usize::from(b) % (self.clusters - 1)) % self.clusters)
    }

    fn has(&self, damage: Damage, from: usize, to: usize) -> bool {
        self.damage.iter().any(|(d, a, b)| *d == damage && self.places(*a, *b) == (from, to))
    }

    /// What is there from the beginning: entries, and routers that do not run.
    fn before(&self, mesh: &Mesh, spec: &mut LabSpec) {
        let account = spec.clusters.first().and_then(|c| c.accounts.first()).map(|a| a.account.clone());
        let Some(account) = account else { return };
        let links = intermesh::mesh::topology::links(mesh);
        for cluster in &mut spec.clusters {
            let from = place(&cluster.name);
            for (to, there) in mesh.clusters.iter().enumerate().filter(|(to, _)| *to != from) {
                let bit = (from.min(to) * self.clusters + from.max(to)) % 64;
                if self.linked >> bit & 1 == 0 || self.has(Damage::OneSide, from, to) {
                    continue;
                }
                let of_pair = links.iter().find(|l| l.pair.has(&cluster.name) && l.pair.has(&there.name));
                let wanted = of_pair.map_or(mesh.defaults.transport, |link| link.transport);
                let differs = self.has(Damage::OtherProtocol, from, to);
                let mut account = account.clone();
                if self.has(Damage::OtherUser, from, to) {
                    account.username = "former".into();
                }
                if self.has(Damage::OtherPassword, from, to) {
                    account.password = "an old one".into();
                }
                let subscriber = self.has(Damage::Subscriber, from, to) && there.nodes.len() > 1;
                let address = if subscriber { &there.nodes[1].name } else { &there.publisher };
                let protocol = if (wanted == Transport::Tls) != differs { Protocol::Tls } else { Protocol::Tcp };
                cluster.peers.push(PeerSpec { address: address.clone(), account, protocol });
            }
            for (damage, a, b) in &self.damage {
                if self.places(*a, *b).0 != from {
                    continue;
                }
                match damage {
                    Damage::Stranger => cluster.peers.push(PeerSpec {
                        address: "imp1.elsewhere.example.com".into(),
                        account: account.clone(),
                        protocol: Protocol::Tcp,
                    }),
                    // no node of a cluster fails over from what was so before the lab began
                    Damage::Stopped(service::XCP_ROUTER) => {
                        let node = usize::from(*b) % cluster.nodes.len();
                        cluster.nodes[node].stopped.push(service::XCP_ROUTER.to_owned());
                    }
                    _ => {}
                }
            }
            let mut seen = Vec::new();
            cluster.peers.retain(|peer| {
                !seen.contains(&peer.address) && {
                    seen.push(peer.address.clone());
                    true
                }
            });
        }
    }

    /// What happens to the clusters before anybody looks. A disturbance that does not fit is none.
    fn after(&self, bench: &Bench) {
        let links = intermesh::mesh::topology::links(&bench.mesh);
        let mut world = bench.lab.world();
        for (damage, a, b) in &self.damage {
            let (from, _) = self.places(*a, *b);
            let cluster = &bench.mesh.clusters[from];
            // what nobody links is not mended, so it could not be read to the end
            let linked = links.iter().any(|link| link.pair.has(&cluster.name));
            let node = &cluster.nodes[usize::from(*b) % cluster.nodes.len()].name;
            let _ = match damage {
                Damage::Stopped(name) if !linked || *name == service::XCP_ROUTER => Ok(()),
                Damage::Stopped(service::SYNC_AGENT) => {
                    world.stop(&cluster.name, &cluster.publisher, service::SYNC_AGENT)
                }
                Damage::Stopped(service) => world.stop(&cluster.name, node, service),
                Damage::Regenerated => world.regenerate_certificates(&cluster.name),
                Damage::Parameter => {
                    world.set_parameter(&cluster.name, node, service::SIP_PROXY, "Maximum no. of processes", "7")
                }
                Damage::HighAvailabilityOff => {
                    world.begin_with_high_availability(&cluster.name, "group0", false);
                    Ok(())
                }
                Damage::RestartAsked => {
                    let edit = intermesh::cluster::PeerEdit { account: None, protocol: None };
                    let address = world.peers(&cluster.name).first().map(|peer| peer.address.clone());
                    address.map_or(Ok(()), |address| world.update_peer(&cluster.name, &address, &edit))
                }
                _ => Ok(()),
            };
        }
    }
}

pub fn name(at: usize) -> ClusterName {
    format!("c{at:02}").as_str().into()
}

fn place(name: &ClusterName) -> usize {
    name.as_str().trim_start_matches('c').parse().unwrap()
}

/// Linked clusters with so many nodes each, on a product of its own seed, and nothing to do.
fn plain(nodes: &[u8], seed: u64) -> Case {
    let policy = Rules {
        switch_off: false,
        per_link: false,
        after_delete: AfterDelete::ByRelease,
        syncs: 1,
        restarting: 1,
        canary_above: 0,
        unmanaged: UnmanagedPeers::Report,
    };
    Case {
        clusters: nodes.len(),
        shape: Shape::Full,
        links: Vec::new(),
        tls: false,
        nodes: nodes.to_vec(),
        old: vec![false; nodes.len()],
        states: vec![State::Present; nodes.len()],
        policy,
        parameters: false,
        linked: u64::MAX,
        damage: Vec::new(),
        seed,
        order: 0,
        fault: None,
        window: None,
    }
}

/// An entry that no link asks for, of which the other side is missing, ends its first sync in the seconds before the first
/// plan is made; the restart that it needs is asked for in those after.
pub fn a_strangers_sync_ends() -> Case {
    let (shape, links) = (Shape::Links, vec![(21, 4, false)]);
    let damage = vec![(Damage::OneSide, 19, 21), (Damage::OtherUser, 21, 4)];
    Case { shape, links, damage, parameters: true, ..plain(&[1, 2, 1, 1], 799637415413737787) }
}

/// A router is down, and its start is refused; the other router of its group is to restart.
pub fn a_start_is_refused_beside_a_restart() -> Case {
    let damage = vec![(Damage::OtherUser, 163, 72), (Damage::Stopped(service::XCP_ROUTER), 32, 133)];
    let fault = Some(Fault { cluster: 53, call: "start", lost: false, effect: false });
    Case { damage, fault, ..plain(&[1, 1, 2], 648887271434449116) }
}

/// A side of a link that waited for a service begins its first sync when that is started; it ends while a router restarts
/// for another link, and asks for a restart once more.
pub fn a_sync_ends_while_a_router_restarts() -> Case {
    let base = plain(&[2, 3, 1, 3, 2, 4], 9058932807661947585);
    let mut states = base.states.clone();
    states[4] = State::Absent;
    let damage = vec![(Damage::Stopped(service::SYNC_AGENT), 111, 0), (Damage::OneSide, 207, 71)];
    let policy = Rules { switch_off: true, ..base.policy.clone() };
    Case { damage, states, policy, linked: 17555062021590491614, order: 6295387640258101967, ..base }
}

/// An entry that no link asks for cannot sync, because a service is down over there; the plan starts it, and the end of that
/// sync asks for a restart when the plan is done.
pub fn a_stranger_syncs_when_a_service_is_started() -> Case {
    let (shape, links) = (Shape::Links, vec![(180, 8, false), (8, 21, false)]);
    let base = plain(&[1; 7], 305519200028006728);
    let mut states = base.states.clone();
    states[6] = State::Absent;
    let old = (0..7).map(|at| at == 5).collect();
    let damage = vec![(Damage::OneSide, 40, 55), (Damage::Stopped(service::AXL), 96, 0)];
    Case { shape, links, states, old, damage, order: 1992343219655328317, ..base }
}
