//! Long lists of peers are read by two logins. Whatever the product makes of the second one, the answer stays the same,
//! no session is asked for two pages at a time, and the account is not taken for refused.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod imp_support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use imp_support::{Node, Reply, Seen};
use intermesh::cluster::{ErrorKind, Observe};
use intermesh::imp::{Operator, Target, everybody_left};
use intermesh::mesh::load_str;
use intermesh::observe::{Observers, gather};

const LOGIN: &str = "<title>Logon</title><form action=/cupadmin/j_security_check method=post><input name=j_username>\
                     <input type=password name=j_password><input type=submit value=Login></form>";
const HOME: &str = "<title>Home</title><a href=/cupadmin/list>Inter-Clustering</a><a href=/cupadmin/leave>Logout</a>";
const LOGIN_PATH: &str = "/cupadmin/j_security_check";
/// Long enough to tell whether two pages were asked for at a time.
const TAKES: Duration = Duration::from_millis(5);
const MANY: usize = 40;

fn list(peers: usize) -> String {
    let row = |at: usize| format!("<tr><td><a href=/cupadmin/edit?key={at}>imp1.c{at:02}.example.com</a><td>TCP</tr>");
    let rows: String = (0..peers).map(row).collect();
    format!("<title>Peers</title><table><tr><th>Peer Address<th>Protocol</tr>{rows}</table>")
}

fn edit(at: usize) -> String {
    format!(
        "<title>Peer</title><form action=/cupadmin/save method=post><p>Peer Address <input name=a \
         value=imp1.c{at:02}.example.com></p><p>AXL Username <input name=u value=icsa></p><p>Protocol <select name=t>\
         <option value=1>TCP</select></p></form><h3>Inter-cluster Peer Status</h3><table><tr><td>Peer Connectivity Test\
         <td>fine<td><img alt=Passed></tr><tr><td>Associated Users<td>{at}<td><img alt=Passed></tr></table>"
    )
}

/// What the product makes of a login beside another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Makes {
    Nothing,
    /// A user has one session: the latest.
    ItTheOnlyOne,
    /// The form comes again, as for a wrong password.
    ItFail,
    /// It answers its pages with an error.
    ItUseless,
    /// A place in the list means another peer there.
    ItsListAnother,
    /// It is told to slow down.
    ItWait,
}

/// A publisher with so many peers. Sessions are numbered in the order of the logins.
async fn publisher(peers: usize, makes: Makes) -> Node {
    let logins = Mutex::new(0_usize);
    let answer = move |seen: &Seen, _: usize| {
        let mut logins = logins.lock().unwrap();
        if seen.path == LOGIN_PATH {
            if makes == Makes::ItFail && *logins == 1 {
                return Reply::ok(LOGIN);
            }
            *logins += 1;
            let cookie = format!("JSESSIONID={}; Path=/cupadmin; Secure", *logins);
            return Reply::With(
                302,
                vec![("set-cookie", cookie), ("location", "/cupadmin/home".into())],
                String::new(),
            );
        }
        let session = session(seen);
        let known = |session: usize| makes != Makes::ItTheOnlyOne || session == *logins;
        let Some(session) = session.filter(|session| known(*session)) else { return Reply::ok(LOGIN) };
        match (seen.path.as_str(), seen.path.strip_prefix("/cupadmin/edit?key=")) {
            ("/cupadmin/home", _) => Reply::ok(HOME),
            ("/cupadmin/list", _) => Reply::ok(list(peers)),
            ("/cupadmin/leave", _) => Reply::ok(LOGIN),
            (_, Some(at)) => match (makes, session) {
                (Makes::ItUseless, 2) => Reply::Page(500, "no".into()),
                (Makes::ItWait, 2) => Reply::Page(503, "slow down".into()),
                (Makes::ItsListAnother, 2) => Reply::ok(edit((at.parse::<usize>().unwrap() + 1) % peers)),
                _ => Reply::ok(edit(at.parse().unwrap())),
            },
            _ => Reply::Page(404, String::new()),
        }
    };
    Node::up(move |seen, before| Reply::After(TAKES, Box::new(answer(seen, before)))).await
}

