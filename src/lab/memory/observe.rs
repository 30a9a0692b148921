//! Reading in memory.

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::ExposeSecret;

use super::Handle;
use super::names::{certificate, lookup, stored};
use crate::cluster::{
    Certificate, Check, Clock, ClusterName, ClusterServer, CredentialName, ErrorKind, Group, Identity, ImAddressScheme,
    NameLookup, Node, NodeName, Notification, Observe, Parameter, Peer, PeerStatus, Reachability, Result, Service,
    StoredCertificate, SyncStatus, TopologyFacts,
};
use crate::lab::world::{Member, Reach, SchemeView, World};

/// How long a node waits for a connection that nobody answers.
const SILENCE: Duration = Duration::from_secs(60);

#[async_trait]
impl Observe for Handle {
    fn cluster(&self) -> &ClusterName {
        &self.cluster
    }

    async fn identity(&self) -> Result<Identity> {
        self.axl("identity", "read the version", |world| Identity {
            version: world.version(&self.cluster).unwrap_or_default().to_owned(),
            servers: world.nodes(&self.cluster).into_iter().map(|n| n.name.to_string()).collect(),
            unified_cm_servers: world.unified_cms(&self.cluster).to_vec(),
        })
    }

    async fn nodes(&self) -> Result<Vec<Node>> {
        self.axl("nodes", "read the nodes", |world| {
            let node = |n: crate::lab::world::NodeView| Node {
                name: n.name,
                publisher: n.publisher,
                group: n.group,
                assigned_users: n.assigned_users,
                state: n.state.to_owned(),
            };
            world.nodes(&self.cluster).into_iter().map(node).collect()
        })
    }

    async fn services(&self, node: &NodeName) -> Result<Vec<Service>> {
        self.call("services", Some(node), "read the services", |world| {
            let service = |s: crate::lab::world::ServiceView| Service {
                name: s.name.to_owned(),
                state: s.state,
                reason: (!s.reason.is_empty()).then(|| s.reason.to_owned()),
                up_seconds: s.up.map(|up| up.as_secs()),
            };
            Ok(world.services(&self.cluster, node).into_iter().map(service).collect())
        })
    }

    async fn sync_status(&self) -> Result<SyncStatus> {
        self.call("sync_status", None, "read `Sync Status`", |world| {
            Ok(SyncStatus { text: world.sync_status(&self.cluster) })
        })
    }

    async fn peers(&self) -> Result<Vec<Peer>> {
        self.call("peers", None, "read the intercluster peers", |world| {
            let peer = |p: crate::lab::world::PeerView| Peer {
                address: p.address,
                username: Some(p.username),
                protocol: p.protocol,
            };
            Ok(world.peers(&self.cluster).into_iter().map(peer).collect())
        })
    }

    async fn peer_status(&self, address: &NodeName) -> Result<PeerStatus> {
        self.call("peer_status", None, "read `Inter-cluster Peer Status`", |world| {
            world
                .peer_status(&self.cluster, address)
                .ok_or_else(|| ErrorKind::NotFound { label: address.to_string(), page: "Inter-Clustering".to_owned() })
        })
    }

    async fn notifications(&self) -> Result<Vec<Notification>> {
        self.call("notifications", None, "read the notifications", |world| {
            let notification = |n: crate::lab::world::NotificationView| Notification {
                severity: n.severity.to_owned(),
                text: n.text,
                node: n.node,
            };
            Ok(world.notifications(&self.cluster).into_iter().map(notification).collect())
        })
    }

    async fn topology(&self) -> Result<TopologyFacts> {
        self.call("topology", None, "read Presence Topology", |world| Ok(world.topology(&self.cluster)))
    }

    async fn troubleshooter(&self) -> Result<Vec<Check>> {
        self.call("troubleshooter", None, "read the System Troubleshooter", |world| {
            Ok(world.troubleshooter(&self.cluster))
        })
    }

    async fn parameters(&self, node: &NodeName, service: &str, _: &[&str]) -> Result<Vec<Parameter>> {
        self.call("parameters", Some(node), "read the service parameters", |world| {
            let parameter = |p: crate::lab::world::ParameterView| Parameter::new(p.label, p.value);
            Ok(world.parameters(&self.cluster, node, service).into_iter().map(parameter).collect())
        })
    }

