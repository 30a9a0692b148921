//! A lab from start to end.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::block::Block;
use super::counters::{Counters, Tally};
use super::directory::{Directory, Role};
use super::dns::Dns;
use super::here::{Here, ProductClock, Shared};
use super::https::Https;
use super::identities::Identities;
use super::pages::Pages;
use super::pki::Authority;
use super::proxy::{Proxy, Routes};
use super::record::{Mask, Recorder};
use super::router::router;
use super::session::random;
use super::ssh::{HostKeys, Ssh};
use super::{LabError, control};
use crate::cluster::NodeName;
use crate::lab::world::World;
use crate::lab::{LabSpec, Network};

/// How long requests under way may take to end when a lab goes down.
const GRACE: Duration = Duration::from_secs(5);

/// A running lab. Dropping it ends it at once; [`Lab::down`] lets requests under way end.
pub struct Lab {
    shared: Arc<Shared>,
    dns: Dns,
    proxy: SocketAddr,
    control: SocketAddr,
    token: String,
    ca: String,
    known_hosts: String,
    host_keys: Vec<(NodeName, Vec<String>)>,
    stop: watch::Sender<bool>,
    servers: JoinSet<()>,
    helpers: JoinSet<()>,
}

impl Lab {
    /// Starts a lab on the current runtime: when this returns, every server answers.
    ///
    /// # Errors
    /// No free addresses, a name that two servers share, or one that fits in no certificate.
    pub async fn up(spec: LabSpec) -> Result<Lab, LabError> {
        Lab::up_on(Network::default(), spec).await
    }

    /// The same, over a network that is not this machine's own.
    ///
    /// # Errors
    /// As [`Lab::up`].
    pub async fn up_on(network: Network, spec: LabSpec) -> Result<Lab, LabError> {
        let block = Arc::new(Block::claim(Directory::size(&spec))?);
        let directory = Arc::new(Directory::new(&spec, &block)?);
        let identities = Identities::new(&spec, network.tls, Arc::clone(&directory), Authority::new(&spec.name)?)?;
        let ca = identities.authority();
        let shared = Arc::new(Shared {
            clock: ProductClock::new(spec.factor),
            round_trip: network.round_trip,
            web_sessions: network.web_sessions,
            tallies: directory.servers().iter().map(|_| Tally::default()).collect(),
            sessions: Default::default(),
            rates: Default::default(),
            pages: Pages::new(&spec)?,
            recorder: Recorder::new(Mask::of(&spec)),
            identities,
            clusters: spec.clusters.iter().map(|c| c.name.clone()).collect(),
            directory: Arc::clone(&directory),
            world: Arc::new(Mutex::new(World::new(spec))),
        });

        let (stop, stopped) = watch::channel(false);
        let mut servers = JoinSet::new();
        let routes = router();
        let mut entrances = BTreeMap::new();
        let (mut ssh, mut known_hosts, mut host_keys) = (BTreeMap::new(), String::new(), Vec::new());
        for index in 0..directory.servers().len() {
            let Some(here) = Here::new(&shared, index) else { continue };
            let address = here.server().address;
            let https = Https::bind(here, Arc::clone(&block)).await?;
            entrances.insert(address, https.entrance());
            servers.spawn(https.serve(routes.clone(), stopped.clone()));
            let Some(here) = Here::new(&shared, index).filter(|here| here.server().role == Role::Presence) else {
                continue;
            };
            let (server, keys) = (here.server().clone(), HostKeys::new(shared.pages.seed())?);
            let cli = Ssh::bind(here, &keys).await?;
            known_hosts += &keys.known_hosts(&server, cli.address())?;
            ssh.insert(server.address, cli.address());
            host_keys.push((server.name, keys.fingerprints()));
            servers.spawn(cli.serve(stopped.clone()));
        }

        let own = block.own();
        let dns = Dns::up(own, Arc::clone(&shared)).await?;
        let mut helpers = JoinSet::new();
        let proxy = Proxy::bind(own, Routes { directory, https: Arc::new(entrances), ssh: Arc::new(ssh) }).await?;
        let proxy_address = proxy.address();
        helpers.spawn(proxy.serve());
        let listener = TcpListener::bind((own, 0)).await.map_err(|e| LabError::bind((own, 0), e))?;
        let control = listener.local_addr().map_err(|e| LabError::bind((own, 0), e))?;
        let token = random();
        helpers.spawn(control::serve(listener, Arc::clone(&shared), token.clone()));

        Ok(Lab {
            shared,
            dns,
            proxy: proxy_address,
            control,
            token,
            ca,
            known_hosts,
            host_keys,
            stop,
            servers,
            helpers,
        })
    }

