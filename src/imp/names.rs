//! Names as the DNS servers of the mesh file know them: forward, and each address back.
//!
//! Every server of the file is asked, and its answer pinned on it: a node asks whichever it likes. Of the system's, which
//! stand in where the file names none, the first that answers is enough. "No such name" from a server that answers is
//! believed, a server that does not answer says nothing about the name. This machine's hosts file does not count: the nodes
//! do not have it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::future::join_all;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::xfer::{DnsHandle, FirstAnswer, RetryDnsHandle};
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::{DnsRequestOptions, Query};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::system_conf::read_system_conf;
use hickory_resolver::{NameServerPool, PoolContext, TlsConfig};

use super::settings::SettingsError;
use crate::cluster::{AddressLookup, NameLookup};

/// Questions in a row that a server leaves open before it is asked no more in this run.
const SILENT: u32 = 4;

/// The DNS servers of a cluster.
pub(super) struct Names {
    servers: Vec<Server>,
    /// Whether the file names them.
    given: bool,
}

struct Server {
    name: String,
    handle: RetryDnsHandle<NameServerPool<TokioRuntimeProvider>>,
    patience: Duration,
    open: AtomicU32,
}

/// What a server said.
enum Said<T> {
    /// Something.
    Found(T),
    /// There is no such name, or no record of that kind.
    Nothing,
    /// Nothing about the name, but why not.
    Trouble(String),
}

impl Names {
    /// These servers, or the system's when there are none given. `patience` is for one question to one server; a
    /// second try follows, because a datagram may get lost.
    pub(super) fn new(servers: &[SocketAddr], patience: Duration) -> Result<Names, SettingsError> {
        let configs = if servers.is_empty() {
            let system = read_system_conf().map_err(|why| SettingsError::Dns(why.to_string()))?.0;
            system.name_servers().to_vec()
        } else {
            servers.iter().map(config).collect()
        };
        let server = |config: NameServerConfig| {
            let port = config.connections.first().map_or(53, |connection| connection.port);
            let address = SocketAddr::new(config.ip, port);
            let name = if port == 53 { config.ip.to_string() } else { address.to_string() };
            Server::new(name, config, patience)
        };
        let given = !servers.is_empty();
        Ok(Names { servers: configs.into_iter().map(server).collect::<Result<_, _>>()?, given })
    }

    /// Looks a name up, forward and back: what the first server says that answers, and beside it what the others say.
    pub(super) async fn look_up(&self, name: &str) -> NameLookup {
        let mut said = Vec::new();
        if self.given {
            said = join_all(self.servers.iter().map(|server| server.look_up(name))).await;
        } else {
            for server in &self.servers {
                said.push(server.look_up(name).await);
                if said.last().is_some_and(is_answer) {
                    said.drain(..said.len() - 1);
                    break;
                }
            }
        }
        match said.iter().position(is_answer) {
            Some(answered) => {
                let mut first = said.remove(answered);
                first.elsewhere = said;
                first
            }
            None => {
                let servers: Vec<&str> = said.iter().map(|lookup| lookup.server.as_str()).collect();
                let mut why: Vec<&str> = said.iter().filter_map(|lookup| lookup.trouble.as_deref()).collect();
                why.dedup();
                NameLookup {
                    name: name.to_owned(),
                    server: servers.join(", "),
                    addresses: Vec::new(),
                    trouble: Some(why.join("; ")),
                    elsewhere: Vec::new(),
                }
            }
        }
    }
}

/// Whether a server said anything of the name: the way back from an address may be another one's to tell.
fn is_answer(lookup: &NameLookup) -> bool {
    lookup.trouble.is_none() || !lookup.addresses.is_empty()
}

/// UDP, and TCP where an answer is too long for it.
fn config(address: &SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = address.port();
        connection
    });
    NameServerConfig::new(address.ip(), true, connections.into())
}

impl Server {
    fn new(name: String, config: NameServerConfig, patience: Duration) -> Result<Server, SettingsError> {
        let tls = TlsConfig::new().map_err(|why| SettingsError::Dns(why.to_string()))?;
        let mut options = ResolverOpts::default();
        options.timeout = patience;
        let context = Arc::new(PoolContext::new(options, tls));
        let pool = NameServerPool::from_config([config], context, TokioRuntimeProvider::default());
        let handle = RetryDnsHandle::new(pool, 1);
        Ok(Server { name, handle, patience, open: AtomicU32::new(0) })
    }

    fn lookup(&self, name: &str, trouble: Option<String>) -> NameLookup {
        let (name, server) = (name.to_owned(), self.name.clone());
        NameLookup { name, server, addresses: Vec::new(), trouble, elsewhere: Vec::new() }
    }

