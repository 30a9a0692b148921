//! A node made of one function: CONNECT, TLS and HTTP around a handler that a test writes. It stands for a product that
//! does what no lab does: cuts connections, answers too much, sends its visitors away.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "clippy takes this for no test, but it only serves tests")]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Response};
use hyper::body::{Body, Frame, Incoming};
use hyper_util::rt::TokioIo;
use intermesh::cluster::{Account, CredentialName, NodeName};
use intermesh::imp::{Fleet, Operator, Patience, ResolveAccount, Settings, Target};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PublicKeyData};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub const NODE: &str = "imp1.example.com";
pub const PASSWORD: &str = "s3cret&<word>";

/// A request as the node got it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
    pub at: Instant,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// What the node answers.
pub enum Reply {
    Page(u16, String),
    With(u16, Vec<(&'static str, String)>, String),
    Cut,
    Never,
    /// The reply of a slow node.
    After(Duration, Box<Reply>),
}

impl Reply {
    pub fn ok(body: impl Into<String>) -> Reply {
        Reply::Page(200, body.into())
    }

    pub fn to(location: &str) -> Reply {
        Reply::With(302, vec![("location", location.to_owned())], String::new())
    }
}

/// The certificate that the node shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    Good,
    OtherAuthority,
    OtherName,
    Expired,
    /// Signed with its own key and marked as an authority's.
    SelfSigned,
    /// Issued without any subject alternative name.
    WithoutNames,
    /// A good one, of which the node does not hold the key.
    OtherKey,
}

pub struct Node {
    address: std::net::SocketAddr,
    ca: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    targets: Arc<Mutex<Vec<String>>>,
    at_work: Arc<AtWork>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Handler = Arc<dyn Fn(&Seen, usize) -> Reply + Send + Sync>;

impl Node {
    /// A node whose handler gets each request and how many came before it.
    pub async fn up(handler: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Node {
        Node::showing(Shows::Good, handler).await
    }

    pub async fn showing(shows: Shows, handler: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Node {
        Node::with(tls(shows), handler).await
    }

    /// A node with a TLS side of the test's own, and the authority to trust.
    pub async fn with(
        (tls, ca): (tokio_rustls::TlsAcceptor, String),
        handler: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
    ) -> Node {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, targets) = (Arc::<Mutex<Vec<Seen>>>::default(), Arc::<Mutex<Vec<String>>>::default());
        let at_work = Arc::<AtWork>::default();
        let (handler, log, names): (Handler, _, _) = (Arc::new(handler), Arc::clone(&seen), Arc::clone(&targets));
        let working = Arc::clone(&at_work);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, at_work) = (Arc::clone(&log), Arc::clone(&working));
                tokio::spawn(serve(stream, tls.clone(), Arc::clone(&handler), log, Arc::clone(&names), at_work));
            }
        });
        Node { address, ca, seen, targets, at_work, task }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The most requests that it had to answer at a time.
    pub fn most_at_a_time(&self) -> usize {
        self.at_work.most.load(Ordering::SeqCst)
    }

    /// The hosts that were asked for, each connection once.
    pub fn targets(&self) -> Vec<String> {
        self.targets.lock().unwrap().clone()
    }

    pub fn fleet(&self) -> Fleet {
        let mut settings = Settings::new(Arc::new(Accounts));
        settings.proxy = Some(format!("http://{}", self.address).parse().unwrap());
        settings.ca_pem = Some(self.ca.as_bytes().to_vec());
        settings.patience = Patience {
            connect: Duration::from_secs(5),
            name: Duration::from_millis(500),
            read: Duration::from_millis(500),
            control: Duration::from_millis(500),
            pause: Duration::from_millis(1),
            repeats: 3,
        };
        Fleet::new(settings)
    }

    pub fn cluster(&self) -> Operator {
        self.fleet().operator(&target()).unwrap()
    }
}

pub fn target() -> Target {
    let (axl, admin) = ("all".into(), "all".into());
    Target::new("emea".into(), node(), axl, admin)
}

pub fn node() -> NodeName {
    NODE.into()
}

pub fn account() -> Account {
    Account { username: "icsa".into(), password: PASSWORD.to_owned().into() }
}

pub struct Accounts;

#[async_trait]
impl ResolveAccount for Accounts {
    async fn account(&self, name: &CredentialName) -> Result<Account, String> {
        let other = Account { username: "meshadmin".into(), ..account() };
        let known = BTreeMap::from([("all", account()), ("other", other)]);
        known.get(name.as_str()).cloned().ok_or_else(|| "unknown".to_owned())
    }
}

pub fn tls(shows: Shows) -> (tokio_rustls::TlsAcceptor, String) {
    tls_of(shows, rustls::ALL_VERSIONS)
}