    /// The IM and Presence nodes and their loopback addresses, cluster by cluster, each publisher first. All of
    /// them listen on port 8443.
    pub fn nodes(&self) -> Vec<(NodeName, IpAddr)> {
        self.of(Role::Presence)
    }

    /// The Unified CM servers and their loopback addresses.
    pub fn unified_cms(&self) -> Vec<(NodeName, IpAddr)> {
        self.of(Role::UnifiedCm)
    }

    /// The CONNECT proxy, as a URL.
    pub fn proxy_url(&self) -> String {
        format!("http://{}", self.proxy)
    }

    /// The name server, over UDP and TCP.
    pub fn dns_address(&self) -> SocketAddr {
        self.dns.address()
    }

    /// The certificate of the lab's authority.
    pub fn ca_pem(&self) -> &str {
        &self.ca
    }

    /// The host keys of the nodes' platform CLI, as an OpenSSH `known_hosts` file: by the name that the proxy knows,
    /// and by the address and port where the node listens.
    pub fn known_hosts(&self) -> &str {
        &self.known_hosts
    }

    /// The same host keys by node, as `ssh-keygen -l` prints their fingerprints: `SHA256:…`.
    pub fn host_keys(&self) -> &[(NodeName, Vec<String>)] {
        &self.host_keys
    }

    /// The control endpoint, as a URL; see [`crate::lab::control::Client`].
    pub fn control_url(&self) -> String {
        format!("http://{}", self.control)
    }

    /// What the control endpoint asks for.
    pub fn control_token(&self) -> &str {
        &self.token
    }

    /// The world behind the servers. Its time moves with every request; whoever looks at it between two may call
    /// [`Lab::advance`] first.
    pub fn world(&self) -> Arc<Mutex<World>> {
        Arc::clone(&self.shared.world)
    }

    /// Moves the world to where the product's time is now.
    pub fn advance(&self) {
        drop(self.shared.world());
    }

    /// What every server was asked since the start or the last reset.
    pub fn counters(&self) -> Vec<Counters> {
        self.shared.counters()
    }

    /// Puts the world back to its first state, the counters to zero, and logs everyone out.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// Records every exchange of the servers into a file, one [`Exchange`](super::Exchange) as JSON a line, without
    /// passwords and cookies. What the file held is gone; a recording under way ends.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn record(&self, path: &Path) -> io::Result<()> {
        self.shared.recorder.start(path)
    }

    /// Ends the recording and says how many exchanges are in it; none when there was no recording.
    ///
    /// # Errors
    /// The record is not complete: a line could not be written.
    pub fn stop_recording(&self) -> io::Result<Option<u64>> {
        self.shared.recorder.stop()
    }

    /// Ends the lab: no new connections, requests under way get a few seconds, then all addresses are free.
    pub async fn down(mut self) {
        // Receivers that are gone have stopped already.
        let _ = self.stop.send(true);
        let ended = async { while self.servers.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            tracing::debug!("connections of the lab were cut");
        }
        self.servers.shutdown().await;
        self.helpers.shutdown().await;
        self.dns.down().await;
    }

    fn of(&self, role: Role) -> Vec<(NodeName, IpAddr)> {
        let servers = self.shared.directory.servers().iter().filter(|s| s.role == role);
        servers.map(|s| (s.name.clone(), s.address)).collect()
    }
}