    async fn look_up(&self, name: &str) -> NameLookup {
        let addresses = match self.forward(name).await {
            Said::Found(addresses) => addresses,
            // a search domain that only the node knows may complete it
            Said::Nothing if !name.trim_end_matches('.').contains('.') => {
                let why = "a name without a domain: only the nodes know what completes it".to_owned();
                return self.lookup(name, Some(why));
            }
            Said::Nothing => return self.lookup(name, None),
            Said::Trouble(why) => return self.lookup(name, Some(why)),
        };
        let mut lookup = self.lookup(name, None);
        for address in addresses {
            let names = match self.back(address).await {
                Said::Found(names) => names,
                Said::Nothing => Vec::new(),
                Said::Trouble(why) => {
                    lookup.trouble = Some(format!("the way back from {address}: {why}"));
                    Vec::new()
                }
            };
            lookup.addresses.push(AddressLookup { address, names });
        }
        lookup
    }

    async fn forward(&self, name: &str) -> Said<Vec<IpAddr>> {
        let whole = match Name::from_utf8(name) {
            Ok(mut whole) => {
                // the search domains of this machine are not those of the nodes
                whole.set_fqdn(true);
                whole
            }
            Err(why) => return Said::Trouble(format!("it is no name of a host: {why}")),
        };
        let (four, six) = (self.ask(whole.clone(), RecordType::A), self.ask(whole, RecordType::AAAA));
        let mut addresses = Vec::new();
        let mut trouble = None;
        for said in <[_; 2]>::from(futures::join!(four, six)) {
            match said {
                Said::Found(found) => addresses.extend(found.iter().filter_map(RData::ip_addr)),
                Said::Nothing => {}
                Said::Trouble(why) => trouble = Some(why),
            }
        }
        match trouble {
            None if addresses.is_empty() => Said::Nothing,
            Some(why) if addresses.is_empty() => Said::Trouble(why),
            _ => Said::Found(addresses),
        }
    }

    async fn back(&self, address: IpAddr) -> Said<Vec<String>> {
        let pointer = |data: &RData| match data {
            RData::PTR(name) => Some(name.0.to_utf8().trim_end_matches('.').to_owned()),
            _ => None,
        };
        match self.ask(Name::from(address), RecordType::PTR).await {
            Said::Found(found) => Said::Found(found.iter().filter_map(pointer).collect()),
            Said::Nothing => Said::Nothing,
            Said::Trouble(why) => Said::Trouble(why),
        }
    }

    async fn ask(&self, name: Name, kind: RecordType) -> Said<Vec<RData>> {
        if self.is_silent() {
            return self.no_answer();
        }
        let answer = self.handle.lookup(Query::query(name, kind), DnsRequestOptions::default()).first_answer().await;
        self.said(answer.map(|answer| answer.answers.iter().map(|record| record.data.clone()).collect()))
    }

    fn said<T>(&self, answer: Result<T, NetError>) -> Said<T> {
        let said = match answer {
            Ok(found) => Said::Found(found),
            Err(why) if why.is_no_records_found() => Said::Nothing,
            Err(NetError::Dns(DnsError::ResponseCode(code))) => Said::Trouble(format!("the server answers `{code}`")),
            Err(NetError::Timeout | NetError::NoConnections | NetError::Io(_)) => {
                self.open.fetch_add(1, Ordering::Relaxed);
                return self.no_answer();
            }
            Err(why) => Said::Trouble(why.to_string()),
        };
        self.open.store(0, Ordering::Relaxed);
        said
    }

    /// Whether to stop asking: a whole mesh has hundreds of names, and each would wait for nothing.
    fn is_silent(&self) -> bool {
        self.open.load(Ordering::Relaxed) >= SILENT
    }

