//! HTTPS to a node: one pooled client per node, certificates always checked, redirects never followed by itself,
//! and limits on everything that a node may answer.

mod accepted;
mod certificate;
mod dns;
mod failure;
mod pinned;
#[cfg(feature = "browser")]
mod reach;
mod shown;
mod tls;
mod unhurried;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use tokio::sync::Semaphore;
use url::Url;

use self::accepted::Accepted;
use super::pins::Pins;
use super::settings::{Patience, Settings, SettingsError};
use crate::cluster::{Certificate, ErrorKind, NodeName};

pub(super) use dns::addresses;
pub(super) use failure::Failure;
#[cfg(feature = "browser")]
pub(super) use reach::key_of;
pub use shown::Shown;

/// The port of AXL, Control Center and the administration pages (field-notes 2.3).
pub(super) const PORT: u16 = 8443;
/// The largest SOAP answer: the product's own limit is 8 MB for one and 16 MB for all (field-notes 3.4).
pub(super) const SOAP_LIMIT: usize = 16 << 20;
/// The largest page.
pub(super) const PAGE_LIMIT: usize = 8 << 20;
/// Requests at a time to one node: the product's administration shares its machine with users.
const AT_A_TIME: usize = 2;

/// What connections are made with; shared by the nodes of a cluster.
pub(super) struct Wire {
    trust: tls::Trust,
    pins: Pins,
    proxy: Option<Url>,
    dns: Option<Arc<dns::Resolver>>,
    #[cfg(feature = "browser")]
    servers: Vec<std::net::SocketAddr>,
    patience: Patience,
}

impl Wire {
    /// Checks the settings; `ca_pem` outranks theirs, and pins outrank every authority.
    pub(super) fn new(settings: &Settings, ca_pem: Option<&[u8]>, pins: &Pins) -> Result<Wire, SettingsError> {
        let trust = tls::Trust::new(ca_pem.or(settings.ca_pem.as_deref()))?;
        if let Some(proxy) = &settings.proxy
            && (proxy.scheme() != "http" || proxy.host().is_none())
        {
            return Err(SettingsError::Proxy("it must be `http://host:port`".to_owned()));
        }
        let dns = if settings.dns.is_empty() { None } else { Some(Arc::new(dns::Resolver::new(&settings.dns)?)) };
        Ok(Wire {
            trust,
            pins: pins.clone(),
            proxy: settings.proxy.clone(),
            dns,
            #[cfg(feature = "browser")]
            servers: settings.dns.clone(),
            patience: settings.patience.clone(),
        })
    }

    /// A client for one node.
    pub(super) fn line(&self, node: &NodeName) -> Result<Line, ErrorKind> {
        let pins = self.pins.of(node).map(|pins| pins.https.as_slice()).unwrap_or_default();
        let accepted = Accepted::default();
        let tls = self.trust.config(pins, &accepted);
        self.line_with(node, tls.map_err(|why| ErrorKind::Unsupported { detail: why.to_string() })?, accepted)
    }

    fn line_with(&self, node: &NodeName, tls: rustls::ClientConfig, accepted: Accepted) -> Result<Line, ErrorKind> {
        let unusable = |detail: String| ErrorKind::Unreachable { detail };
        let host = if node.as_str().contains(':') { format!("[{node}]") } else { node.normal() };
        let base = Url::parse(&format!("https://{host}:{PORT}/"))
            .map_err(|why| unusable(format!("`{node}` is not a host name or an address: {why}")))?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .https_only(true)
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(self.patience.connect)
            .pool_max_idle_per_host(AT_A_TIME)
            .connector_layer(unhurried::Unhurried::default())
            .user_agent(concat!("intermesh/", env!("CARGO_PKG_VERSION")));
        if let Some(dns) = &self.dns {
            builder = builder.dns_resolver(Arc::clone(dns));
        }
        if let Some(proxy) = &self.proxy {
            let proxy = reqwest::Proxy::all(proxy.clone()).map_err(|why| unusable(failure::root_cause(&why)))?;
            builder = builder.proxy(proxy);
        }
        let client = builder.build().map_err(|why| unusable(failure::root_cause(&why)))?;
        let via = self.proxy.as_ref().map(without_userinfo);
        let permits = Semaphore::new(AT_A_TIME);
        Ok(Line {
            node: node.clone(),
            base,
            client,
            permits,
            via,
            patience: self.patience.clone(),
            accepted,
            dated: Mutex::default(),
            #[cfg(feature = "browser")]
            way: reach::Way { proxy: self.proxy.clone(), servers: self.servers.clone(), tls },
        })
    }
}

