//! The `Intercluster Peer Configuration` page: add, edit, delete, and the status panel (field-notes 1.2 to 1.4).

use std::time::Duration;

use serde::Serialize;

use super::sync;
use crate::cluster::{Account, NewPeer, NodeName, Outcome, PeerEdit, Protocol, Transport};
use crate::lab::servers::pages::icons::Icon;
use crate::lab::servers::pages::page::Page;
use crate::lab::servers::pages::reply::{Choice, Hidden, Message, Reply};
use crate::lab::servers::pages::visit::{NULL_PARAMETERS, Visit};
use crate::lab::world::PeerView;

/// How often the status panel refreshes itself (field-notes 1.3), in the product's time.
const REFRESH: Duration = Duration::from_secs(60);
/// However fast the product's time runs, a browser is not kept busier than this.
const SHORTEST_REFRESH_MS: u128 = 100;

#[derive(Serialize)]
struct Form {
    action: String,
    button: &'static str,
    hidden: Vec<Hidden>,
    key: Option<String>,
    writable: bool,
    sync_text: &'static str,
    sync: Option<sync::Confirmation>,
    fields: Vec<Field>,
    panel: Option<Panel>,
    status_url: Option<String>,
    refresh_ms: u128,
}

#[derive(Serialize)]
struct Field {
    id: &'static str,
    name: &'static str,
    label: &'static str,
    value: String,
    required: bool,
    password: bool,
    readonly: bool,
    options: Option<Vec<Choice>>,
}

#[derive(Serialize)]
struct Panel {
    id: &'static str,
    title: &'static str,
    entries: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    label: String,
    value: String,
    failed: bool,
    icon: String,
    alt: &'static str,
}

/// What the form holds when it is shown.
#[derive(Default)]
struct Entered {
    address: String,
    username: String,
    protocol: String,
}

pub(super) fn reply(visit: &Visit<'_>) -> Reply {
    let peer = peer(visit);
    match (visit.peer_button(), peer) {
        (Ok(None), Some(peer)) => show(visit, Some(&peer), None),
        (Ok(None), None) if visit.fields.text("key").is_some() => Reply::See(visit.url(Page::Peers)),
        (Ok(None), None) => show(visit, None, None),
        (Ok(Some("save")), Some(peer)) => update(visit, &peer),
        (Ok(Some("save")), None) => add(visit),
        (Ok(Some("delete")), Some(peer)) => delete(visit, &peer),
        (Ok(Some("sync")), Some(peer)) => Reply::See(visit.keyed(Page::Sync, &peer.key)),
        (Ok(Some("addNew")), _) => Reply::See(visit.url(Page::Peer)),
        (Ok(Some(_)), peer) => show(visit, peer.as_ref(), Some(Message::error(NULL_PARAMETERS))),
        (Err(refusal), peer) => show(visit, peer.as_ref(), Some(Message::error(refusal))),
    }
}

/// The status panel as data, for pages that fill it by script.
pub(super) fn status(visit: &Visit<'_>) -> Reply {
    let panel = peer(visit).and_then(|peer| panel(visit, &peer));
    // A panel that does not turn into JSON is one that is not there.
    Reply::Data(serde_json::to_value(panel).unwrap_or_default())
}

/// The peer whose key a form or a link names.
pub(super) fn peer(visit: &Visit<'_>) -> Option<PeerView> {
    let key = visit.fields.text("key")?;
    visit.world().peers(visit.cluster()).into_iter().find(|p| p.key == key)
}

/// The peer's page with a message.
pub(super) fn show(visit: &Visit<'_>, peer: Option<&PeerView>, message: Option<Message>) -> Reply {
    let entered = match peer {
        Some(peer) => Entered {
            address: peer.address.to_string(),
            username: peer.username.clone(),
            protocol: peer.protocol.word().to_owned(),
        },
        None => Entered { protocol: Protocol::Tcp.word().to_owned(), ..Entered::default() },
    };
    page(visit, peer, entered, message)
}

fn add(visit: &Visit<'_>) -> Reply {
    let entered = entered(visit);
    let outcome = added(visit, &entered).and_then(|peer| {
        let added = visit.world().add_peer(visit.cluster(), &peer);
        visit.here.count(added).map_err(|refusal| refusal.message)
    });
    if let Err(refusal) = outcome {
        return page(visit, None, entered, Some(Message::error(refusal)));
    }
    let address = NodeName::from(entered.address.as_str());
    let added = visit.world().peers(visit.cluster()).into_iter().find(|p| p.address.same(&address));
    show(visit, added.as_ref(), Some(Message::success(visit.variant.pick("added", ["Add successful", "Saved"]))))
}

fn added(visit: &Visit<'_>, entered: &Entered) -> Result<NewPeer, String> {
    let account = account(visit, entered)?.ok_or("AXL Password is a required field.")?;
    if entered.address.is_empty() {
        return Err("Peer Address is a required field.".into());
    }
    Ok(NewPeer { address: entered.address.as_str().into(), account, protocol: transport(&entered.protocol)? })
}

fn update(visit: &Visit<'_>, peer: &PeerView) -> Reply {
    let entered = entered(visit);
    let outcome = edited(visit, peer, &entered).and_then(|edit| {
        let updated = visit.world().update_peer(visit.cluster(), &peer.address, &edit);
        visit.here.count(updated).map_err(|refusal| refusal.message)
    });
    match outcome {
        Err(refusal) => page(visit, Some(peer), entered, Some(Message::error(refusal))),
        Ok(()) => show(visit, self::peer(visit).as_ref(), Some(Message::success(visit.variant.updated()))),
    }
}

