//! The lab's CONNECT proxy: the only way from a name to a loopback socket.
//!
//! It knows the lab's servers by name and by address and refuses everything else, so that a client that is pointed
//! at the lab can reach nothing but the lab.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::LabError;
use super::directory::Directory;
use super::https::{Entrance, PORT};

/// What passes at a time: most pages of the product in one piece.
const ROOM: usize = 32 << 10;

type Answer = Response<axum::body::Body>;

/// A proxy that listens but does not serve yet.
pub(super) struct Proxy {
    listener: TcpListener,
    address: SocketAddr,
    routes: Routes,
}

/// The ways that the proxy knows.
#[derive(Clone)]
pub(super) struct Routes {
    /// The servers of the lab.
    pub(super) directory: Arc<Directory>,
    /// Where a connection to a server's HTTPS port is handed over: it is the lab's already, and no second one is needed.
    pub(super) https: Arc<BTreeMap<IpAddr, Entrance>>,
    /// Where SSH of a server listens, whose port 22 another may have.
    pub(super) ssh: Arc<BTreeMap<IpAddr, SocketAddr>>,
}

/// A way to a server.
enum Way {
    /// The connection itself goes there.
    Entrance(Entrance),
    /// Another connection, to here.
    Address(SocketAddr),
}

/// What is at the other end of a tunnel.
enum End {
    Entrance(Entrance),
    Stream(TcpStream),
}

impl Routes {
    fn find(&self, host: &str, port: u16) -> Option<Way> {
        let address = self.directory.find(host)?.address;
        if let Some(entrance) = self.https.get(&address).filter(|_| port == PORT) {
            return Some(Way::Entrance(entrance.clone()));
        }
        let ssh = self.ssh.get(&address).filter(|_| port == super::ssh::PORT);
        Some(Way::Address(ssh.copied().unwrap_or_else(|| SocketAddr::from((address, port)))))
    }
}

impl Proxy {
    /// Listens on a free port of the address.
    pub(super) async fn bind(own: IpAddr, routes: Routes) -> Result<Proxy, LabError> {
        let listener = TcpListener::bind((own, 0)).await.map_err(|e| LabError::bind((own, 0), e))?;
        let address = listener.local_addr().map_err(|e| LabError::bind((own, 0), e))?;
        Ok(Proxy { listener, address, routes })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until it is dropped.
    pub(super) async fn serve(self) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => {
                    if let Ok((stream, _)) = accepted {
                        connections.spawn(connection(stream, self.routes.clone()));
                    }
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

/// One client: its request, and then the tunnel until either side ends it.
async fn connection(stream: TcpStream, routes: Routes) {
    // what passes comes in pieces: none of them is to wait for an acknowledgement
    let _ = stream.set_nodelay(true);
    let (to_tunnel, tunnel) = tokio::sync::oneshot::channel();
    let to_tunnel = std::sync::Mutex::new(Some(to_tunnel));
    let service = service_fn(|request: Request<Incoming>| {
        let to_tunnel = &to_tunnel;
        let routes = &routes;
        async move {
            let end = match open(&request, routes).await {
                Ok(end) => end,
                Err(refusal) => return Ok::<_, Infallible>(refusal),
            };
            let sender = to_tunnel.lock().ok().and_then(|mut s| s.take());
            if let Some(sender) = sender {
                // A receiver that is gone means that the client is gone.
                let _ = sender.send((hyper::upgrade::on(request), end));
            }
            Ok(Response::default())
        }
    });
    let served = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if served.with_upgrades().await.is_err() {
        return;
    }
    // With the sender gone, a client that was only refused ends here.
    drop(to_tunnel);
    let Ok((upgrade, end)) = tunnel.await else { return };
    let Ok(client) = upgrade.await else { return };
    match end {
        End::Stream(stream) => copy(TokioIo::new(client), stream).await,
        End::Entrance(entrance) => match client.downcast::<TokioIo<TcpStream>>() {
            // a server that has stopped takes nobody in: the connection ends
            Ok(parts) if parts.read_buf.is_empty() => drop(entrance.send(parts.io.into_inner())),
            // nor is one listened to who speaks before the tunnel is open
            _ => {}
        },
    }
}

/// Whoever ends the tunnel, both sides see its end; there is no one to tell about an error.
async fn copy(mut client: TokioIo<Upgraded>, mut upstream: TcpStream) {
    let _ = tokio::io::copy_bidirectional_with_sizes(&mut client, &mut upstream, ROOM, ROOM).await;
}

async fn open(request: &Request<Incoming>, routes: &Routes) -> Result<End, Answer> {
    if request.method() != Method::CONNECT {
        return Err(refuse(StatusCode::FORBIDDEN, "this proxy only serves CONNECT"));
    }
    let way = request.uri().authority().and_then(|a| routes.find(a.host(), a.port_u16()?));
    match way {
        Some(Way::Entrance(entrance)) => Ok(End::Entrance(entrance)),
        Some(Way::Address(address)) => {
            let stream = TcpStream::connect(address).await.and_then(|stream| stream.set_nodelay(true).map(|()| stream));
            stream.map(End::Stream).map_err(|error| refuse(StatusCode::BAD_GATEWAY, &error.to_string()))
        }
        None => Err(refuse(StatusCode::FORBIDDEN, "this proxy only reaches the servers of its lab")),
    }
}

fn refuse(status: StatusCode, why: &str) -> Answer {
    let mut answer = Response::new(axum::body::Body::from(Bytes::from(format!("{why}\n"))));
    *answer.status_mut() = status;
    answer
}
