use std::time::Duration;

use super::*;
use crate::cluster::{Clock, Deadline, NewPeer, Protocol, Transport, service};
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
