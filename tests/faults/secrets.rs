//! A node that says back all that it was told: no error repeats a password.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use intermesh::cluster::{NewPeer, Observe, Operate, PeerEdit, Transport, service};

use crate::imp_support::{PASSWORD, account, node, soap};
use crate::odd::{HTML, XML};
use crate::server::{Answer, Asked, Hostile, answer};
use crate::site::Site;

/// The request as text of an element.
fn told(asked: &Asked) -> String {
    intermesh::xml::escape(&format!("{} {}", asked.body, asked.head)).into_owned()
}

/// The account as text, as a careless page would show what it was sent.
fn decoded(asked: &Asked) -> String {
    let form = url::form_urlencoded::parse(asked.body.as_bytes()).map(|(_, value)| value.into_owned());
    let basic = asked.head.lines().filter_map(|line| line.strip_prefix("authorization: Basic "));
    let basic = basic.filter_map(|text| String::from_utf8(STANDARD.decode(text).ok()?).ok());
    form.chain(basic).collect::<Vec<_>>().join(" ")
}

fn echoes() -> Vec<fn(&Asked) -> Answer> {
    vec![
        |asked| answer(500, XML, soap(&format!("<e:Fault><faultstring>{}</faultstring></e:Fault>", told(asked)))),
        |asked| {
            let words = intermesh::xml::escape(&decoded(asked)).into_owned();
            answer(500, XML, soap(&format!("<e:Fault><faultstring>{words}</faultstring></e:Fault>")))
        },
        |asked| answer(500, HTML, decoded(asked)),
        |asked| answer(500, HTML, format!("<title>{}</title>", intermesh::xml::escape(&decoded(asked)))),
        |asked| answer(404, HTML, asked.body.clone()),
        |asked| answer(404, HTML, asked.head.lines().find(|l| l.starts_with("authorization")).unwrap_or_default()),
        |asked| answer(503, HTML, intermesh::xml::escape(&decoded(asked)).as_ref()),
        |asked| answer(403, HTML, decoded(asked)),
        |asked| answer(200, XML, soap(&format!("<n:{0} xmlns:n='u'/>", "x".repeat(9))) + &told(asked)),
        |asked| {
            let to: String = url::form_urlencoded::byte_serialize(decoded(asked).as_bytes()).collect();
            answer(302, &[("location", &format!("https://evil.example.com/{to}"))], "")
        },
        |asked| {
            let words = intermesh::xml::escape(&decoded(asked)).into_owned();
            answer(200, HTML, format!("<html><p>Error validating AXL Credential Information. {words}</p></html>"))
        },
    ]
}

fn check(error: &intermesh::cluster::Error) {
    let text = format!("{error} {error:?} {}", serde_json::to_string(error).unwrap());
    let escaped = intermesh::xml::escape(PASSWORD).into_owned();
    let encoded: String = url::form_urlencoded::byte_serialize(PASSWORD.as_bytes()).collect();
    let basic = STANDARD.encode(format!("icsa:{PASSWORD}"));
    for secret in [PASSWORD, &escaped, &encoded, &basic] {
        assert!(!text.contains(secret), "`{secret}` is in: {text}");
    }
}

#[tokio::test]
async fn no_error_repeats_what_a_node_echoes() {
    let peer = NewPeer { address: "imp1.new.example.com".into(), account: account(), protocol: Transport::Tcp };
    let mut errors = 0;
    for echo in echoes() {
        // Everything is answered so, the login as well.
        let stub = Hostile::up(move |asked, _| echo(asked)).await;
        let (cluster, node) = (stub.cluster(), node());
        let mut all = vec![cluster.restart(&node, service::XCP_ROUTER).await.err()];
        all.extend([cluster.identity().await.err(), cluster.services(&node).await.err()]);
        all.extend([cluster.peers().await.err(), cluster.answers_probe(&"all".into()).await.err()]);

        // Only what is saved is answered so, or only the login.
        for part in ["/cupadmin/save", "/cupadmin/j_security_check"] {
            let site = Site::default();
            let stub = Hostile::up(move |asked, _| match asked.line.ends_with(part) {
                true => echo(asked),
                false => site.answer(asked),
            })
            .await;
            let cluster = stub.cluster();
            all.push(cluster.add_peer(&peer).await.err());
            let edit = PeerEdit { account: Some(account()), protocol: None };
            all.push(cluster.update_peer(&"imp1.b.example.com".into(), &edit).await.err());
        }
        for error in all.into_iter().flatten() {
            check(&error);
            errors += 1;
        }
    }
    assert!(errors > 60, "only {errors} errors were looked at");
}
