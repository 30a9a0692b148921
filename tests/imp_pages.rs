//! The driver of the pages against pages that no lab has: sessions that end, answers that are lost, scripts, frames.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod imp_support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use imp_support::{Node, PASSWORD, Reply, Seen, account, node};
use intermesh::cluster::{
    ErrorKind, Labelled, NewPeer, Observe, Operate, Outcome, Parameter, Protocol, Transport, Walk,
};

const LOGIN: &str = "<title>Logon</title><form action=/cupadmin/j_security_check method=post><input type=hidden \
                     name=appNav value=cupadmin><input name=j_username><input type=password name=j_password><input \
                     type=submit value=Login></form>";
const HOME: &str = "<title>Home</title><a href=/cupadmin/list>Inter-Clustering</a><a href=/cupadmin/dash>System Dashboard\
                    </a><a href=/cupadmin/bell title=Notifications>0</a><a href=/cupadmin/param>Service Parameters</a>";
const EMPTY: &str =
    "<title>Peers</title><p>No inter-cluster peers currently provisioned</p><a href=/cupadmin/new>Add New</a>";
const ONE: &str = "<title>Peers</title><table><tr><th>Peer Address<th>Protocol</tr><tr><td><a href=/cupadmin/edit?key=1>\
                   imp1.b.example.com</a><td>TCP</tr></table><a href=/cupadmin/new>Add New</a>";

/// A peer's form; `save` is its button.
fn form(address: &str, save: &str) -> String {
    format!(
        "<title>Peer</title><form action=/cupadmin/save method=post><input type=hidden name=TOKEN value=t7><p>Peer Address \
         <input name=a value='{address}'></p><p>AXL Username <input name=u value=icsa></p><p>AXL Password <input \
         type=password name=p></p><p>Confirm Password <input type=password name=q></p><p>Protocol <select name=t><option \
         value=1>TCP<option value=2>TLS</select></p>{save}</form>"
    )
}

const SAVE: &str = "<input type=submit name=do value=Save>";

/// Everybody is logged in who posted the form; `inside` answers them.
fn site(inside: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> impl Fn(&Seen, usize) -> Reply + Send + Sync {
    move |seen, _| match (seen.path.as_str(), seen.header("cookie")) {
        ("/cupadmin/j_security_check", _) => {
            let set = vec![
                ("set-cookie", "JSESSIONID=s; Path=/cupadmin; Secure".into()),
                ("location", "/cupadmin/home".into()),
            ];
            Reply::With(302, set, String::new())
        }
        (_, None) => Reply::ok(LOGIN),
        ("/cupadmin/home", _) => Reply::ok(HOME),
        _ => inside(seen),
    }
}

fn peer() -> NewPeer {
    NewPeer { address: "imp1.b.example.com".into(), account: account(), protocol: Transport::Tls }
}

fn posts(stub: &Node, path: &str) -> Vec<Seen> {
    stub.seen().into_iter().filter(|seen| seen.method == "POST" && seen.path == path).collect()
}

#[tokio::test]
async fn a_wrong_password_is_sent_once() {
    let stub = Node::up(|_, _| Reply::ok(LOGIN)).await;
    let cluster = stub.cluster();
    let (a, b) = tokio::join!(cluster.peers(), cluster.sync_status());
    for error in [a.err(), b.err(), cluster.topology().await.err(), cluster.services(&node()).await.err()] {
        assert!(matches!(error.unwrap().kind, ErrorKind::Unauthorized { .. }));
    }
    assert_eq!(posts(&stub, "/cupadmin/j_security_check").len(), 1);
}

#[tokio::test]
async fn a_peer_is_added_with_everything_the_form_gave() {
    let saved = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&saved);
    let stub = Node::up(site(move |seen| match seen.path.as_str() {
        "/cupadmin/list" if count.load(Ordering::SeqCst) == 0 => Reply::ok(EMPTY),
        "/cupadmin/list" => Reply::ok(ONE),
        "/cupadmin/new" => Reply::ok(form("", SAVE)),
        "/cupadmin/save" => {
            count.fetch_add(1, Ordering::SeqCst);
            Reply::to("edit?key=1")
        }
        "/cupadmin/edit?key=1" => Reply::ok(form("imp1.b.example.com", SAVE).replace("value=2>", "value=2 selected>")),
        _ => Reply::Page(404, String::new()),
    }))
    .await;
    stub.cluster().add_peer(&peer()).await.unwrap();
    let sent = posts(&stub, "/cupadmin/save");
    assert_eq!(sent.len(), 1);
    let pairs: Vec<_> = url::form_urlencoded::parse(sent[0].body.as_bytes()).into_owned().collect();
    let expected = [
        ("TOKEN", "t7"),
        ("a", "imp1.b.example.com"),
        ("u", "icsa"),
        ("p", PASSWORD),
        ("q", PASSWORD),
        ("t", "2"),
        ("do", "Save"),
    ];
    assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let origin = sent[0].header("origin").unwrap();
    assert_eq!(
        (origin, sent[0].header("referer").unwrap()),
        ("https://imp1.example.com:8443", "https://imp1.example.com:8443/cupadmin/new")
    );
}

