//! A node that answers byte by byte what a test tells it to, and breaks off where the test wants it: TLS behind CONNECT,
//! HTTP written by hand.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use intermesh::imp::{Fleet, Operator, Patience, Settings};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::imp_support::{Accounts, NODE, Shows, target, tls};

/// A request as the node got it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `POST /axl/`
    pub line: String,
    pub head: String,
    pub body: String,
}

impl Asked {
    /// Whether it would change something.
    pub fn writes(&self) -> bool {
        let orders = ["soapDoControlServices", "soapDoServiceDeployment"];
        self.line.starts_with("POST /cupadmin/save") || orders.iter().any(|order| self.body.contains(order))
    }
}

/// Bytes, and what comes after them.
#[derive(Clone, Debug)]
pub struct Answer {
    pub bytes: Vec<u8>,
    pub then: Then,
}

/// What a node does when it has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Waits for the next request.
    Stay,
    /// Is gone, without a word.
    Cut,
    /// Ends the connection in due form.
    Close,
    /// Says nothing more and stays.
    Stall,
    /// Goes on with a space every 20 ms, without end.
    Drip,
}

/// An answer with its length.
pub fn answer(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Answer {
    let body = body.as_ref();
    let mut head = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    Answer { bytes: [head.as_bytes(), b"\r\n", body].concat(), then: Then::Stay }
}

impl Answer {
    /// Only the first bytes of it.
    pub fn up_to(mut self, bytes: usize, then: Then) -> Answer {
        self.bytes.truncate(bytes);
        self.then = then;
        self
    }
}

type Handler = Arc<dyn Fn(&Asked, usize) -> Answer + Send + Sync>;

/// The node.
pub struct Hostile {
    address: SocketAddr,
    ca: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    hosts: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Hostile {
    /// A node whose handler gets each request and how many came before it.
    pub async fn up(handler: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Hostile {
        let (tls, ca) = tls(Shows::Good);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, hosts) = (Arc::<Mutex<Vec<Asked>>>::default(), Arc::<Mutex<Vec<String>>>::default());
        let handler: Handler = Arc::new(handler);
        let (log, names) = (Arc::clone(&asked), Arc::clone(&hosts));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(connection(
                    stream,
                    tls.clone(),
                    Arc::clone(&handler),
                    Arc::clone(&log),
                    Arc::clone(&names),
                ));
            }
        });
        Hostile { address, ca, asked, hosts, task }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// How many requests came that would change something.
    pub fn writes(&self) -> usize {
        self.asked().iter().filter(|asked| asked.writes()).count()
    }

    /// The hosts that connections were asked for.
    pub fn hosts(&self) -> Vec<String> {
        self.hosts.lock().unwrap().clone()
    }

    /// A client of it, with little patience.
    pub fn cluster(&self) -> Operator {
        let mut settings = Settings::new(Arc::new(Accounts));
        settings.proxy = Some(format!("http://{}", self.address).parse().unwrap());
        settings.ca_pem = Some(self.ca.as_bytes().to_vec());
        let short = Duration::from_millis(400);
        settings.patience = Patience {
            connect: Duration::from_secs(5),
            name: Duration::from_millis(500),
            read: short,
            control: short,
            pause: Duration::from_millis(1),
            repeats: 2,
        };
        Fleet::new(settings).operator(&target()).unwrap()
    }

    /// A client that waits as long as a user's does, for answers that are large.
    pub fn patient_cluster(&self) -> Operator {
        let mut settings = Settings::new(Arc::new(Accounts));
        settings.proxy = Some(format!("http://{}", self.address).parse().unwrap());
        settings.ca_pem = Some(self.ca.as_bytes().to_vec());
        Fleet::new(settings).operator(&target()).unwrap()
    }
}

async fn connection(
    mut stream: TcpStream,
    tls: TlsAcceptor,
    handler: Handler,
    asked: Arc<Mutex<Vec<Asked>>>,
    hosts: Arc<Mutex<Vec<String>>>,
) {
    let Some(head) = head(&mut stream).await else { return };
    let host = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
    hosts.lock().unwrap().push(host.clone());
    if host != format!("{NODE}:8443") {
        let _ = stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await;
        return;
    }
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
    let Ok(mut stream) = tls.accept(stream).await else { return };
    while let Some(request) = request(&mut stream).await {
        let before = {
            let mut asked = asked.lock().unwrap();
            asked.push(request.clone());
            asked.len() - 1
        };
        let Answer { bytes, then } = handler(&request, before);
        if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
            return;
        }
        match then {
            Then::Stay => {}
            Then::Cut => return,
            Then::Close => return drop(stream.shutdown().await),
            Then::Stall => std::future::pending().await,
            Then::Drip => drip(&mut stream).await,
        }
    }
}

/// Until the client has had enough.
async fn drip(stream: &mut TlsStream<TcpStream>) {
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    while stream.write_all(b" ").await.is_ok() && stream.flush().await.is_ok() {
        pace.tick().await;
    }
}

async fn head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

async fn request(stream: &mut TlsStream<TcpStream>) -> Option<Asked> {
    let head = head(stream).await?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    Some(Asked { line, head, body: String::from_utf8(body).ok()? })
}
