//! A mesh file from what was found on clusters that no file names yet.
//!
//! The law: a plan on it is empty. Links that are whole are in it, with their transports; clusters that could not be
//! read are in it too, as far as their peers tell, because a failed read is never absence. What is damaged is said and
//! not decided: a link with an entry on one side only is left out, and the policy leaves what the file does not name.

mod accounts;
mod links;
mod names;
mod parameters;

use std::collections::BTreeMap;

use serde::Serialize;

use super::identity::is_release;
use super::release::Release;
use crate::cluster::{ClusterSnapshot, Discovery, Error, ErrorKind};
use crate::mesh::{
    self, ApiVersion, Cluster, ClusterName, Defaults, Draft, Kind, Mesh, Metadata, Node, NodeName, Policy, Roles,
    State, Topology,
};

/// Clusters in a mesh, nodes in a cluster, nodes in a redundancy group (field-notes 2.1).
const MOST: (usize, usize, usize) = (30, 6, 2);

/// What is known besides what was found.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// The names, references and settings that led in. Its clusters keep what cannot be read of them.
    pub way: &'a Mesh,
    /// What the mesh is to be called.
    pub name: Option<&'a str>,
    /// The presence domain.
    pub domain: Option<&'a str>,
    /// Where the walk began.
    pub begun_at: &'a [NodeName],
}

/// A mesh file, and what there is to say of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The file.
    pub draft: Draft,
    /// Its clusters that could not be read.
    pub unread: Vec<ClusterName>,
    /// What there is to say.
    pub remarks: Vec<Remark>,
}

/// Something that a reader of the file must know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// What kind of thing.
    pub kind: RemarkKind,
    /// The clusters that it is about.
    pub about: Vec<ClusterName>,
    /// What.
    pub what: String,
    /// What to do about it, or what becomes of it.
    pub todo: Option<String>,
    /// It belongs beside the links.
    #[serde(skip)]
    of_link: bool,
}

/// What kind of thing is to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RemarkKind {
    /// It could not be read.
    NotRead,
    /// The clusters are not as they should be.
    Damage,
    /// It is to be filled in or looked at.
    FillIn,
}

impl Remark {
    fn about(kind: RemarkKind, place: &Place<'_>, what: String) -> Remark {
        Remark { kind, about: vec![place.name.clone()], what, todo: None, of_link: false }
    }

    fn with(self, todo: &str) -> Remark {
        Remark { todo: Some(todo.to_owned()), ..self }
    }

    /// In a sentence.
    pub fn words(&self) -> String {
        match &self.todo {
            Some(todo) => format!("{}; {todo}", self.what),
            None => self.what.clone(),
        }
    }
}

/// A cluster of the file that is made.
struct Place<'a> {
    name: ClusterName,
    publisher: NodeName,
    also: &'a [NodeName],
    login: &'a Roles,
    read: Option<&'a ClusterSnapshot>,
    error: Option<&'a Error>,
    known: Option<&'a Cluster>,
}

impl Place<'_> {
    fn nodes(&self) -> Vec<NodeName> {
        self.read.map(|read| read.known_nodes(&self.publisher, &[])).unwrap_or_default()
    }

    /// Whether an address leads to it.
    fn is(&self, address: &NodeName) -> bool {
        self.also.iter().chain(&self.nodes()).chain([&self.publisher]).any(|name| name.same(address))
    }
}

/// Makes the file. The same findings give the same file.
pub fn import(found: &Discovery, given: &Given<'_>) -> Imported {
    let mut remarks = Vec::new();
    let places = places(found, given.way, &mut remarks);
    let domain = domain(&places, given, &mut remarks);
    let mut mesh = Mesh {
        api_version: ApiVersion::V1,
        kind: Kind::Mesh,
        metadata: Metadata { name: given.name.map_or_else(|| domain.clone(), str::to_owned) },
        domain,
        dns: given.way.dns.clone(),
        proxy: given.way.proxy.clone(),
        credentials: BTreeMap::new(),
        unified_cms: BTreeMap::new(),
        defaults: Defaults { release: None, ..given.way.defaults.clone() },
        clusters: Vec::new(),
        topology: Topology::default(),
        parameters: BTreeMap::new(),
        policy: Policy::default(),
        accept: Vec::new(),
    };
    for place in &places {
        let nodes = nodes(place, &places, &mut remarks);
        mesh.clusters.push(cluster(place, nodes));
    }
    let used = |name: &String| mesh.clusters.iter().any(|c| c.unified_cm.as_ref() == Some(name));
    mesh.unified_cms =
        given.way.unified_cms.iter().filter(|(n, _)| used(n)).map(|(n, u)| (n.clone(), u.clone())).collect();
    usual_release(&mut mesh);
    let entries = links::entries(&places, &mut remarks);
    links::set(&mut mesh, &places, &entries, &mut remarks);
    accounts::set(&mut mesh, given.way, &places, &entries, &mut remarks);
    parameters::set(&mut mesh, &places, &mut remarks);
    remarks.sort_by_key(|remark| remark.kind);
    let unread = places.iter().filter(|place| place.read.is_none()).map(|place| place.name.clone()).collect();
    Imported { draft: draft(mesh, given, &remarks), unread, remarks }
}