#[tokio::test]
async fn the_products_refusal_is_kept_word_by_word() {
    let words = "AXL Verification Error.  The AXL information provided is incorrect.";
    let stub = Node::up(site(move |seen| match seen.path.as_str() {
        "/cupadmin/list" => Reply::ok(EMPTY),
        "/cupadmin/new" => Reply::ok(form("", SAVE)),
        "/cupadmin/save" => Reply::ok(format!("<table><tr><td>{words}</td></tr></table>{}", form("x", SAVE))),
        _ => Reply::Page(404, String::new()),
    }))
    .await;
    let error = stub.cluster().add_peer(&peer()).await.unwrap_err();
    let ErrorKind::Refused { message } = error.kind else { panic!("{error}") };
    assert_eq!(message, words.replace("  ", " "));
}

#[tokio::test]
async fn what_needs_a_script_is_not_begun() {
    for save in [
        "<input type=button value=Save onclick=go()>",
        "<a href='javascript:save()'>Save</a>",
        "<input type=submit value=Save onclick='encode(this)'>",
    ] {
        let stub = Node::up(site(move |seen| match seen.path.as_str() {
            "/cupadmin/list" => Reply::ok(EMPTY),
            "/cupadmin/new" => Reply::ok(form("", save)),
            _ => Reply::Page(404, String::new()),
        }))
        .await;
        let error = stub.cluster().add_peer(&peer()).await.unwrap_err();
        let ErrorKind::NeedsBrowser { detail } = &error.kind else { panic!("{error}") };
        assert!(detail.contains("Save"), "{detail}");
        assert!(posts(&stub, "/cupadmin/save").is_empty());
    }
}

#[tokio::test]
async fn a_missing_field_is_named_before_anything_is_sent() {
    let stub = Node::up(site(|seen| match seen.path.as_str() {
        "/cupadmin/list" => Reply::ok(EMPTY),
        "/cupadmin/new" => Reply::ok(form("", SAVE).replace("Protocol", "Transport")),
        _ => Reply::Page(404, String::new()),
    }))
    .await;
    let error = stub.cluster().add_peer(&peer()).await.unwrap_err();
    let ErrorKind::ByHand { clicks, because } = &error.kind else { panic!("{error}") };
    assert_eq!(because, "no `Protocol` on the page `Peer`");
    assert!(clicks.contains(&"Protocol: TLS".to_owned()), "{clicks:?}");
    assert!(posts(&stub, "/cupadmin/save").is_empty());

    let folder = tempfile::tempdir().unwrap();
    let capturing = stub.fleet().capturing(folder.path().to_owned()).operator(&imp_support::target()).unwrap();
    let error = capturing.add_peer(&peer()).await.unwrap_err().to_string();
    let (_, kept) = error.split_once("which was kept in `").unwrap();
    let page = std::fs::read_to_string(kept.trim_end_matches('`')).unwrap();
    assert!(page.contains("Transport") && !page.contains("Protocol"), "it is the page that failed: {page}");
}

#[tokio::test]
async fn a_lost_answer_to_save_is_unknown_and_not_repeated() {
    for reply in [|| Reply::Cut, || Reply::Never, || Reply::Page(500, "oops".into())] {
        let stub = Node::up(site(move |seen| match seen.path.as_str() {
            "/cupadmin/list" => Reply::ok(EMPTY),
            "/cupadmin/new" => Reply::ok(form("", SAVE)),
            _ => reply(),
        }))
        .await;
        let error = stub.cluster().add_peer(&peer()).await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Unknown { .. }), "{error}");
        assert_eq!(posts(&stub, "/cupadmin/save").len(), 1);
    }
}

#[tokio::test]
async fn a_session_that_ended_is_renewed_once() {
    let reads = AtomicUsize::new(0);
    let stub = Node::up(site(move |seen| match seen.path.as_str() {
        "/cupadmin/list" if reads.fetch_add(1, Ordering::SeqCst) == 1 => Reply::ok(LOGIN),
        "/cupadmin/list" => Reply::ok(EMPTY),
        _ => Reply::Page(404, String::new()),
    }))
    .await;
    let cluster = stub.cluster();
    cluster.peers().await.unwrap();
    cluster.peers().await.unwrap();
    assert_eq!(posts(&stub, "/cupadmin/j_security_check").len(), 2);

    let forgetful = Node::up(site(|_| Reply::ok(LOGIN))).await;
    let error = forgetful.cluster().peers().await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Malformed { .. }), "{error}");
    assert_eq!(posts(&forgetful, "/cupadmin/j_security_check").len(), 2);
}