/// The same, in these versions of TLS only.
pub fn tls_of(
    shows: Shows,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> (tokio_rustls::TlsAcceptor, String) {
    let (acceptor, ca, _) = tls_and_key(shows, versions);
    (acceptor, ca)
}

/// The same, and the public key (SPKI) of the certificate in DER.
pub fn tls_and_key(
    shows: Shows,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> (tokio_rustls::TlsAcceptor, String, Vec<u8>) {
    let authority = |name: &str| {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    };
    let issuer = authority("the issuer");
    let ca = if shows == Shows::OtherAuthority { authority("another").pem() } else { issuer.pem() };
    let name = if shows == Shows::OtherName { "elsewhere.example.com" } else { NODE };
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    if shows == Shows::Expired {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    }
    if shows == Shows::WithoutNames {
        params.subject_alt_names.clear();
    }
    let key = KeyPair::generate().unwrap();
    let certificate = if shows == Shows::SelfSigned {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.self_signed(&key).unwrap()
    } else {
        params.signed_by(&key, &issuer).unwrap()
    };
    let public = key.subject_public_key_info();
    let key = if shows == Shows::OtherKey { KeyPair::generate().unwrap() } else { key };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = provider.key_provider.load_private_key(PrivateKeyDer::try_from(key.serialize_der()).unwrap()).unwrap();
    // not `with_single_cert`, which would see that the key is another's
    let shown =
        rustls::sign::SingleCertAndKey::from(rustls::sign::CertifiedKey::new(vec![certificate.der().clone()], key));
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(shown));
    (Arc::new(config).into(), ca, public)
}

/// How many requests there are to answer.
#[derive(Default)]
struct AtWork {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl AtWork {
    fn begin(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
    }
}

async fn serve(
    mut stream: TcpStream,
    tls: tokio_rustls::TlsAcceptor,
    handler: Handler,
    seen: Arc<Mutex<Vec<Seen>>>,
    targets: Arc<Mutex<Vec<String>>>,
    at_work: Arc<AtWork>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let host = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
    targets.lock().unwrap().push(host.clone());
    if host != format!("{NODE}:8443") {
        let _ = stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await;
        return;
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    let Ok(stream) = tls.accept(stream).await else { return };
    let service = hyper::service::service_fn(move |request: http::Request<Incoming>| {
        let (handler, seen, at_work) = (Arc::clone(&handler), Arc::clone(&seen), Arc::clone(&at_work));
        async move {
            at_work.begin();
            let answer = answer(request, &handler, &seen).await;
            at_work.now.fetch_sub(1, Ordering::SeqCst);
            answer
        }
    });
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    request: http::Request<Incoming>,
    handler: &Handler,
    seen: &Mutex<Vec<Seen>>,
) -> Result<Response<Whole>, Gone> {
    let (parts, mut body) = request.into_parts();
    let mut bytes = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)).await {
        bytes.extend(frame.map_err(|_| Gone)?.into_data().unwrap_or_default());
    }
    let path = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let request = Seen {
        method: parts.method.to_string(),
        path,
        headers: parts.headers,
        body: String::from_utf8(bytes).unwrap(),
        at: Instant::now(),
    };
    let before = {
        let mut seen = seen.lock().unwrap();
        seen.push(request.clone());
        seen.len() - 1
    };
    let mut reply = handler(&request, before);
    while let Reply::After(time, then) = reply {
        tokio::time::sleep(time).await;
        reply = *then;
    }
    let (status, headers, body) = match reply {
        Reply::Page(status, body) => (status, Vec::new(), body),
        Reply::With(status, headers, body) => (status, headers, body),
        Reply::Cut => return Err(Gone),
        Reply::Never => std::future::pending().await,
        Reply::After(..) => unreachable!(),
    };
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    Ok(response.body(Whole(Some(Bytes::from(body)))).unwrap())
}

/// A whole body at once.
struct Whole(Option<Bytes>);

impl Body for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        std::task::Poll::Ready(self.0.take().filter(|body| !body.is_empty()).map(|body| Ok(Frame::data(body))))
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        hyper::body::SizeHint::with_exact(self.0.as_ref().map_or(0, Bytes::len) as u64)
    }
}

/// The connection is cut.
#[derive(Debug)]
struct Gone;

impl std::fmt::Display for Gone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cut")
    }
}

impl std::error::Error for Gone {}

/// A SOAP answer of AXL or Control Center.
pub fn soap(body: &str) -> String {
    format!("<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>{body}</e:Body></e:Envelope>")
}

pub fn version() -> String {
    soap(
        "<n:getCUPVersionResponse xmlns:n='urn:x'><return><version>14.0.1</version></return></n:getCUPVersionResponse>",
    )
}

pub fn cluster_info() -> String {
    soap(
        "<n:getClusterInfoResponse xmlns:n='urn:x'><return><ServerInformation><cupservernames><servername>imp1.example.com\
         </servername></cupservernames><cucmservernames><servername>cucm1</servername></cucmservernames>\
         </ServerInformation></return></n:getClusterInfoResponse>",
    )
}

/// The answer of a node with one of the two operations that make up an identity.
pub fn identity(seen: &Seen) -> Reply {
    Reply::ok(if seen.body.contains("getCUPVersion") { version() } else { cluster_info() })
}