/// The clusters that the file has, in the order of the file that led in, then by name; what is said of the others.
fn places<'a>(found: &'a Discovery, way: &'a Mesh, remarks: &mut Vec<Remark>) -> Vec<Place<'a>> {
    let mut places: Vec<Place<'a>> = Vec::new();
    let known = |publisher: &NodeName, also: &[NodeName]| {
        let by = |name: &NodeName| way.clusters.iter().find(|c| c.publisher.same(name));
        by(publisher).or_else(|| also.iter().find_map(by))
    };
    for cluster in &found.clusters {
        let (publisher, also) = (cluster.publisher.clone(), cluster.also.as_slice());
        let known = known(&publisher, also);
        let (login, read) = (&cluster.login, Some(&cluster.read));
        places.push(Place { name: ClusterName::default(), publisher, also, login, read, error: None, known });
    }
    // an address that nobody vouches for is no cluster: its entry is left alone, and said
    for not in found.unread.iter().filter(|not| not.exists) {
        let (publisher, also) = (not.address.clone(), not.also.as_slice());
        let (known, login, error) = (known(&publisher, also), &not.login, Some(&not.error));
        places.push(Place { name: ClusterName::default(), publisher, also, login, read: None, error, known });
    }
    let mut out = |what: String| {
        remarks.push(Remark { kind: RemarkKind::NotRead, about: Vec::new(), what, todo: None, of_link: false })
    };
    for not in found.unread.iter().filter(|not| !not.exists) {
        let (address, why) = (&not.address, brief(&not.error.kind));
        out(format!(
            "{address}: {why}, and no cluster with a peer for it is connected with it; it is not in the file, and a plan \
             leaves its entries alone"
        ));
    }
    for address in &found.not_asked {
        out(format!("{address} was not asked: there are too many peers"));
    }
    places.retain(|place| match place.publisher.problem() {
        None => true,
        Some(problem) => {
            out(format!("{} cannot be in the file: {problem}", place.publisher));
            false
        }
    });
    for place in places.drain(MOST.0.min(places.len())..) {
        // those that were read come first
        out(format!("{} is not in the file: a mesh has {} clusters at most", place.publisher, MOST.0));
    }
    let taken: Vec<&ClusterName> = places.iter().filter_map(|place| place.known).map(|known| &known.name).collect();
    let open: Vec<usize> = (0..places.len()).filter(|at| places[*at].known.is_none()).collect();
    let fresh = names::names(&open.iter().map(|at| &places[*at].publisher).collect::<Vec<_>>(), &taken);
    for (at, name) in open.into_iter().zip(fresh) {
        places[at].name = name;
    }
    for place in &mut places {
        if let Some(known) = place.known {
            place.name = known.name.clone();
        }
    }
    let order = |known: Option<&Cluster>| {
        known.and_then(|known| way.clusters.iter().position(|c| c.name == known.name)).unwrap_or(usize::MAX)
    };
    places.sort_by(|a, b| (order(a.known), &a.name).cmp(&(order(b.known), &b.name)));
    for place in &places {
        remarks.extend(not_read(place));
    }
    places
}

/// What of a cluster could not be read.
fn not_read(place: &Place<'_>) -> Option<Remark> {
    let Place { name, publisher, read, error, .. } = place;
    let say = |what: String| Remark::about(RemarkKind::NotRead, place, what);
    if let Some(error) = error {
        let why = brief(&error.kind);
        let remark = say(format!("{name} ({publisher}): {why}"));
        return Some(match error.kind {
            ErrorKind::Unauthorized { .. } => remark.with("give credentials for it"),
            ErrorKind::Untrusted { .. } => remark.with("look at its key with `intermesh trust`, then import again"),
            ErrorKind::NoCredential { .. } => remark.with("give its password, then import again"),
            _ => remark.with("if it no longer exists, `state: gone` says so, and a plan removes the entries for it"),
        });
    }
    let read = (*read)?;
    let failed =
        [("peers", read.peers.failure()), ("version", read.identity.failure()), ("nodes", read.nodes.failure())];
    let mut failed = failed.into_iter().filter_map(|(what, error)| Some((what, error?)));
    let (_, first) = failed.clone().next()?;
    let what: Vec<&str> = failed.by_ref().map(|(what, _)| what).collect();
    Some(say(format!("{} of {name}: {}", what.join(" and "), brief(&first.kind))))
}