    async fn users(&self) -> Result<u64> {
        self.axl("users", "count the users", |world| world.users(&self.cluster))
    }

    async fn high_availability(&self) -> Result<Vec<Group>> {
        self.axl("high_availability", "read the redundancy groups", |world| world.groups(&self.cluster))
    }

    async fn stored_certificates(&self) -> Result<Vec<StoredCertificate>> {
        self.axl("stored_certificates", "read the stored certificates", |world| {
            world.nodes(&self.cluster).iter().map(|node| stored(world, &self.cluster, &node.name)).collect()
        })
    }

    async fn answers_probe(&self, account: &CredentialName) -> Result<()> {
        const DOING: &str = "log in to AXL as a peer does";
        let Some(known) = self.lab.shared.accounts.get(account) else {
            let (credential, detail) = (account.to_string(), "the lab has no account of that name".to_owned());
            return Err(self.error(None, DOING, ErrorKind::NoCredential { credential, detail }));
        };
        let rights = self.axl("answers_probe", DOING, |world| {
            world.check_account(&self.cluster, &known.username, known.password.expose_secret())
        })?;
        let username = known.username.clone();
        let kind = match rights {
            Some(rights) if rights.axl => return Ok(()),
            Some(_) => ErrorKind::Forbidden { username, detail: "Standard AXL API Access".to_owned() },
            None => ErrorKind::Unauthorized { username },
        };
        Err(self.error(None, DOING, kind))
    }

    async fn certificate(&self, node: &NodeName) -> Result<Certificate> {
        self.call("certificate", Some(node), "look at the certificate", |world| {
            Ok(certificate(world, &self.cluster, node))
        })
    }

    async fn resolve(&self, name: &str) -> Result<NameLookup> {
        self.call("resolve", None, &format!("resolve {name}"), |world| {
            Ok(lookup(world, &self.cluster, name, "the lab's DNS"))
        })
    }

    async fn node_resolves(&self, node: &NodeName, name: &str) -> Result<NameLookup> {
        self.platform("node_resolves", node, &format!("ask the node to resolve {name}"), |world| {
            lookup(world, &self.cluster, name, node.as_str())
        })
    }

    async fn reaches(&self, node: &NodeName, host: &str, port: u16) -> Result<Reachability> {
        let closed = |words: &str| Reachability::Closed(words.to_owned());
        let reach = self.platform("reaches", node, &format!("ask the node to connect to {host}:{port}"), |world| {
            world.reach(&self.cluster, host, port)
        })?;
        Ok(match reach {
            Reach::Open(_) => Reachability::Open,
            Reach::Closed(_) => closed("connection refused"),
            Reach::Silent => {
                self.lab.clock().wait(SILENCE).await;
                closed("connection timed out")
            }
            Reach::NoSuchName => closed("unknown host"),
        })
    }

    async fn time(&self) -> Result<Timestamp> {
        self.call("time", None, "read the publisher's clock", |world| Ok(world.time_of_day()))
    }

    async fn im_address_scheme(&self) -> Result<ImAddressScheme> {
        self.call("im_address_scheme", None, "find the IM address scheme", |world| {
            let (place, value) = match world.im_address_scheme() {
                SchemeView::Parameter(name, value) => (name, value),
                SchemeView::Topology(value) => ("IM Address Scheme", value),
                SchemeView::Nowhere => {
                    return Err(ErrorKind::Unsupported { detail: "nothing that is read shows it".to_owned() });
                }
            };
            Ok(ImAddressScheme { place: place.to_owned(), value: value.to_owned() })
        })
    }

    async fn sessions(&self, node: &NodeName) -> Result<u64> {
        let count = |world: &World| {
            let nodes = world.nodes(&self.cluster);
            nodes.iter().filter(|n| n.name.same(node)).map(|n| n.active_users).sum()
        };
        self.platform("sessions", node, "count the sessions", count)
    }

    async fn platform_cluster(&self, node: &NodeName) -> Result<Vec<ClusterServer>> {
        let server = |member: Member| ClusterServer {
            address: IpAddr::V4(member.address),
            name: member.name,
            presence: member.presence,
            database_publisher: member.publisher,
            authenticated: true,
        };
        self.platform("platform_cluster", node, "read the servers of the cluster", |world| {
            world.members(&self.cluster).into_iter().map(server).collect()
        })
    }
}
