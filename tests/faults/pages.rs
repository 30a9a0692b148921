//! Reads of the administration pages: half a page is never taken for a whole one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use intermesh::cluster::{ErrorKind, Observe};

use crate::answers::offsets;
use crate::odd::{GZIP, HTML, gzip_bomb};
use crate::server::{Answer, Asked, Hostile, Then, answer};
use crate::site::{Site, ended};

/// How the end of a body is told.
#[derive(Clone, Copy, Debug)]
enum Framing {
    Length,
    Chunks,
    Connection,
}

fn framed(framing: Framing, body: &[u8]) -> Vec<u8> {
    let head = |line: &str| format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n{line}\r\n\r\n").into_bytes();
    match framing {
        Framing::Length => [head(&format!("content-length: {}", body.len())), body.to_vec()].concat(),
        Framing::Connection => [head("connection: close"), body.to_vec()].concat(),
        Framing::Chunks => {
            let chunks = body.chunks(64).map(|c| [format!("{:x}\r\n", c.len()).as_bytes(), c, b"\r\n"].concat());
            [head("transfer-encoding: chunked"), chunks.collect::<Vec<_>>().concat(), b"0\r\n\r\n".to_vec()].concat()
        }
    }
}

fn is_list(asked: &Asked) -> bool {
    asked.line == "GET /cupadmin/list"
}

/// The body of an answer with a length.
fn body(of: &Answer) -> &[u8] {
    let at = of.bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    &of.bytes[at + 4..]
}

#[tokio::test]
async fn a_list_that_is_cut_is_not_a_shorter_list() {
    for framing in [Framing::Length, Framing::Chunks, Framing::Connection] {
        let site = Site::default();
        let probe = Asked { line: "GET /cupadmin/list".into(), head: "cookie:".into(), body: String::new() };
        let whole = framed(framing, body(&site.answer(&probe)));
        let length = whole.len();
        let offset = Arc::new(AtomicUsize::new(0));
        let at = Arc::clone(&offset);
        let stub = Hostile::up(move |asked, _| match is_list(asked) {
            true => Answer { bytes: whole.clone(), then: Then::Cut }.up_to(at.load(Ordering::SeqCst), Then::Cut),
            false => site.answer(asked),
        })
        .await;
        for bytes in offsets(length) {
            offset.store(bytes, Ordering::SeqCst);
            match stub.cluster().peers().await {
                Ok(peers) => panic!("{framing:?} cut after {bytes} of {length}: {} peers", peers.len()),
                Err(error) => assert!(matches!(error.kind, ErrorKind::Unreachable { .. }), "{bytes}: {error}"),
            }
        }
    }
}

#[tokio::test]
async fn a_page_that_makes_no_sense_is_an_error() {
    let table = "<table><tr><th>Peer Address<th>Protocol</tr><tr><td><a href=/cupadmin/edit?key=9>imp1.z.example.com";
    for (what, page) in [
        ("nothing", answer(200, HTML, "")),
        ("bytes", answer(200, HTML, (0..=255).collect::<Vec<u8>>())),
        ("100,000 levels", answer(200, HTML, format!("{}{table}", "<div>".repeat(100_000)))),
        ("10,000 tables in each other", answer(200, HTML, "<table><tr><td>".repeat(10_000))),
        ("2,000 open formats", answer(200, HTML, "<b><i><a href=x>".repeat(2_000))),
        ("unfinished tags", answer(200, HTML, "<table <tr <td <a href='".repeat(1_000))),
        ("a script", answer(200, HTML, "<script>document.write('<table>')</script><div id=app></div>")),
        ("7 MB of paragraphs", answer(200, HTML, "<p>x".repeat(7 << 18))),
        ("1,900 fields", answer(200, HTML, "<input name=a>Peer Address".repeat(1_900))),
        ("19,000 links", answer(200, HTML, "<a href=x>y</a>".repeat(19_000))),
        ("9,000 rows", answer(200, HTML, format!("<table>{}", "<tr><td>Peer Address".repeat(9_000)))),
        ("JSON", answer(200, &[("content-type", "application/json")], "{\"peers\": []}")),
        ("an entity bomb", answer(200, HTML, "<!DOCTYPE x [<!ENTITY a 'lol'><!ENTITY b '&a;&a;'>]><p>&b;</p>")),
        ("20 MB", answer(200, HTML, "<p>x".repeat(5 << 20))),
        ("a gzip bomb", answer(200, GZIP, gzip_bomb(200))),
        ("a redirect elsewhere", answer(302, &[("location", "https://evil.example.com/cupadmin/list")], "")),
        ("a redirect in clear", answer(302, &[("location", "http://imp1.example.com:8443/cupadmin/list")], "")),
        ("a redirect to itself", answer(302, &[("location", "/cupadmin/list")], "")),
        (
            "a refresh elsewhere",
            answer(200, HTML, "<meta http-equiv=refresh content='0; url=https://evil.example.com/'>"),
        ),
        ("a frame elsewhere", answer(200, HTML, "<frameset><frame src=https://evil.example.com/></frameset>")),
        ("500", answer(500, HTML, "<h1>oops</h1>")),
        ("403", answer(403, HTML, "<h1>no</h1>")),
    ] {
        let site = Site::default();
        let stub = Hostile::up(move |asked, _| if is_list(asked) { page.clone() } else { site.answer(asked) }).await;
        let error = stub.patient_cluster().peers().await.unwrap_err();
        assert!(error.to_string().len() < 800, "{what}: {error}");
        assert!(stub.hosts().iter().all(|host| host == "imp1.example.com:8443"), "{what}: {:?}", stub.hosts());
        let logins = stub.asked().iter().filter(|asked| asked.line.contains("j_security_check")).count();
        assert_eq!(logins, 1, "{what}");
    }
}

#[tokio::test]
async fn a_session_may_end_anywhere_once_and_not_for_ever() {
    let site = Site::default();
    let healthy = Hostile::up(move |asked, _| site.answer(asked)).await;
    let found = healthy.cluster().peers().await.unwrap();
    assert_eq!(found.len(), 2);
    let steps = healthy.asked().len();
    for (how, end) in ended() {
        for ends_at in 0..steps {
            let (site, end) = (Site::default(), end.clone());
            let stub = Hostile::up(move |asked, before| match before == ends_at && asked.head.contains("cookie:") {
                true => end.clone(),
                false => site.answer(asked),
            })
            .await;
            match stub.cluster().peers().await {
                Ok(peers) => assert_eq!(peers, found, "the session ended at request {ends_at} with {how}"),
                // The login form straight after a login is a refusal.
                Err(error) => {
                    assert!(matches!(error.kind, ErrorKind::Unauthorized { .. }), "{ends_at}, {how}: {error}");
                }
            }
        }
        let site = Site::default();
        let never = Hostile::up(move |asked, _| if is_list(asked) { end.clone() } else { site.answer(asked) }).await;
        assert!(never.cluster().peers().await.is_err(), "{how}");
        let logins = never.asked().iter().filter(|asked| asked.line.contains("j_security_check")).count();
        assert!(logins <= 2, "{how}: {logins} logins");
    }
}
