//! Before TLS stands: nothing was sent yet, so nothing is in doubt, and nobody waits for longer than for a connection.

use std::time::Duration;

use intermesh::cluster::{ErrorKind, Observe, Operate, service};
use intermesh::imp::{Fleet, Operator, Patience, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::imp_support::{Accounts, node, target};
use crate::server::Then;

/// What a proxy says to CONNECT, and what comes through it.
struct Way {
    proxy: &'static [u8],
    node: &'static [u8],
    then: Then,
}

const OPEN: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";
/// The first bytes of a handshake: a record of 80 bytes is to come.
const BEGUN: &[u8] = b"\x16\x03\x03\x00\x50";

/// A proxy that treats every connection so, and a client of it with little patience.
async fn client(way: Way) -> Operator {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let Way { proxy, node, then } = way;
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            say(&mut stream, proxy, node).await;
            match then {
                Then::Stall => kept.push(stream),
                _ => drop(stream),
            }
        }
    });
    let mut settings = Settings::new(std::sync::Arc::new(Accounts));
    settings.proxy = Some(format!("http://{address}").parse().unwrap());
    let short = Duration::from_millis(300);
    settings.patience =
        Patience { connect: short, name: short, read: short * 20, control: short * 20, pause: short / 300, repeats: 2 };
    Fleet::new(settings).operator(&target()).unwrap()
}

async fn say(stream: &mut TcpStream, proxy: &[u8], node: &[u8]) {
    let mut heard = [0; 4096];
    // who is gone already needs no answer
    let _ = stream.read(&mut heard).await;
    let _ = stream.write_all(proxy).await;
    if !node.is_empty() {
        let _ = stream.read(&mut heard).await;
        let _ = stream.write_all(node).await;
    }
}

#[tokio::test]
async fn a_connection_that_does_not_come_about_leaves_nothing_in_doubt() {
    let cases: [(&str, &[u8], &[u8], Then); 8] = [
        ("a proxy that says nothing", b"", b"", Then::Stall),
        ("a proxy that stops in the middle", b"HTTP/1.1 200", b"", Then::Stall),
        ("a proxy that is gone", b"", b"", Then::Cut),
        ("a node that says nothing", OPEN, b"", Then::Stall),
        ("a node that is gone", OPEN, b"", Then::Cut),
        ("a node that stops in the handshake", OPEN, BEGUN, Then::Stall),
        ("a node that is gone in the handshake", OPEN, BEGUN, Then::Cut),
        ("a node that speaks HTTP", OPEN, b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n", Then::Stall),
    ];
    for (case, proxy, node_says, then) in cases {
        let cluster = client(Way { proxy, node: node_says, then }).await;
        let read = cluster.identity().await.unwrap_err();
        let write = cluster.restart(&node(), service::XCP_ROUTER).await.unwrap_err();
        for error in [read, write] {
            assert!(matches!(error.kind, ErrorKind::Unreachable { .. }), "{case}: {error:?}");
        }
    }
}