    fn no_answer<T>(&self) -> Said<T> {
        Said::Trouble(format!("no answer from {} within {:.1} s", self.name, self.patience.as_secs_f32()))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use hickory_proto::op::{Message, ResponseCode};
    use hickory_proto::rr::Record;
    use hickory_proto::rr::rdata::{A, PTR};
    use tokio::net::UdpSocket;

    use super::*;

    /// A code and a record, or silence.
    type Reply = Option<(ResponseCode, Option<RData>)>;

    const PATIENCE: Duration = Duration::from_millis(100);

    /// A server that answers every datagram as it is told.
    async fn server(answer: fn(&str, RecordType) -> Reply) -> SocketAddr {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let question = Message::from_vec(&buffer[..length]).unwrap();
                let query = question.queries[0].clone();
                let name = query.name().to_utf8().to_lowercase();
                let Some((code, data)) = answer(&name, query.query_type()) else { continue };
                let mut reply = Message::response(question.metadata.id, question.metadata.op_code);
                reply.metadata.response_code = code;
                if let Some(data) = data {
                    reply.add_answer(Record::from_rdata(query.name().clone(), 1, data));
                }
                reply.add_query(query);
                socket.send_to(&reply.to_vec().unwrap(), from).await.unwrap();
            }
        });
        address
    }

    /// `good` leads back, `lost` does not, all else is not there.
    fn zone(name: &str, kind: RecordType) -> Reply {
        let here = |last| Some((ResponseCode::NoError, Some(RData::A(A(Ipv4Addr::new(10, 0, 0, last))))));
        match (name, kind) {
            ("good.example.com.", RecordType::A) => here(1),
            ("lost.example.com.", RecordType::A) => here(2),
            ("good.example.com." | "lost.example.com.", _) => Some((ResponseCode::NoError, None)),
            ("1.0.0.10.in-addr.arpa.", RecordType::PTR) => {
                Some((ResponseCode::NoError, Some(RData::PTR(PTR(Name::from_ascii("Good.example.com.").unwrap())))))
            }
            _ => Some((ResponseCode::NXDomain, None)),
        }
    }

    /// A zone that was never filled.
    fn empty(_: &str, _: RecordType) -> Reply {
        Some((ResponseCode::NXDomain, None))
    }

    fn failing(_: &str, _: RecordType) -> Reply {
        Some((ResponseCode::ServFail, None))
    }

    fn silent(_: &str, _: RecordType) -> Reply {
        None
    }

    #[tokio::test]
    async fn names_lead_to_addresses_and_back() {
        let address = server(zone).await;
        let names = Names::new(&[address], PATIENCE).unwrap();
        let good = names.look_up("good.example.com").await;
        assert_eq!((good.server, good.trouble), (address.to_string(), None));
        assert_eq!(good.addresses[0].address, Ipv4Addr::new(10, 0, 0, 1));
        assert_eq!(good.addresses[0].names, ["Good.example.com"]);
        let lost = names.look_up("lost.example.com").await;
        assert_eq!((lost.addresses.len(), lost.trouble), (1, None));
        assert!(lost.addresses[0].names.is_empty());
        let none = names.look_up("none.example.com").await;
        assert_eq!((none.addresses.len(), none.trouble), (0, None));
    }

    #[tokio::test]
    async fn a_server_that_fails_says_nothing_of_the_name() {
        let failed = Names::new(&[server(failing).await], PATIENCE).unwrap().look_up("good.example.com").await;
        assert!(failed.trouble.unwrap().contains("Server Failure"));
        let (broken, works) = (server(failing).await, server(zone).await);
        let next = Names::new(&[broken, works], PATIENCE).unwrap();
        let found = next.look_up("good.example.com").await;
        assert_eq!((found.addresses.len(), &found.trouble), (1, &None), "the next server knows");
        // what the first one is asked for, too, is not known
        let [other] = found.elsewhere.as_slice() else { panic!("{found:?}") };
        assert_eq!(other.server, broken.to_string());
        assert!(other.trouble.as_ref().unwrap().contains("Server Failure"));
        let none = next.look_up("none.example.com").await;
        assert!(none.leads_nowhere(), "and is believed");
        // the system's servers stand in for each other
        let system = Names { given: false, ..next };
        let found = system.look_up("good.example.com").await;
        assert_eq!((found.server, found.trouble, found.elsewhere), (works.to_string(), None, vec![]));
    }

    #[tokio::test]
    async fn every_server_of_the_file_is_asked() {
        let (full, poor) = (server(zone).await, server(empty).await);
        for order in [[full, poor], [poor, full]] {
            let names = Names::new(&order, PATIENCE).unwrap();
            let lookup = names.look_up("good.example.com").await;
            let asked: Vec<(&str, bool)> = lookup.each().map(|l| (l.server.as_str(), l.leads_nowhere())).collect();
            let (full, poor) = (full.to_string(), poor.to_string());
            let mut expected = vec![(full.as_str(), false), (poor.as_str(), true)];
            expected.sort_by_key(|(server, _)| order.iter().position(|at| at.to_string() == *server));
            assert_eq!(asked, expected);
        }
    }

    #[tokio::test]
    async fn a_server_that_is_silent_is_given_up() {
        let address = server(silent).await;
        let names = Names::new(&[address], PATIENCE).unwrap();
        for _ in 0..40 {
            let lookup = names.look_up("good.example.com").await;
            assert!(lookup.addresses.is_empty());
            assert_eq!(lookup.trouble.unwrap(), format!("no answer from {address} within 0.1 s"));
        }
        assert!(names.servers[0].is_silent(), "forty names would have waited for minutes");
    }

    #[tokio::test]
    async fn a_name_without_a_domain_is_not_judged() {
        let lookup = Names::new(&[server(zone).await], PATIENCE).unwrap().look_up("imp1").await;
        assert!(lookup.trouble.unwrap().contains("without a domain"));
    }
}