#[tokio::test]
async fn a_session_that_ends_at_save_does_not_add_twice() {
    // The save took effect, and the page after it asks for a login.
    let saved = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&saved);
    let stub = Node::up(site(move |seen| match seen.path.as_str() {
        "/cupadmin/list" if count.load(Ordering::SeqCst) == 0 => Reply::ok(EMPTY),
        "/cupadmin/list" => Reply::ok(ONE),
        "/cupadmin/new" => Reply::ok(form("", SAVE)),
        "/cupadmin/save" => {
            count.fetch_add(1, Ordering::SeqCst);
            Reply::ok(LOGIN)
        }
        _ => Reply::ok(form("imp1.b.example.com", SAVE).replace("value=2>", "value=2 selected>")),
    }))
    .await;
    stub.cluster().add_peer(&peer()).await.unwrap();
    assert_eq!(saved.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_list_that_nobody_knows_is_not_empty() {
    for page in
        ["<title>Peers</title><div id=app></div>", "", "<p>No active query. Please enter your search criteria.</p>"]
    {
        let stub = Node::up(site(move |_| Reply::ok(page))).await;
        let error = stub.cluster().peers().await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Malformed { .. } | ErrorKind::Unsupported { .. }), "{error}");
    }
}

#[tokio::test]
async fn frames_are_followed() {
    let stub = Node::up(site(|seen| match seen.path.as_str() {
        "/cupadmin/list" => Reply::ok("<frameset><frame src=top><frame src=middle></frameset>"),
        "/cupadmin/top" => Reply::ok("<h1>Top</h1><iframe src=https://ads.example.com/></iframe>"),
        "/cupadmin/middle" => Reply::ok("<iframe src=body></iframe>"),
        "/cupadmin/body" => Reply::ok(ONE),
        "/cupadmin/edit?key=1" => Reply::ok("<iframe src=peer></iframe><iframe src=status></iframe>"),
        "/cupadmin/peer" => Reply::ok(form("imp1.b.example.com", SAVE)),
        "/cupadmin/status" => Reply::ok(
            "<h3>Inter-cluster Peer Status</h3><table><tr><td>Associated Users</td><td>9</td><td><img alt=ok></td></tr></table>",
        ),
        _ => Reply::Page(404, String::new()),
    }))
    .await;
    let cluster = stub.cluster();
    let peers = cluster.peers().await.unwrap();
    assert_eq!((peers.len(), &peers[0].protocol), (1, &Protocol::Tcp));
    let status = cluster.peer_status(&"imp1.b.example.com".into()).await.unwrap();
    assert_eq!((status.associated_users(), status.entries[0].outcome), (Some(9), Outcome::Passed));
    assert!(stub.targets().iter().all(|target| target == "imp1.example.com:8443"));
}

#[tokio::test]
async fn single_sign_on_is_explained() {
    let saml =
        "<form action=https://idp.example.com/sso method=post><input type=hidden name=SAMLRequest value=x></form>";
    let elsewhere = "https://idp.example.com/adfs/ls?SAMLRequest=x";
    let refresh = format!("<meta http-equiv=refresh content='0; url={elsewhere}'>");
    type Answers = Box<dyn Fn() -> Reply + Send + Sync>;
    let answers: [(&str, Answers); 3] = [
        ("a page", Box::new(move || Reply::ok(saml))),
        ("a redirect", Box::new(move || Reply::to(elsewhere))),
        ("a refresh", Box::new(move || Reply::ok(refresh.clone()))),
    ];
    for (what, answer) in answers {
        let stub = Node::up(move |_, _| answer()).await;
        let error = stub.cluster().peers().await.unwrap_err();
        let ErrorKind::Unsupported { detail } = &error.kind else { panic!("{what}: {error}") };
        let explained = "the node asks for single sign-on; give an account that may log in with a password (`utils sso \
                         recovery-url enable`)";
        assert!(detail.contains(explained), "{what}: {detail}");
        assert_eq!(posts(&stub, "/cupadmin/j_security_check").len(), 0, "{what}");
        assert!(stub.targets().iter().all(|target| target == "imp1.example.com:8443"), "{what}");
    }
}

