//! What a request finds: the lab it came to, and the server of the lab it was sent to.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use super::counters::{Counters, Tally};
use super::directory::{Directory, Server};
use super::identities::{Identities, Identity};
use super::pages::Pages;
use super::pick::pick;
use super::platform::Platform;
use super::rate::Rates;
use super::record::Recorder;
use super::session::Sessions;
use crate::cluster::ClusterName;
use crate::lab::world::{Rights, World};

/// What all servers of a lab share.
pub(super) struct Shared {
    pub(super) world: Arc<Mutex<World>>,
    pub(super) clock: ProductClock,
    pub(super) round_trip: Duration,
    pub(super) web_sessions: usize,
    pub(super) directory: Arc<Directory>,
    pub(super) tallies: Vec<Tally>,
    pub(super) sessions: Sessions,
    pub(super) rates: Rates,
    pub(super) pages: Pages,
    pub(super) identities: Identities,
    pub(super) recorder: Recorder,
    pub(super) clusters: Vec<ClusterName>,
}

impl Shared {
    /// The world at this instant of the product's time.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        // A handler that panicked has failed its own request; the others go on.
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(self.clock.now());
        world
    }

    /// The product's time of day, as servers date their answers.
    pub(super) fn date(&self) -> Option<HeaderValue> {
        let at = self.world().time_of_day();
        HeaderValue::try_from(at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()).ok()
    }

    /// What every server was asked.
    pub(super) fn counters(&self) -> Vec<Counters> {
        let servers = self.directory.servers().iter().zip(&self.tallies);
        servers.map(|(server, tally)| tally.read(server.name.as_str())).collect()
    }

    /// Back to the first state, for the world, the counters and everyone's sessions.
    pub(super) fn reset(&self) {
        let mut world = self.world();
        self.clock.restart();
        world.reset();
        self.sessions.clear();
        self.rates.clear();
        for tally in &self.tallies {
            tally.zero();
        }
    }
}

/// The product's time: the real one since the start, times the lab's factor.
#[derive(Debug)]
pub(super) struct ProductClock {
    factor: f64,
    started: Mutex<Instant>,
}

impl ProductClock {
    /// A clock that starts now. A factor that is no positive number counts as 1.
    pub(super) fn new(factor: f64) -> ProductClock {
        let factor = if factor.is_finite() && factor > 0.0 { factor } else { 1.0 };
        ProductClock { factor, started: Mutex::new(Instant::now()) }
    }

    /// The product's time since the start.
    pub(super) fn now(&self) -> Duration {
        Duration::try_from_secs_f64(self.real().as_secs_f64() * self.factor).unwrap_or(Duration::MAX)
    }

    /// The real time since the start.
    pub(super) fn real(&self) -> Duration {
        self.started.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    /// How long a span of the product's time really takes.
    pub(super) fn real_time_of(&self, span: Duration) -> Duration {
        Duration::try_from_secs_f64(span.as_secs_f64() / self.factor).unwrap_or(Duration::MAX)
    }

    fn restart(&self) {
        *self.started.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

/// The server that a request was sent to.
#[derive(Clone)]
pub(super) struct Here {
    pub(super) lab: Arc<Shared>,
    index: usize,
    server: Server,
}

impl Here {
    /// The n-th server of the directory.
    pub(super) fn new(lab: &Arc<Shared>, index: usize) -> Option<Here> {
        let server = lab.directory.servers().get(index)?.clone();
        (index < lab.tallies.len() && server.cluster < lab.clusters.len()).then(|| Here {
            lab: Arc::clone(lab),
            index,
            server,
        })
    }

    /// Its position in the directory.
    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// Who it is.
    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    /// Its counters.
    pub(super) fn tally(&self) -> &Tally {
        // In bounds: `new` has looked.
        &self.lab.tallies[self.index]
    }

    /// The cluster it belongs to.
    pub(super) fn cluster(&self) -> &ClusterName {
        // In bounds: `new` has looked.
        &self.lab.clusters[self.server.cluster]
    }

    /// What the servers of its cluster show now.
    pub(super) fn identity(&self) -> Arc<Identity> {
        let (regenerated, kind) = {
            let world = self.world();
            (world.certificates_regenerated(self.cluster()), world.certificate_kind(self.cluster()))
        };
        self.lab.identities.of(self.server.cluster, regenerated, kind)
    }

    /// Whether it is down.
    pub(super) fn is_off(&self) -> bool {
        self.world().is_off(self.cluster(), &self.server.name)
    }

    /// Its side of a handshake.
    pub(super) fn tls(&self) -> Option<TlsAcceptor> {
        self.identity().tls.get(&self.index).map(|tls| TlsAcceptor::from(Arc::clone(tls)))
    }

    /// The world at this instant of the product's time.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.lab.world()
    }

    /// One of the options, by the lab's seed.
    pub(super) fn pick<T: Copy, const N: usize>(&self, purpose: &str, options: [T; N]) -> T {
        pick(self.lab.pages.seed(), purpose, options)
    }

    /// Checks an account; a failure is counted.
    pub(super) fn log_in(&self, username: &str, password: &str) -> Option<Rights> {
        let rights = self.world().check_account(self.cluster(), username, password);
        if rights.is_none() {
            self.tally().failed_login(username);
        }
        rights
    }

    /// Checks an OS administration account; a failure is counted.
    pub(super) fn log_in_to_platform(&self, username: &str, password: &str) -> bool {
        let known = self.world().check_platform_account(self.cluster(), username, password);
        if !known {
            self.tally().failed_login(username);
        }
        known
    }

    /// The platform CLI of this server.
    pub(super) fn platform(&self) -> Platform {
        Platform::new(self.lab.pages.seed(), self.cluster().clone(), self.server.name.clone())
    }

    /// Counts what an order changed, and hands its outcome on.
    pub(super) fn count<T, E>(&self, outcome: Result<T, E>) -> Result<T, E> {
        if outcome.is_ok() {
            self.tally().writes.add(1);
        }
        outcome
    }
}
