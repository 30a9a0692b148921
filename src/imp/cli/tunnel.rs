//! The way to a node: straight, or through the CONNECT proxy, as for HTTPS.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use http::{Method, Request, header};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use url::Url;

use crate::cluster::NodeName;
use crate::imp::transport::{addresses, without_userinfo};

/// A connection, whatever it goes through.
pub(in super::super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Connects to a port of a node. Fails with what a person can use.
pub(in super::super) async fn connect(
    node: &NodeName,
    port: u16,
    proxy: Option<&Url>,
    dns: &[SocketAddr],
) -> Result<Box<dyn Stream>, String> {
    let host = node.as_str();
    let Some(proxy) = proxy else {
        let stream = straight(host, port, dns).await;
        let stream = stream.map_err(|why| format!("no connection to {host}:{port}: {why}"))?;
        return Ok(Box::new(stream));
    };
    let failed =
        |why: String| format!("no connection to {host}:{port} through the proxy {}: {why}", without_userinfo(proxy));
    tunnel(host, port, proxy).await.map(|stream| Box::new(stream) as Box<dyn Stream>).map_err(failed)
}

/// Tries the addresses of the host one after another, as the given DNS servers or else the system tell them.
async fn straight(host: &str, port: u16, dns: &[SocketAddr]) -> Result<TcpStream, String> {
    if dns.is_empty() || host.parse::<IpAddr>().is_ok() {
        return TcpStream::connect((host, port)).await.map_err(|e| e.to_string());
    }
    let addresses = addresses(host, dns).await?;
    let sockets: Vec<SocketAddr> = addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect();
    TcpStream::connect(sockets.as_slice()).await.map_err(|e| e.to_string())
}

async fn tunnel(host: &str, port: u16, proxy: &Url) -> Result<TokioIo<Upgraded>, String> {
    let (at, on) = (proxy.host_str().unwrap_or_default(), proxy.port_or_known_default().unwrap_or(80));
    let stream = TcpStream::connect((at.trim_matches(['[', ']']), on)).await.map_err(|e| e.to_string())?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(text)?;
    // It ends with the tunnel, or with the sender.
    tokio::spawn(connection.with_upgrades());
    let target = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let request = Request::builder().method(Method::CONNECT).uri(&target).header(header::HOST, &target);
    let request = request.body(Empty).map_err(|e| e.to_string())?;
    let answer = sender.send_request(request).await.map_err(text)?;
    if !answer.status().is_success() {
        return Err(format!("it answers {}", answer.status()));
    }
    hyper::upgrade::on(answer).await.map(TokioIo::new).map_err(text)
}

fn text(error: hyper::Error) -> String {
    error.to_string()
}

/// The body of a request without one.
struct Empty;

impl hyper::body::Body for Empty {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        true
    }
}
