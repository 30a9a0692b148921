//! The lab's name server: A and PTR for every named server of the lab, NXDOMAIN for all else.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hickory_proto::op::{Header, HeaderCounts, Metadata, ResponseCode};
use hickory_proto::rr::rdata::{A, PTR};
use hickory_proto::rr::{LowerName, Name, RData, Record, RecordType};
use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;
use tokio::net::{TcpListener, UdpSocket};

use super::LabError;
use super::here::Shared;

/// Names do not move while a lab is up, but a client should not keep them beyond it.
const TTL: u32 = 1;
/// An idle DNS connection over TCP is closed after this time.
const IDLE: Duration = Duration::from_secs(10);

/// A running name server; dropping it ends it.
pub(super) struct Dns {
    server: Server<Answers>,
    address: SocketAddr,
}

impl Dns {
    /// Listens on one port of the address, over UDP and TCP.
    pub(super) async fn up(own: IpAddr, lab: Arc<Shared>) -> Result<Dns, LabError> {
        let listener = TcpListener::bind((own, 0)).await.map_err(|e| LabError::bind((own, 0), e))?;
        let address = listener.local_addr().map_err(|e| LabError::bind((own, 0), e))?;
        let socket = UdpSocket::bind(address).await.map_err(|e| LabError::bind(address, e))?;
        let mut server = Server::new(Answers { lab });
        server.register_socket(socket);
        server.register_listener(listener, IDLE, 64);
        Ok(Dns { server, address })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it.
    pub(super) async fn down(&mut self) {
        if let Err(error) = self.server.shutdown_gracefully().await {
            tracing::debug!(%error, "the lab's name server ended with an error");
        }
    }
}

/// The answers of the lab's zone, which is all there is.
struct Answers {
    lab: Arc<Shared>,
}

/// What is known of a name: nothing, or its one record.
enum Known {
    Nothing,
    Address(IpAddr),
    Host(Name),
}

impl Answers {
    fn known(&self, name: &LowerName) -> Known {
        let name = Name::from(name);
        if let Ok(net) = name.parse_arpa_name() {
            let server = self.lab.directory.at(net.addr()).filter(|s| self.leads_back(s.name.as_str()));
            return server.and_then(|s| host(s.name.as_str())).map_or(Known::Nothing, Known::Host);
        }
        let text = name.to_utf8();
        let text = text.trim_end_matches('.');
        let server = self.lab.directory.find(text);
        // An address is found in the directory too, but it is no name.
        let named = server.filter(|s| text.parse::<IpAddr>().is_err() && self.resolves(s.name.as_str()));
        named.map_or(Known::Nothing, |s| Known::Address(s.address))
    }

    /// There is one name server for all clusters: what one of them cannot resolve is not there.
    fn resolves(&self, name: &str) -> bool {
        let world = self.lab.world();
        self.lab.clusters.iter().all(|cluster| world.resolves(cluster, name))
    }

    /// Likewise for the reverse zone.
    fn leads_back(&self, name: &str) -> bool {
        let world = self.lab.world();
        let known = |cluster| world.resolves(cluster, name) && world.leads_back(cluster, name);
        self.lab.clusters.iter().all(known)
    }

    fn records(&self, name: &LowerName, kind: RecordType) -> (ResponseCode, Vec<Record>) {
        let data = match (self.known(name), kind) {
            (Known::Nothing, _) => return (ResponseCode::NXDomain, Vec::new()),
            (Known::Address(IpAddr::V4(address)), RecordType::A | RecordType::ANY) => RData::A(A(address)),
            (Known::Host(host), RecordType::PTR | RecordType::ANY) => RData::PTR(PTR(host)),
            _ => return (ResponseCode::NoError, Vec::new()),
        };
        (ResponseCode::NoError, vec![Record::from_rdata(Name::from(name), TTL, data)])
    }
}

/// A server's name as a DNS name; none when it is an address or no DNS name at all.
fn host(name: &str) -> Option<Name> {
    if name.parse::<IpAddr>().is_ok() {
        return None;
    }
    let mut name = Name::from_utf8(name).ok()?;
    name.set_fqdn(true);
    Some(name)
}

#[async_trait]
impl RequestHandler for Answers {
    async fn handle_request<R: ResponseHandler, T: Time>(&self, request: &Request, mut handle: R) -> ResponseInfo {
        let mut metadata = Metadata::response_from_request(&request.metadata);
        metadata.authoritative = true;
        let (code, records) = match request.request_info() {
            Ok(info) => self.records(info.query.name(), info.query.query_type()),
            Err(_) => (ResponseCode::FormErr, Vec::new()),
        };
        metadata.response_code = code;
        let response = MessageResponseBuilder::from_message_request(request).build(metadata, &records, [], [], []);
        handle.send_response(response).await.unwrap_or_else(|error| {
            tracing::debug!(%error, "a DNS answer could not be sent");
            ResponseInfo::from(Header { metadata, counts: HeaderCounts::default() })
        })
    }
}
