//! What to click where neither plain HTTP nor a browser can do it: every menu, field and button by the name that the
//! procedure gives it. A password is never among them.

use super::edits::Edit;
use super::menus::{INTER_CLUSTERING, SERVICE_PARAMETERS};
use super::peer_edits::{RESYNC, SYNC};
use super::peers::{ADDRESS, PASSWORD, PROTOCOL, USERNAME};
use super::walk::is_missing;
use crate::cluster::Pages as Mode;
use crate::cluster::{Account, ErrorKind, NodeName, Protocol, Transport};

/// What is tried on the pages, and with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    /// Plain HTTP alone: the mesh file says so.
    HttpAlone,
    /// Plain HTTP, and no browser yet.
    Http,
    /// A browser.
    Browser,
}

impl Tried {
    pub(super) fn with(mode: Mode, driven: bool) -> Tried {
        match (mode, driven) {
            (_, true) => Tried::Browser,
            (Mode::Http, false) => Tried::HttpAlone,
            (Mode::Auto | Mode::Browser, false) => Tried::Http,
        }
    }
}

/// The error, or the clicks in its place where it is a matter of the page alone. Where a browser could still do it, the
/// error says how to come by one.
pub(super) fn instead(kind: ErrorKind, tried: Tried, clicks: impl FnOnce() -> Vec<String>) -> ErrorKind {
    match kind {
        ErrorKind::NeedsBrowser { detail } if tried == Tried::Browser => {
            ErrorKind::ByHand { clicks: clicks(), because: in_vain(&detail) }
        }
        ErrorKind::NeedsBrowser { .. } if tried == Tried::HttpAlone => {
            let because = format!("{kind}, and the mesh file says `pages: http`");
            ErrorKind::ByHand { clicks: clicks(), because }
        }
        ErrorKind::NotFound { .. } if !is_missing(&kind) => {
            ErrorKind::ByHand { clicks: clicks(), because: kind.to_string() }
        }
        kind => kind,
    }
}

/// The error of a read: what a browser has shown does not ask for a browser.
pub(super) fn in_the_end(kind: ErrorKind, tried: Tried) -> ErrorKind {
    match kind {
        ErrorKind::NeedsBrowser { detail } if tried == Tried::Browser => {
            ErrorKind::Unsupported { detail: in_vain(&detail) }
        }
        kind => kind,
    }
}

fn in_vain(detail: &str) -> String {
    format!("{detail}, and the browser that it was done with does not help")
}

/// The clicks of an edit.
pub(in super::super) fn clicks(edit: &Edit<'_>, node: &NodeName) -> Vec<String> {
    match edit {
        Edit::Add(peer) => {
            let mut clicks = way(node);
            clicks.push("Add New".to_owned());
            clicks.push(format!("{ADDRESS}: {}", peer.address));
            clicks.extend(account(&peer.account));
            clicks.push(protocol(peer.protocol));
            clicks.push("Save".to_owned());
            clicks
        }
        Edit::Update { address, edit } => {
            let mut clicks = to_entry(node, address);
            clicks.extend(edit.account.iter().flat_map(account));
            clicks.extend(edit.protocol.map(protocol));
            clicks.push("Save".to_owned());
            clicks
        }
        Edit::Delete(address) => {
            let mut clicks = to_entry(node, address);
            clicks.push("Delete".to_owned());
            clicks.push("OK, where it asks".to_owned());
            clicks
        }
        Edit::Sync { address, certificates } => {
            let mut clicks = to_entry(node, address);
            clicks.push(format!("{} (or {})", SYNC[0], SYNC[1]));
            let check = if *certificates { "checked" } else { "not checked" };
            clicks.push(format!("{RESYNC}: {check}"));
            clicks.push("OK".to_owned());
            clicks
        }
        Edit::Parameter { node: server, service, label, value } => {
            let mut clicks = vec![on(node), SERVICE_PARAMETERS.join(" > ")];
            clicks.extend([format!("Server: {server}"), format!("Service: {service}"), format!("{label}: {value}")]);
            clicks.push("Save".to_owned());
            clicks
        }
    }
}

/// To the list of peers.
pub(super) fn way(node: &NodeName) -> Vec<String> {
    vec![on(node), INTER_CLUSTERING.join(" > ")]
}

/// To a peer's own page.
pub(super) fn to_entry(node: &NodeName, address: &NodeName) -> Vec<String> {
    way(node).into_iter().chain(["Find".to_owned(), address.to_string()]).collect()
}

fn on(node: &NodeName) -> String {
    format!("Cisco Unified CM IM and Presence Administration of {node}")
}

fn account(account: &Account) -> Vec<String> {
    let Account { username, password: _ } = account;
    let password = format!("{PASSWORD}: the password of {username} (and again, where it asks for it twice)");
    vec![format!("{USERNAME}: {username}"), password]
}

fn protocol(transport: Transport) -> String {
    format!("{PROTOCOL}: {}", Protocol::from(transport).word())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::NewPeer;

    #[test]
    fn every_click_is_told_and_no_password() {
        let account = Account { username: "icsa".into(), password: "s3cret".to_owned().into() };
        let peer = NewPeer { address: "imp1.b.example.com".into(), account, protocol: Transport::Tcp };
        let told = clicks(&Edit::Add(&peer), &"imp1.a.example.com".into());
        let expected = [
            "Cisco Unified CM IM and Presence Administration of imp1.a.example.com",
            "Presence > Inter-Clustering",
            "Add New",
            "Peer Address: imp1.b.example.com",
            "AXL Username: icsa",
            "AXL Password: the password of icsa (and again, where it asks for it twice)",
            "Protocol: TCP",
            "Save",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn only_what_the_page_stands_in_the_way_of_is_done_by_hand() {
        let browser = || ErrorKind::NeedsBrowser { detail: "x".into() };
        let label = || ErrorKind::NotFound { label: "Save".into(), page: "Peer".into() };
        let missing = || ErrorKind::NotFound { label: "imp1".into(), page: "Presence > Inter-Clustering".into() };
        let refused = || ErrorKind::Refused { message: "no".into() };
        for (kind, mode, driven, by_hand) in [
            (browser(), Mode::Http, false, true),
            (browser(), Mode::Auto, false, false),
            (browser(), Mode::Auto, true, true),
            // none could be started
            (browser(), Mode::Browser, false, false),
            (browser(), Mode::Browser, true, true),
            (label(), Mode::Auto, false, true),
            (label(), Mode::Auto, true, true),
            (label(), Mode::Browser, true, true),
            (missing(), Mode::Http, false, false),
            (missing(), Mode::Browser, true, false),
            (refused(), Mode::Http, false, false),
            (refused(), Mode::Browser, true, false),
        ] {
            let case = format!("{kind:?} {mode:?}, driven: {driven}");
            let tried = Tried::with(mode, driven);
            let told = instead(kind.clone(), tried, || vec!["Save".into()]);
            assert_eq!(matches!(told, ErrorKind::ByHand { .. }), by_hand, "{case}");
            // whoever has a browser is not told to install one, and whoever has none is
            let read = in_the_end(kind.clone(), tried);
            let installs = |kind: &ErrorKind| kind.hint().is_some_and(|hint| hint.contains("chromedriver"));
            assert!(!driven || (!installs(&told) && !installs(&read)), "{case}");
            assert_eq!(installs(&read), !driven && kind == browser(), "{case}");
        }
    }
}
