//! One server's socket: TLS in front of HTTP/1.1 with keep-alive, every byte counted.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use super::LabError;
use super::block::Block;
use super::delayed::Delayed;
use super::here::Here;

/// The port of the administration pages, of AXL and of Control Center (field-notes 2.3).
pub(super) const PORT: u16 = 8443;
/// A client that connects and says nothing is let go after this time.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The other way in: connections that the lab itself accepted for a server.
pub(super) type Entrance = mpsc::UnboundedSender<TcpStream>;

/// A server's socket that listens but does not serve yet.
pub(super) struct Https {
    listener: TcpListener,
    handed_over: (Entrance, mpsc::UnboundedReceiver<TcpStream>),
    here: Here,
    /// Held until the socket is closed: no other lab may claim the block before.
    _block: Arc<Block>,
}

impl Https {
    /// Listens at the server's own address.
    pub(super) async fn bind(here: Here, block: Arc<Block>) -> Result<Https, LabError> {
        let address = SocketAddr::from((here.server().address, PORT));
        let listener = TcpListener::bind(address).await.map_err(|e| LabError::bind(address, e))?;
        Ok(Https { listener, handed_over: mpsc::unbounded_channel(), here, _block: block })
    }

    /// Where connections may be handed over that were accepted for it.
    pub(super) fn entrance(&self) -> Entrance {
        self.handed_over.0.clone()
    }

    /// Serves until it is told to stop, then lets requests under way end; dropping it cuts them.
    pub(super) async fn serve(self, router: Router, mut stop: watch::Receiver<bool>) {
        let mut connections = JoinSet::new();
        let handed_on = stop.clone();
        let (entrance, mut handed_over) = self.handed_over;
        loop {
            let stream = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(_) => continue,
                },
                Some(stream) = handed_over.recv() => stream,
                Some(_) = connections.join_next() => continue,
            };
            if self.here.is_off() {
                continue;
            }
            self.here.tally().connections.add(1);
            let here = self.here.clone();
            let Some(tls) = here.tls() else { continue };
            connections.spawn(connection(stream, tls, here, router.clone(), handed_on.clone()));
        }
        drop((self.listener, entrance, handed_over));
        while connections.join_next().await.is_some() {}
    }
}

async fn connection(stream: TcpStream, tls: TlsAcceptor, here: Here, router: Router, mut stop: watch::Receiver<bool>) {
    // Small answers on a kept connection must not wait for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let counted = Counted { stream: Delayed::new(stream, here.lab.round_trip), here: here.clone() };
    let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(counted)).await else { return };
    let service = service_fn(|request: http::Request<hyper::body::Incoming>| {
        here.tally().requests.add(1);
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(here.clone());
        let (router, here) = (router.clone(), here.clone());
        async move {
            let began = Instant::now();
            let mut answer = router.oneshot(request).await.unwrap_or_else(|never| match never {});
            here.tally().answering_us.add(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX));
            answer.headers_mut().extend(here.lab.date().map(|date| (http::header::DATE, date)));
            Ok::<_, Infallible>(answer)
        }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    let served = http.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    tokio::pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => Some(ended),
        _ = stop.wait_for(|stop| *stop) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection of the lab ended with an error");
    }
}

/// A TCP stream that counts what passes.
struct Counted {
    stream: Delayed<TcpStream>,
    here: Here,
}

impl AsyncRead for Counted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
        self.here.tally().bytes_in.add((buf.filled().len() - before) as u64);
        Poll::Ready(result)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, buf))?;
        self.here.tally().bytes_out.add(written as u64);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
