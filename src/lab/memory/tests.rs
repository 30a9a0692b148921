use std::time::Duration;

use super::*;
use crate::cluster::{Clock, Deadline, NewPeer, Protocol, Reachability, Transport, service};
use crate::lab::spec::{AccountSpec, ClusterSpec, NodeSpec, PeerSpec};

fn account(username: &str, password: &str) -> Account {
    Account { username: username.to_owned(), password: password.into() }
}

fn cluster(name: &str) -> ClusterSpec {
    let node = NodeSpec {
        name: NodeName::from(format!("imp1.{name}.example.com")),
        group: Some("default".to_owned()),
        users: 100,
        stopped: Vec::new(),
    };
    ClusterSpec {
        name: name.into(),
        version: "14.0.1.12900-6".to_owned(),
        domain: "example.com".to_owned(),
        nodes: vec![node],
        unified_cms: vec![format!("cucm.{name}.example.com")],
        accounts: vec![
            AccountSpec { account: account("icsa", "secret"), axl: true, admin: true },
            AccountSpec { account: account("viewer", "secret"), axl: false, admin: true },
        ],
        platform: Vec::new(),
        peers: Vec::<PeerSpec>::new(),
        skin: None,
        certificate: Default::default(),
    }
}

fn lab() -> InMemory {
    let clusters = vec![cluster("a"), cluster("b")];
    let accounts = [("good", "icsa", "secret"), ("bad", "icsa", "wrong"), ("weak", "viewer", "secret")]
        .map(|(name, user, password)| (name.into(), account(user, password)));
    InMemory::new(LabSpec { name: "test".to_owned(), seed: 1, factor: 1.0, clusters }, accounts.into())
}

fn peer(to: &str) -> NewPeer {
    NewPeer {
        address: NodeName::from(format!("imp1.{to}.example.com")),
        account: account("icsa", "secret"),
        protocol: Transport::Tls,
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_is_made_and_watched_through_the_seam() {
    let lab = lab();
    let (a, b) = (lab.operator(&"a".into()), lab.operator(&"b".into()));
    a.add_peer(&peer("b")).await.unwrap();
    b.add_peer(&peer("a")).await.unwrap();
    assert_eq!(a.peers().await.unwrap()[0].protocol, Protocol::Tls);
    let address = peer("b").address;
    let clock = lab.clock();
    let mut deadline = Deadline::after(Duration::from_secs(900));
    while a.peer_status(&address).await.unwrap().not_passed().count() > 0 {
        assert!(deadline.wait(&clock, Duration::from_secs(10)).await, "not healthy in time");
    }
    assert_eq!(a.peer_status(&address).await.unwrap().associated_users(), Some(b.users().await.unwrap()));
    assert_eq!(lab.writes().len(), 2);
    assert_eq!(clock.now(), lab.world().time_of_day());
}

#[tokio::test(start_paused = true)]
async fn the_probe_answers_as_axl_would() {
    let lab = lab();
    let a = lab.observer(&"a".into());
    let probe = async |name: &str| a.answers_probe(&name.into()).await.map_err(|e| e.kind);
    assert_eq!(probe("good").await, Ok(()));
    assert_eq!(probe("bad").await, Err(ErrorKind::Unauthorized { username: "icsa".to_owned() }));
    assert!(matches!(probe("weak").await, Err(ErrorKind::Forbidden { .. })));
    assert!(matches!(probe("unheard").await, Err(ErrorKind::NoCredential { .. })));
    lab.world().stop(&"a".into(), &"imp1.a.example.com".into(), service::AXL).unwrap();
    assert!(matches!(probe("good").await, Err(ErrorKind::Unreachable { .. })));
    assert!(a.users().await.is_err() && a.peers().await.is_ok(), "the pages do not need AXL");
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_may_hide_an_effect() {
    let lab = lab();
    let a = lab.operator(&"a".into());
    for effect in [false, true] {
        let kind = ErrorKind::Unknown { detail: "the connection closed".to_owned() };
        lab.inject(Fault { cluster: "a".into(), call: "add_peer", kind: kind.clone(), effect, times: 1 });
        assert_eq!(a.add_peer(&peer("b")).await.unwrap_err().kind, kind);
        assert_eq!(a.peers().await.unwrap().len(), usize::from(effect));
    }
    assert!(matches!(a.add_peer(&peer("b")).await.unwrap_err().kind, ErrorKind::Refused { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_stranger_is_not_reachable() {
    let lab = lab();
    assert!(matches!(lab.observer(&"z".into()).peers().await.unwrap_err().kind, ErrorKind::Unreachable { .. }));
    let error = lab.observer(&"a".into()).services(&"imp1.b.example.com".into()).await.unwrap_err();
    assert_eq!(error.to_string(), "a (imp1.b.example.com): failed to read the services: not reachable: no such host");
}

/// Two clusters, the first with a platform CLI that somebody may log in to.
fn with_platform() -> InMemory {
    let mut clusters = vec![cluster("a"), cluster("b")];
    clusters[0].platform = vec![account("platform", "secret")];
    InMemory::new(LabSpec { name: "test".to_owned(), seed: 1, factor: 1.0, clusters }, BTreeMap::new())
}

#[tokio::test(start_paused = true)]
async fn nodes_tell_what_they_reach_and_resolve() {
    let lab = with_platform();
    let (a, here, there) = (lab.observer(&"a".into()), peer("a").address, peer("b").address);
    assert_eq!(a.reaches(&here, there.as_str(), 8443).await.unwrap(), Reachability::Open);
    lab.world().block(&"a".into(), &"b".into(), 8443).unwrap();
    assert!(matches!(a.reaches(&here, there.as_str(), 8443).await.unwrap(), Reachability::Closed(_)));
    let found = a.node_resolves(&here, there.as_str()).await.unwrap();
    assert_eq!(found.addresses[0].names, [there.as_str()]);
    lab.world().set_resolves(&"a".into(), there.as_str(), false);
    assert!(a.node_resolves(&here, there.as_str()).await.unwrap().addresses.is_empty());
    assert_eq!(a.sessions(&here).await.unwrap(), 100);
    let servers = a.platform_cluster(&here).await.unwrap();
    assert_eq!(servers.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["cucm.a.example.com", here.as_str()]);
    let b = lab.observer(&"b".into());
    let error = b.reaches(&there, here.as_str(), 8443).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Unsupported { detail } if detail.contains("`cli`")));
}

#[tokio::test(start_paused = true)]
async fn a_refused_restart_goes_through_the_platform_where_there_is_one() {
    let lab = with_platform();
    for name in ["a", "b"] {
        lab.world().refuse_network_restarts(&name.into()).unwrap();
    }
    let restart = async |name: &str, service| lab.operator(&name.into()).restart(&peer(name).address, service).await;
    restart("a", service::ICSA).await.unwrap();
    assert!(matches!(restart("b", service::ICSA).await.unwrap_err().kind, ErrorKind::Refused { .. }));
    restart("b", service::AXL).await.unwrap();
    assert_eq!(lab.writes().len(), 2);
}