fn session(seen: &Seen) -> Option<usize> {
    seen.header("cookie")?.split(';').find_map(|pair| pair.trim().strip_prefix("JSESSIONID="))?.parse().ok()
}

fn logins(node: &Node) -> usize {
    node.seen().iter().filter(|seen| seen.path == LOGIN_PATH).count()
}

/// The peers as they are read, which must be all of them, in the list's order, each with its own panel.
async fn read(cluster: &Operator, peers: usize, case: &str) {
    let read = cluster.peers_with_status().await.unwrap_or_else(|e| panic!("{case}: {e}"));
    let told: Vec<(String, Option<u64>)> = read
        .iter()
        .map(|(peer, status)| {
            let status = status.as_ref().unwrap_or_else(|e| panic!("{case}: {e}"));
            (peer.address.to_string(), status.associated_users())
        })
        .collect();
    let expected: Vec<(String, Option<u64>)> =
        (0..peers).map(|at| (format!("imp1.c{at:02}.example.com"), Some(at as u64))).collect();
    assert_eq!(told, expected, "{case}");
}

/// How often each page of a peer was asked for.
fn opened(node: &Node) -> BTreeMap<String, usize> {
    let mut opened = BTreeMap::new();
    for seen in node.seen().iter().filter(|seen| seen.path.contains("edit?")) {
        *opened.entry(seen.path.clone()).or_default() += 1;
    }
    opened
}

#[tokio::test]
async fn a_long_list_is_read_by_two_logins_and_each_page_once() {
    let node = publisher(MANY, Makes::Nothing).await;
    let cluster = node.cluster();
    read(&cluster, MANY, "two").await;
    assert_eq!(logins(&node), 2);
    assert_eq!(opened(&node), (0..MANY).map(|at| (format!("/cupadmin/edit?key={at}"), 1)).collect());
    assert_eq!(node.most_at_a_time(), 2);
    let mut last: BTreeMap<usize, Instant> = BTreeMap::new();
    let mut by: BTreeSet<usize> = BTreeSet::new();
    for seen in node.seen() {
        let Some(session) = session(&seen) else { continue };
        if seen.path.contains("edit?") {
            by.insert(session);
        }
        let before = last.insert(session, seen.at);
        assert!(before.is_none_or(|before| seen.at - before >= TAKES), "session {session} at {}", seen.path);
    }
    assert_eq!(by, BTreeSet::from([1, 2]));

    // both are still there
    read(&cluster, MANY, "again").await;
    assert_eq!(logins(&node), 2);
}

#[tokio::test]
async fn whoever_logged_in_logs_out() {
    for (peers, sessions) in [(5, vec![1]), (MANY, vec![1, 2])] {
        let node = publisher(peers, Makes::Nothing).await;
        let cluster = node.cluster();
        read(&cluster, peers, "out").await;
        let left = || node.seen().into_iter().filter(|seen| seen.path == "/cupadmin/leave");
        assert_eq!(left().count(), 0, "it may go on reading");
        drop(cluster);
        everybody_left().await;
        let mut out: Vec<usize> = left().filter_map(|seen| session(&seen)).collect();
        out.sort_unstable();
        assert_eq!(out, sessions);
    }
    // a second one that was of no use was logged in all the same
    for makes in [Makes::ItUseless, Makes::ItsListAnother, Makes::ItWait] {
        let node = publisher(MANY, makes).await;
        let cluster = node.cluster();
        read(&cluster, MANY, "out").await;
        drop(cluster);
        everybody_left().await;
        let left = node.seen().into_iter().filter(|seen| seen.path == "/cupadmin/leave");
        let out: BTreeSet<usize> = left.filter_map(|seen| session(&seen)).collect();
        assert_eq!(out, BTreeSet::from([1, 2]), "{makes:?}");
    }
}

