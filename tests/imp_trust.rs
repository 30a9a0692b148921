//! Trust by a pinned key: what an authority refuses is taken for its key, signature included, and nothing else is.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "clippy takes what tests share for no test")]

mod imp_support;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use imp_support::{Node, Reply, Shows, identity, node, target, tls_and_key, tls_of};
use intermesh::cluster::{ErrorKind, Observe};
use intermesh::imp::{Pins, Shown, Target};
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};
use sha2::{Digest, Sha256};

const VERSIONS: [&[&SupportedProtocolVersion]; 2] = [&[&TLS12], &[&TLS13]];

async fn showing(shows: Shows, versions: &[&'static SupportedProtocolVersion]) -> Node {
    Node::with(tls_of(shows, versions), |seen, _| identity(seen)).await
}

async fn look(at: &Node) -> Shown {
    at.fleet().certificate_shown(&target(), &node()).await.unwrap()
}

fn pinned(pin: &str) -> Target {
    let mut pins = Pins::default();
    pins.entry(&node()).https.push(pin.to_owned());
    Target { pins, ..target() }
}

async fn detail(at: &Node, target: &Target) -> String {
    match at.fleet().reader(target).unwrap().identity().await.unwrap_err().kind {
        ErrorKind::Untrusted { detail } => detail,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_certificate_is_looked_at_without_a_request() {
    for versions in VERSIONS {
        for shows in [Shows::Good, Shows::SelfSigned, Shows::WithoutNames, Shows::Expired, Shows::OtherAuthority] {
            let at = showing(shows, versions).await;
            let shown = look(&at).await;
            assert_eq!(shown.verified.is_ok(), shows == Shows::Good, "{:?}", shown.verified);
            assert_eq!(shown.certificate.self_signed, shows == Shows::SelfSigned);
            assert_eq!(shown.certificate.authority, shows == Shows::SelfSigned);
            assert_eq!(shown.certificate.names.is_empty(), shows == Shows::WithoutNames);
            assert_eq!(at.targets().len(), 1, "one connection");
            assert!(at.seen().is_empty(), "and no request on it");
        }
    }
}

#[tokio::test]
async fn a_pinned_key_is_trusted_whatever_an_authority_says_of_its_certificate() {
    for versions in VERSIONS {
        for shows in [Shows::Good, Shows::SelfSigned, Shows::WithoutNames, Shows::OtherAuthority, Shows::OtherName] {
            let at = showing(shows, versions).await;
            let target = pinned(&look(&at).await.certificate.pin);
            let identity = at.fleet().reader(&target).unwrap().identity().await.unwrap();
            assert_eq!(identity.version, "14.0.1");
        }
    }
}

#[tokio::test]
async fn a_changed_key_is_refused_though_an_authority_verifies_it() {
    let old = look(&showing(Shows::Good, &[&TLS13]).await).await.certificate.pin;
    for versions in VERSIONS {
        let at = showing(Shows::Good, versions).await;
        let shown = look(&at).await;
        assert_eq!(shown.verified, Ok(()));
        let detail = detail(&at, &pinned(&old)).await;
        assert!(detail.contains(&old) && detail.contains(&shown.certificate.pin), "{detail}");
        assert!(detail.contains("intermesh trust"), "{detail}");
        assert!(at.seen().is_empty(), "nothing was sent");
    }
}

#[tokio::test]
async fn a_node_that_does_not_hold_the_key_of_its_certificate_is_refused() {
    for versions in VERSIONS {
        let (acceptor, ca, public) = tls_and_key(Shows::OtherKey, versions);
        let at = Node::with((acceptor, ca), |seen, _| identity(seen)).await;
        let look = at.fleet().certificate_shown(&target(), &node()).await.unwrap_err().to_string();
        assert!(look.contains("not trusted"), "{look}");
        // the certificate itself is in order, for the authority and for the pin
        let pin = format!("sha256/{}", STANDARD.encode(Sha256::digest(public)));
        let words = detail(&at, &pinned(&pin)).await;
        assert!(words.contains("signature"), "{words}");
        let words = detail(&at, &target()).await;
        assert!(words.contains("signature"), "{words}");
        assert!(at.seen().is_empty(), "nothing was sent");
    }
}

#[tokio::test]
async fn a_pin_does_not_make_an_expired_certificate_valid() {
    let at = showing(Shows::Expired, &[&TLS13]).await;
    let shown = look(&at).await;
    let detail = detail(&at, &pinned(&shown.certificate.pin)).await;
    assert!(detail.contains("expired"), "{detail}");
    assert!(at.seen().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn a_node_without_pins_of_its_own_is_judged_by_the_authorities() {
    let other = |pins: &mut Pins| pins.entry(&"imp2.example.com".into()).https.push("sha256/AAAA".to_owned());
    let ssh = |pins: &mut Pins| pins.entry(&node()).ssh.push("SHA256:AAAA".to_owned());
    for (shows, good) in [(Shows::Good, true), (Shows::SelfSigned, false)] {
        let at = showing(shows, rustls::ALL_VERSIONS).await;
        let mut target = target();
        other(&mut target.pins);
        ssh(&mut target.pins);
        assert_eq!(at.fleet().reader(&target).unwrap().identity().await.is_ok(), good);
    }
}

#[tokio::test]
async fn a_node_that_speaks_no_tls_shows_nothing() {
    let at = Node::up(|_, _| Reply::Cut).await;
    let elsewhere = at.fleet().certificate_shown(&target(), &"imp9.example.com".into()).await;
    assert!(elsewhere.unwrap_err().to_string().contains("no connection"), "the proxy refuses");
}