/// What went wrong, without what is another thing on another day.
fn brief(kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::Unreachable { .. } => "not reachable".to_owned(),
        ErrorKind::Untrusted { .. } => "its certificate is not trusted".to_owned(),
        ErrorKind::Malformed { .. } => "an answer that could not be understood".to_owned(),
        other => other.to_string(),
    }
}

/// The presence domain: as it was given, else from the node names, which is said.
fn domain(places: &[Place<'_>], given: &Given<'_>, remarks: &mut Vec<Remark>) -> String {
    if let Some(domain) = given.domain {
        return domain.to_owned();
    }
    let mut shared: Option<Vec<String>> = None;
    for name in places.iter().map(|place| place.publisher.normal()) {
        // an address has no domain
        let Some((_, domain)) = name.split_once('.').filter(|_| name.parse::<std::net::IpAddr>().is_err()) else {
            continue;
        };
        let labels: Vec<String> = domain.rsplit('.').map(str::to_owned).collect();
        shared = Some(match shared {
            None => labels,
            Some(before) => before.into_iter().zip(labels).take_while(|(a, b)| a == b).map(|(a, _)| a).collect(),
        });
    }
    let guess = shared.map(|labels| labels.into_iter().rev().collect::<Vec<_>>().join("."));
    let guess = guess.filter(|guess| guess.contains('.') && mesh::is_domain(guess));
    let what = match &guess {
        Some(guess) => format!("the presence domain is not read; `{guess}` is what the node names have in common"),
        None => "the presence domain is not read, and the node names do not tell it".to_owned(),
    };
    let todo = Some("correct it in the file, or give `--domain`".to_owned());
    remarks.push(Remark { kind: RemarkKind::FillIn, about: Vec::new(), what, todo, of_link: false });
    guess.unwrap_or_else(|| "unknown.invalid".to_owned())
}

/// The nodes as the file lists them, the publisher first; none where it cannot list them.
fn nodes(place: &Place<'_>, places: &[Place<'_>], remarks: &mut Vec<Remark>) -> Vec<Node> {
    let read = place.read.and_then(|read| read.nodes.read());
    let mut nodes: Vec<Node> = Vec::new();
    for node in read.into_iter().flatten() {
        nodes.push(Node { name: node.name.clone(), group: node.group.clone(), parameters: BTreeMap::new() });
    }
    nodes.sort_by_key(|node| (!node.name.same(&place.publisher), node.name.normal()));
    let members = |group: &Option<String>| nodes.iter().filter(|n| n.group.is_some() && n.group == *group).count();
    let elsewhere =
        |name: &NodeName| places.iter().any(|p| p.name != place.name && p.nodes().iter().any(|n| n.same(name)));
    let twice = |name: &NodeName| nodes.iter().filter(|n| n.name.same(name)).count() > 1;
    let problem = if nodes.len() > MOST.1 {
        Some(format!("there are {}", nodes.len()))
    } else if let Some(node) = nodes.iter().find(|n| n.name.problem().is_some()) {
        Some(format!("{} cannot be a node's name", node.name))
    } else if let Some(node) = nodes.iter().find(|n| twice(&n.name) || elsewhere(&n.name)) {
        Some(format!("{} is there twice", node.name))
    } else if !nodes.is_empty() && !nodes.iter().any(|n| n.name.same(&place.publisher)) {
        Some(format!("{} is not among them", place.publisher))
    } else if let Some(group) = nodes.iter().find(|n| members(&n.group) > MOST.2).and_then(|n| n.group.as_ref()) {
        Some(format!("redundancy group {group} has more than {}", MOST.2))
    } else {
        let unusable = |n: &&Node| n.group.as_deref().is_some_and(|group| !mesh::is_group_name(group));
        nodes.iter().find(unusable).map(|n| format!("the redundancy group of {} cannot be named", n.name))
    };
    if let Some(problem) = problem {
        let what = format!("the nodes of {} are left out of the file: {problem}", place.name);
        remarks.push(Remark::about(RemarkKind::Damage, place, what));
        return Vec::new();
    }
    nodes
}