#[tokio::test]
async fn one_login_too_many_is_no_verdict_and_is_not_repeated() {
    let words = "The maximum number of concurrent sessions for this user has been reached.";
    let node = Node::up(move |seen, _| match seen.path == LOGIN_PATH {
        true => Reply::ok(format!("{LOGIN}<p>{words}")),
        false => Reply::ok(LOGIN),
    })
    .await;
    let cluster = node.cluster();
    for _ in 0..3 {
        let error = cluster.peers().await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Refused { .. }), "{error:?}");
        let said = error.to_string();
        assert!(said.contains(words) && said.contains("show webapp session maxlimit"), "{said}");
    }
    assert_eq!(logins(&node), 1);
}

#[tokio::test]
async fn a_banner_that_speaks_of_sessions_hides_no_refusal() {
    let banner = format!("{LOGIN}<p>The number of concurrent sessions is limited.</p>");
    let node = Node::up(move |_, _| Reply::ok(banner.clone())).await;
    let cluster = node.cluster();
    for _ in 0..3 {
        let error = cluster.peers().await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Unauthorized { .. }), "{error:?}");
    }
    assert_eq!(logins(&node), 1);
}

#[tokio::test]
async fn a_short_list_is_not_worth_a_login() {
    let node = publisher(5, Makes::Nothing).await;
    read(&node.cluster(), 5, "short").await;
    assert_eq!((logins(&node), node.most_at_a_time()), (1, 1));
}

#[tokio::test]
async fn whatever_the_product_makes_of_the_second_login_the_peers_are_the_same() {
    for (makes, most) in [
        (Makes::ItTheOnlyOne, 3),
        (Makes::ItFail, 2),
        (Makes::ItUseless, 2),
        (Makes::ItsListAnother, 2),
        (Makes::ItWait, 2),
    ] {
        let case = format!("{makes:?}");
        let node = publisher(MANY, makes).await;
        let cluster = node.cluster();
        read(&cluster, MANY, &case).await;
        let before = logins(&node);
        assert!((2..=most).contains(&before), "{case}: {before}");
        // there is no other second one, and the account is as good as it was
        read(&cluster, MANY, &case).await;
        assert_eq!(logins(&node), before, "{case}");
        assert!(opened(&node).values().all(|times| (2..=3).contains(times)), "{case}: {:?}", opened(&node));
    }
}

#[tokio::test]
async fn nobody_logs_in_on_the_pages_before_axl_took_its_account() {
    // the page of the login may be opened meanwhile; the password may not be sent to it
    let node = Node::up(|seen, _| match seen.path.starts_with("/axl") {
        true => Reply::After(TAKES * 20, Box::new(Reply::Page(401, String::new()))),
        false => Reply::ok(LOGIN),
    })
    .await;
    let text = "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: m}\ndomain: example.com\n\
        credentials: {all: {username: icsa, password: {env: A}}, other: {username: meshadmin, password: {env: B}}}\n\
        defaults: {release: \"14\", credentials: {axl: all, admin: other}}\nclusters:\n  - {name: emea, publisher: \
        imp1.example.com}\n  - {name: gone, publisher: imp1.gone.example.com, state: gone}\n";
    let mesh = load_str("mesh.yaml", text, jiff::civil::date(2026, 11, 23)).unwrap().mesh;
    // of another user, whose password would be sent if nothing but its own standing counted
    let target = Target::new("emea".into(), imp_support::node(), "all".into(), "other".into());
    let reader = node.fleet().reader(&target).unwrap();
    let observers: Observers = [("emea".into(), std::sync::Arc::new(reader) as _)].into();
    let snapshot = gather(&mesh, &observers, jiff::Timestamp::UNIX_EPOCH, &|_| ()).await;
    let unread = snapshot.clusters[&"emea".into()].peers.read();
    assert!(unread.is_none());
    assert_eq!(logins(&node), 0);
    let axl = node.seen().iter().filter(|seen| seen.path.starts_with("/axl")).count();
    assert_eq!(axl, 1);
}