fn edited(visit: &Visit<'_>, peer: &PeerView, entered: &Entered) -> Result<PeerEdit, String> {
    let account = account(visit, entered)?;
    if account.is_none() && entered.username != peer.username {
        return Err("AXL Password is a required field.".into());
    }
    let protocol = (entered.protocol != peer.protocol.word()).then(|| transport(&entered.protocol)).transpose()?;
    Ok(PeerEdit { account, protocol })
}

fn delete(visit: &Visit<'_>, peer: &PeerView) -> Reply {
    let deleted = visit.world().delete_peer(visit.cluster(), &peer.address);
    match visit.here.count(deleted) {
        Ok(()) => Reply::See(visit.url(Page::Peers)),
        Err(refusal) => show(visit, Some(peer), Some(Message::error(refusal.message))),
    }
}

fn entered(visit: &Visit<'_>) -> Entered {
    let controls = visit.variant.peer_controls();
    let text = |name| visit.fields.text(name).unwrap_or_default().to_owned();
    Entered {
        address: text(controls.address),
        username: text(controls.username),
        protocol: text(controls.protocol).to_ascii_uppercase(),
    }
}

/// The account that was entered; none when the password was left as it is.
fn account(visit: &Visit<'_>, entered: &Entered) -> Result<Option<Account>, String> {
    let controls = visit.variant.peer_controls();
    let (password, confirm) = (visit.fields.get(controls.password), visit.fields.get(controls.confirm));
    let (Some(password), Some(confirm)) = (password, confirm) else { return Err(NULL_PARAMETERS.into()) };
    if password != confirm {
        return Err("The AXL Password and its confirmation do not match.".into());
    }
    if entered.username.is_empty() {
        return Err("AXL Username is a required field.".into());
    }
    let unchanged = password.is_empty() || password == visit.variant.password_mask();
    Ok((!unchanged).then(|| Account { username: entered.username.clone(), password: password.to_owned().into() }))
}

fn transport(protocol: &str) -> Result<Transport, String> {
    match protocol {
        "TCP" => Ok(Transport::Tcp),
        "TLS" => Ok(Transport::Tls),
        _ => Err(NULL_PARAMETERS.into()),
    }
}

fn page(visit: &Visit<'_>, peer: Option<&PeerView>, entered: Entered, message: Option<Message>) -> Reply {
    let controls = visit.variant.peer_controls();
    let mask = if peer.is_some() { visit.variant.password_mask() } else { "" };
    let field = |name, label, value: &str| Field {
        id: name,
        name,
        label,
        value: value.to_owned(),
        required: true,
        password: false,
        readonly: false,
        options: None,
    };
    // A saved peer keeps its address: to point it elsewhere it is deleted and added.
    let address = Field { readonly: peer.is_some(), ..field(controls.address, "Peer Address", &entered.address) };
    let password = Field { password: true, ..field(controls.password, "AXL Password", mask) };
    let confirm = Field { password: true, ..field(controls.confirm, visit.variant.confirm_label(), mask) };
    let protocol = Field {
        options: Some(protocols(&entered.protocol)),
        ..field(controls.protocol, "Protocol", &entered.protocol)
    };
    let username = field(controls.username, "AXL Username", &entered.username);
    let writable = visit.may_write_peers(&visit.world());
    let values = Form {
        action: visit.url(Page::Peer),
        button: visit.variant.button(),
        hidden: visit.hidden(peer.map(|p| p.key.as_str())),
        key: peer.map(|p| p.key.clone()),
        writable,
        sync_text: visit.variant.sync(),
        sync: peer.map(|p| sync::confirmation(visit, p)),
        fields: vec![address, username, password, confirm, protocol],
        panel: peer.and_then(|p| panel(visit, p)),
        status_url: peer.map(|p| visit.keyed(Page::PeerStatus, &p.key)),
        refresh_ms: visit.here.lab.clock.real_time_of(REFRESH).as_millis().max(SHORTEST_REFRESH_MS),
    };
    Reply::page(Page::Peer, "peer.html", values, message)
}

fn protocols(chosen: &str) -> Vec<Choice> {
    let mut words = vec![Protocol::Tcp.word(), Protocol::Tls.word()];
    if !chosen.is_empty() && !words.contains(&chosen) {
        words.push(chosen);
    }
    let choice = |word: &str| Choice { value: word.into(), text: word.into(), selected: word == chosen };
    words.into_iter().map(choice).collect()
}

fn panel(visit: &Visit<'_>, peer: &PeerView) -> Option<Panel> {
    let status = visit.world().peer_status(visit.cluster(), &peer.address)?;
    let good = visit.variant.pick("check mark", ["Check Mark", "Test Passed", "Success"]);
    let bad = visit.variant.pick("error mark", ["Error", "Test Failed", "X"]);
    let line = |entry: crate::cluster::StatusEntry| Line {
        label: entry.label,
        value: entry.value,
        failed: !matches!(entry.outcome, Outcome::Passed | Outcome::Information),
        icon: Icon::of(entry.outcome).url(visit.app),
        alt: match entry.outcome {
            Outcome::Passed => good,
            Outcome::Information => "",
            Outcome::Failed | Outcome::Warning | Outcome::Unclear => bad,
        },
    };
    Some(Panel {
        id: visit.variant.pick("panel id", ["peerStatus", "interclusterStatusPanel", "statusTable"]),
        title: visit.variant.panel(),
        entries: status.entries.into_iter().map(line).collect(),
    })
}