#[tokio::test]
async fn a_list_in_parts_is_read_to_the_end() {
    let row = |n: usize| format!("<tr><td><a href=edit?key={n}>imp1.c{n}.example.com</a></td><td>TCP</td></tr>");
    let part = move |rows: &str, shown: &str, next: &str| {
        format!("<p>Peers ({shown})</p><table><tr><th>Peer Address<th>Protocol</tr>{rows}</table>{next}")
    };
    let both = Node::up(site(move |seen| match seen.path.as_str() {
        "/cupadmin/list" => Reply::ok(part(&row(1), "1 - 1 of 2", "<a href=list?page=2><img alt='Next Page'></a>")),
        "/cupadmin/list?page=2" => Reply::ok(part(&row(2), "2 - 2 of 2", "")),
        path => Reply::ok(form(&format!("imp1.c{}.example.com", path.rsplit('=').next().unwrap()), SAVE)),
    }))
    .await;
    assert_eq!(both.cluster().peers().await.unwrap().len(), 2);
    let cut_off = Node::up(site(move |_| Reply::ok(part(&row(1), "1 - 1 of 2", "")))).await;
    assert!(cut_off.cluster().peers().await.is_err());
}

#[tokio::test]
async fn a_peer_is_deleted_after_the_question() {
    let gone = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&gone);
    let stub = Node::up(site(move |seen| match seen.path.as_str() {
        "/cupadmin/list" if count.load(Ordering::SeqCst) == 0 => Reply::ok(ONE),
        "/cupadmin/list" => Reply::ok(EMPTY),
        "/cupadmin/edit?key=1" => Reply::ok(form("imp1.b.example.com", "<button name=do value=del>Delete</button>")),
        "/cupadmin/save" => Reply::ok(
            "<p>Delete it?</p><form action=/cupadmin/yes method=post><input type=hidden name=k \
                                       value=1><button>Cancel</button><button name=b>OK</button></form>",
        ),
        "/cupadmin/yes" => {
            count.fetch_add(1, Ordering::SeqCst);
            Reply::ok(EMPTY)
        }
        _ => Reply::Page(404, String::new()),
    }))
    .await;
    stub.cluster().delete_peer(&"imp1.b.example.com".into()).await.unwrap();
    assert_eq!(posts(&stub, "/cupadmin/yes")[0].body, "k=1&b=");
    let absent = stub.cluster().delete_peer(&"imp1.b.example.com".into()).await.unwrap_err();
    assert!(matches!(absent.kind, ErrorKind::NotFound { .. }), "{absent}");
}

const SIP_PROXY: &str = "Cisco SIP Proxy";
const PROCESSES: &str = "Maximum no. of processes";

#[tokio::test]
async fn a_label_of_two_parameters_is_refused_with_both_and_nothing_is_sent() {
    let chosen = "<select name=server><option>imp1.example.com</select>";
    let row =
        |name: &str, value: u8| format!("<tr><td>{PROCESSES}</td><td><input name={name} value={value}></td></tr>");
    let page = format!(
        "<title>Service Parameter Configuration</title><form action=/cupadmin/param method=post><table><tr><td>Server</td>\
         <td>{chosen}</td></tr><tr><td>Service</td><td><select name=service><option>{SIP_PROXY} (Active)</select></td></tr>\
         </table><fieldset><legend>General Proxy Parameters</legend><table>{}</table></fieldset><fieldset><legend>Advanced\
         </legend><table>{}</table></fieldset><input type=submit value=Save></form>",
        row("a", 20),
        row("b", 10)
    );
    let stub = Node::up(site(move |seen| match seen.path.as_str() {
        "/cupadmin/param" => Reply::ok(page.clone()),
        _ => Reply::Page(404, String::new()),
    }))
    .await;
    let cluster = stub.cluster();
    let error = cluster.set_parameter(&node(), SIP_PROXY, PROCESSES, "10").await.unwrap_err();
    let ErrorKind::Unsupported { detail } = &error.kind else { panic!("{error}") };
    let candidates = "`20` under `General Proxy Parameters`, `10` under `Advanced`";
    assert!(detail.contains(candidates) && detail.contains(PROCESSES), "{detail}");
    let (service, label, value) = (SIP_PROXY.to_owned(), PROCESSES.to_owned(), "10".to_owned());
    let walked = cluster.walk(&[Walk::Parameter { node: node(), service, label, value }]).await.unwrap_err();
    assert_eq!(walked.kind, error.kind);
    assert!(posts(&stub, "/cupadmin/param").is_empty());

    let read = cluster.parameters(&node(), SIP_PROXY, &[]).await.unwrap();
    let Labelled::Many(found) = Parameter::find(&read, PROCESSES) else { panic!("{read:?}") };
    assert!(found.to_string().ends_with(candidates), "{found}");
}