/// A cluster as the file says it, without its credentials and parameters.
fn cluster(place: &Place<'_>, nodes: Vec<Node>) -> Cluster {
    let known = place.known;
    let version = place.read.and_then(|read| read.identity.read()).map(|identity| identity.version.as_str());
    // the file that led in may tell the service update, too
    let told = known.and_then(|known| known.release.clone());
    let release =
        version.and_then(|version| told.filter(|told| is_release(version, told)).or_else(|| release(version)));
    Cluster {
        name: place.name.clone(),
        publisher: place.publisher.clone(),
        state: State::Present,
        domain: known.and_then(|known| known.domain.clone()),
        release,
        nodes,
        unified_cm: known.and_then(|known| known.unified_cm.clone()),
        platform: known.and_then(|known| known.platform.clone()),
        protected: known.is_some_and(|known| known.protected),
        credentials: Roles::default(),
        tls: known.and_then(|known| known.tls.clone()),
        dns: known.and_then(|known| known.dns.clone()),
        pages: known.and_then(|known| known.pages),
        parameters: BTreeMap::new(),
    }
}

/// The release of a version such as `14.0.1.12900-6`: `14`. Which service update it has, a version does not tell.
fn release(version: &str) -> Option<String> {
    let release = Release::read(version)?.to_string();
    let release = release.strip_suffix(".0").unwrap_or(&release).to_owned();
    (mesh::Release::read(&release).is_some() && is_release(version, &release)).then_some(release)
}

/// The most frequent release becomes the usual one, where every cluster told its own.
fn usual_release(mesh: &mut Mesh) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for cluster in &mesh.clusters {
        let Some(release) = &cluster.release else { return };
        *counts.entry(release).or_default() += 1;
    }
    let usual = counts.iter().max_by_key(|(_, count)| **count).map(|(release, _)| (*release).to_owned());
    for cluster in &mut mesh.clusters {
        cluster.release = cluster.release.take().filter(|release| Some(release) != usual.as_ref());
    }
    mesh.defaults.release = usual;
}

/// The file with its comments.
fn draft(mesh: Mesh, given: &Given<'_>, remarks: &[Remark]) -> Draft {
    let mut begun: Vec<String> = given.begun_at.iter().map(ToString::to_string).take(3).collect();
    if given.begun_at.len() > 3 {
        begun.push(format!("{} more", given.begun_at.len() - 3));
    }
    let plan = match remarks.iter().any(|r| r.kind != RemarkKind::FillIn) {
        true => "shows what is said here and no more",
        false => "has nothing to do for it",
    };
    let mut header = vec![format!(
        "What was found on clusters that are there, along their peers, beginning at {}. `intermesh plan` {plan}, as long \
         as they stay as they are.",
        begun.join(", ")
    )];
    let titles = [
        (RemarkKind::NotRead, "Not read:"),
        (RemarkKind::Damage, "Not as it should be:"),
        (RemarkKind::FillIn, "To fill in, or to look at:"),
    ];
    for (kind, title) in titles {
        let mut items = remarks.iter().filter(|r| r.kind == kind).map(|r| format!("- {}", r.words())).peekable();
        if items.peek().is_some() {
            header.push(title.to_owned());
            header.extend(items);
        }
    }
    let mut above: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (at, cluster) in mesh.clusters.iter().enumerate() {
        let own = |r: &&Remark| r.kind == RemarkKind::NotRead && r.about.first() == Some(&cluster.name);
        let notes: Vec<String> = remarks.iter().filter(own).map(|r| format!("not read: {}", r.words())).collect();
        if !notes.is_empty() {
            above.insert(format!("/clusters/{at}"), notes);
        }
    }
    let mut say = |place: &str, what: &str| above.entry(place.to_owned()).or_default().push(what.to_owned());
    say("/domain", "The presence domain; clusters of another domain cannot be peers.");
    say("/credentials", "Accounts by reference, never a password. `intermesh credentials check` tries the references.");
    say("/clusters", "Each with its database publisher, as the cluster itself calls it.");
    for remark in remarks.iter().filter(|r| r.of_link) {
        say("/topology", &format!("- {}", remark.words()));
    }
    say("/policy", "Peers that this file does not ask for are shown and left alone.");
    Draft { mesh, header, above, beside: BTreeMap::new() }
}
