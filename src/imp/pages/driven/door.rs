//! The only door of a browser to the network: a CONNECT proxy of our own on loopback. It leads to one node, the way that
//! every request to it goes (the mesh file's proxy, its DNS servers), and nowhere else, whatever a page asks for.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use url::Url;

use crate::imp::transport::Line;

/// The longest head of a request that a browser sends to a proxy; far more than any does.
const LONGEST_HEAD: u64 = 16 << 10;
/// For a browser on the same machine to say where it wants to go.
const TO_ASK: Duration = Duration::from_secs(10);

/// An open door; it closes when it is dropped.
pub(super) struct Door {
    /// Where it listens, on loopback.
    pub(super) port: u16,
    task: JoinHandle<()>,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Door {
    /// Opens a door to one node.
    pub(super) async fn open(line: Arc<Line>) -> std::io::Result<Door> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let line = Arc::clone(&line);
                tokio::spawn(async move { drop(pass(stream, &line).await) });
            }
        });
        Ok(Door { port, task })
    }
}

/// Lets one connection through, if it goes to the node.
async fn pass(mut from: TcpStream, line: &Line) -> std::io::Result<()> {
    let Ok(head) = timeout(TO_ASK, head(&mut from)).await else { return Ok(()) };
    if !asks_for(&head?, line.base()) {
        return from.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
    }
    match timeout(line.patience().connect, line.reach()).await {
        Ok(Ok(mut to)) => {
            from.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            copy_bidirectional(&mut from, &mut to).await.map(drop)
        }
        Ok(Err(why)) => {
            tracing::debug!(node = %line.node(), why, "the browser's connection");
            from.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await
        }
        Err(_) => {
            from.write_all(b"HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await
        }
    }
}

/// The head of a request; nothing may follow it before it is answered.
async fn head(from: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut limited = from.take(LONGEST_HEAD);
    while !head.ends_with(b"\r\n\r\n") {
        head.push(limited.read_u8().await?);
    }
    Ok(head)
}

/// Whether a head asks for the node, on its port, and for nothing else.
fn asks_for(head: &[u8], node: &Url) -> bool {
    let host = node.host_str().unwrap_or_default();
    let wanted = format!("{host}:{}", node.port_or_known_default().unwrap_or_default());
    let head = String::from_utf8_lossy(head);
    let mut words = head.split_whitespace();
    words.next() == Some("CONNECT") && words.next().is_some_and(|target| target.eq_ignore_ascii_case(&wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_door_leads_to_the_node_and_nowhere_else() {
        for (node, line, through) in [
            ("https://imp1.example.com:8443/", "CONNECT imp1.example.com:8443 HTTP/1.1", true),
            ("https://imp1.example.com:8443/", "CONNECT IMP1.Example.com:8443 HTTP/1.1", true),
            ("https://imp1.example.com/", "CONNECT imp1.example.com:443 HTTP/1.1", true),
            ("https://10.1.0.1:8443/", "CONNECT 10.1.0.1:8443 HTTP/1.1", true),
            ("https://[2001:db8::1]:8443/", "CONNECT [2001:db8::1]:8443 HTTP/1.1", true),
            // another port, another host, a longer name, a part of the name
            ("https://imp1.example.com:8443/", "CONNECT imp1.example.com:443 HTTP/1.1", false),
            ("https://imp1.example.com:8443/", "CONNECT imp1.example.com:84430 HTTP/1.1", false),
            ("https://imp1.example.com:8443/", "CONNECT imp2.example.com:8443 HTTP/1.1", false),
            ("https://imp1.example.com:8443/", "CONNECT imp1.example.com.evil.com:8443 HTTP/1.1", false),
            ("https://imp1.example.com:8443/", "CONNECT evil.imp1.example.com:8443 HTTP/1.1", false),
            ("https://imp1.example.com:8443/", "CONNECT imp1:8443 HTTP/1.1", false),
            ("https://imp1.example.com:8443/", "CONNECT imp1.example.com HTTP/1.1", false),
            ("https://imp1.example.com:8443/", "CONNECT user@imp1.example.com:8443 HTTP/1.1", false),
            ("https://imp1.example.com:8443/", "CONNECT optimizationguide-pa.googleapis.com:443 HTTP/1.1", false),
            // not through a tunnel
            ("https://imp1.example.com:8443/", "GET http://imp1.example.com:8443/cupadmin/ HTTP/1.1", false),
            ("https://imp1.example.com:8443/", "POST imp1.example.com:8443 HTTP/1.1", false),
            ("https://imp1.example.com:8443/", "connect imp1.example.com:8443 HTTP/1.1", false),
            ("https://imp1.example.com:8443/", "CONNECT", false),
            ("https://imp1.example.com:8443/", "", false),
        ] {
            let head = format!("{line}\r\nHost: imp1.example.com:8443\r\n\r\n");
            assert_eq!(asks_for(head.as_bytes(), &node.parse().unwrap()), through, "{line} at the door to {node}");
        }
    }
}