/// A proxy's address, fit to be shown.
pub(super) fn without_userinfo(proxy: &Url) -> String {
    let host = proxy.host_str().unwrap_or_default();
    format!("{}://{host}:{}", proxy.scheme(), proxy.port_or_known_default().unwrap_or_default())
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7).
const DATES: DateTimeParser = DateTimeParser::new();

/// The connections to one node.
pub(super) struct Line {
    node: NodeName,
    base: Url,
    client: reqwest::Client,
    permits: Semaphore,
    via: Option<String>,
    patience: Patience,
    accepted: Accepted,
    /// The `Date` of the last answer.
    dated: Mutex<Option<Timestamp>>,
    #[cfg(feature = "browser")]
    way: reach::Way,
}

/// A request. `what` names it in errors and traces; headers and body may hold secrets and are never shown.
pub(super) struct Request {
    pub(super) what: &'static str,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) limit: usize,
    pub(super) timeout: Duration,
}

/// An answer of any status.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// A header as text.
    pub(super) fn header(&self, name: http::HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// How long `Retry-After` asks to wait: it holds seconds, or a date by the node's own clock.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let asked = self.header(http::header::RETRY_AFTER)?.trim();
        let until = || {
            let date = |text: &str| DATES.parse_timestamp(text).ok();
            let now = self.header(http::header::DATE).and_then(date).unwrap_or_else(Timestamp::now);
            Some(Duration::try_from(date(asked)?.duration_since(now)).unwrap_or_default())
        };
        asked.parse().ok().map(Duration::from_secs).or_else(until)
    }

    /// The body as text; a page in a wrong encoding is still readable.
    pub(super) fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned()
    }
}

impl Line {
    /// The node.
    pub(super) fn node(&self) -> &NodeName {
        &self.node
    }

    /// The root of the node's URLs, `https://node:8443/`.
    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// The certificate of the connections that there are; none when the node was not asked for anything yet.
    pub(super) fn certificate(&self) -> Option<Result<Certificate, ErrorKind>> {
        let read = |why| ErrorKind::Malformed { detail: format!("the certificate cannot be read: {why}") };
        self.accepted.get().map(|shown| certificate::read(&shown).map_err(read))
    }

    /// What its clock said when it answered last; none where it has not, or does not say.
    pub(super) fn dated(&self) -> Option<Timestamp> {
        *self.dated.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time-outs.
    pub(super) fn patience(&self) -> &Patience {
        &self.patience
    }

    /// Sends a request and reads the whole answer.
    pub(super) async fn send(&self, request: Request) -> Result<Answer, Failure> {
        let Request { what, method, url, headers, body, limit, timeout } = request;
        let at = failure::At { line: self, what, timeout };
        let Ok(_permit) = self.permits.acquire().await else {
            return Err(Failure::unsent(ErrorKind::Unreachable { detail: "it is shutting down".to_owned() }));
        };
        let started = Instant::now();
        // The path may be traced, the query may not: an administration page may carry a key in it.
        let path = url.path().to_owned();
        let sending = self.client.request(method.clone(), url).headers(headers).body(body).timeout(timeout).send();
        let mut response = unhurried::waiting(sending).await.map_err(|why| at.explain(&why))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let date = headers.get(http::header::DATE).and_then(|date| DATES.parse_timestamp(date).ok());
        *self.dated.lock().unwrap_or_else(PoisonError::into_inner) = date;
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|why| at.explain(&why))? {
            if body.len() + chunk.len() > limit {
                let detail = format!("{what}: the answer is larger than {} MB", limit >> 20);
                return Err(Failure { kind: ErrorKind::Malformed { detail }, sent: true });
            }
            body.extend_from_slice(&chunk);
        }
        let ms = started.elapsed().as_millis();
        tracing::trace!(node = %self.node, what, %method, path, status, bytes = body.len(), ms, "request");
        Ok(Answer { status, headers, body: body.freeze() })
    }
}

/// A header value that is never printed by a `Debug` of headers.
pub(super) fn secret_header(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}
