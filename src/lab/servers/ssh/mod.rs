//! The platform CLI over SSH, on every IM and Presence node (field-notes 2.3, 7): port 22 of the node's address
//! where it can be had, else a port of its own, to which the lab's proxy leads whoever asks for port 22.
//!
//! `offer` says which algorithms and keys a node has, `handler` lets people in, `channel` is one session of a
//! person or a program, `line` its line discipline. What the CLI does is told in `platform`.

mod channel;
mod handler;
mod host_keys;
mod line;
mod offer;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use russh::server::Config;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::handler::Handler;
pub(super) use self::host_keys::HostKeys;
use super::LabError;
use super::delayed::Delayed;
use super::here::Here;

/// The port of the platform CLI.
pub(super) const PORT: u16 = 22;
/// A client that says nothing is let go after this time.
const SILENCE: Duration = Duration::from_secs(300);
/// A refused login takes this long, whatever the reason; short, for tests wait for it.
const REFUSAL: Duration = Duration::from_millis(50);
/// What the pipe between the socket and the protocol holds.
const PIPE: usize = 64 * 1024;

/// A node's SSH socket that listens but does not serve yet.
pub(super) struct Ssh {
    listener: TcpListener,
    address: SocketAddr,
    config: Arc<Config>,
    here: Here,
}

impl Ssh {
    /// Listens at the node's own address: at port 22, or where another has it, at a free one.
    pub(super) async fn bind(here: Here, keys: &HostKeys) -> Result<Ssh, LabError> {
        let ip = here.server().address;
        let listener = match TcpListener::bind((ip, PORT)).await {
            Ok(listener) => listener,
            // Taken by the machine's own server, or not allowed to this user.
            Err(_) => TcpListener::bind((ip, 0)).await.map_err(|e| LabError::bind((ip, 0), e))?,
        };
        let address = listener.local_addr().map_err(|e| LabError::bind((ip, 0), e))?;
        let config = Config {
            server_id: russh::SshId::Standard("SSH-2.0-intermesh_lab".into()),
            methods: offer::methods(&here),
            preferred: offer::algorithms(&here),
            keys: keys.private(),
            auth_rejection_time: REFUSAL,
            auth_rejection_time_initial: Some(Duration::ZERO),
            inactivity_timeout: Some(SILENCE),
            ..Config::default()
        };
        Ok(Ssh { listener, address, config: Arc::new(config), here })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until it is told to stop or dropped; sessions end with it.
    pub(super) async fn serve(self, mut stop: watch::Receiver<bool>) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                accepted = self.listener.accept() => {
                    if let Ok((stream, _)) = accepted {
                        if self.here.is_off() {
                            continue;
                        }
                        self.here.tally().ssh_connections.add(1);
                        connections.spawn(connection(stream, Arc::clone(&self.config), self.here.clone()));
                    }
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

/// One connection. The protocol runs in a task of its own that nobody can end but by ending its stream, so it is
/// given one end of a pipe, and the socket is joined to the other end here.
async fn connection(stream: TcpStream, config: Arc<Config>, here: Here) {
    // Keys are pressed one by one.
    let _ = stream.set_nodelay(true);
    let mut stream = Delayed::new(stream, here.lab.round_trip);
    let (mut ours, theirs) = tokio::io::duplex(PIPE);
    let session = async {
        let running = russh::server::run_stream(config, theirs, Handler::new(here)).await?;
        running.await
    };
    let copying = tokio::io::copy_bidirectional(&mut stream, &mut ours);
    if let (Err(error), _) = tokio::join!(session, copying) {
        tracing::debug!(%error, "a session of the lab's platform CLI ended with an error");
    }
}
