//! What the dashboard and System > Presence Topology say.

use super::html::{Row, clickables, tables};
use super::menus::{self, DASHBOARD, TOPOLOGY};
use super::page::Page;
use super::visitor::{Trouble, Visitor};
use crate::cluster::{ErrorKind, ImAddressScheme, NodeName, SyncStatus, TopologyFacts};

/// Headings of a column, or labels beside a value, that hold node names.
const NODE_NAMES: [&str; 6] =
    ["Node Name", "Node", "Nodes", "Server Name", "Server", "Fully Qualified Domain Name/IP Address"];

/// What the scheme of IM addresses may be labelled.
const SCHEMES: [&str; 2] = ["IM Address Scheme", "IM Addressing Scheme"];

/// What both pages tell, each part by itself; the scheme of IM addresses only where it is shown.
pub(super) type Provisioned =
    (Result<TopologyFacts, ErrorKind>, Result<SyncStatus, ErrorKind>, Result<Option<ImAddressScheme>, ErrorKind>);

/// What the topology page and the dashboard tell, each opened once.
pub(super) async fn provisioning(visitor: &mut Visitor) -> Result<Provisioned, Trouble> {
    let topology = part(menus::open(visitor, TOPOLOGY).await)?;
    let dashboard = part(menus::open(visitor, DASHBOARD).await)?;
    let both = topology.as_ref().map_err(Clone::clone).and_then(|topology| {
        let dashboard = dashboard.as_ref().map(Vec::as_slice);
        topology_of(topology, || dashboard.map_err(Clone::clone))
    });
    let status = dashboard.as_ref().map_err(Clone::clone).and_then(|pages| status_of(pages));
    let scheme = match (topology.as_ref().ok().and_then(|pages| scheme_of(pages)), &dashboard) {
        (Some(scheme), _) => Ok(Some(scheme)),
        (None, Err(kind)) => Err(kind.clone()),
        (None, Ok(dashboard)) => match (scheme_of(dashboard), &topology) {
            // not found on one page says nothing of the other
            (None, Err(kind)) => Err(kind.clone()),
            (scheme, _) => Ok(scheme),
        },
    };
    Ok((both, status, scheme))
}

/// A page, or why it is not there; what concerns the whole visit ends it.
fn part(opened: Result<Vec<Page>, Trouble>) -> Result<Result<Vec<Page>, ErrorKind>, Trouble> {
    match opened {
        Ok(pages) => Ok(Ok(pages)),
        Err(Trouble::Kind(kind @ ErrorKind::NeedsBrowser { .. })) => Err(Trouble::Kind(kind)),
        Err(Trouble::Kind(kind)) if !matches!(kind, ErrorKind::Throttled { .. }) => Ok(Err(kind)),
        Err(trouble) => Err(trouble),
    }
}

/// `Sync Status` of the dashboard's `System` panel.
pub(super) async fn sync_status(visitor: &mut Visitor) -> Result<SyncStatus, Trouble> {
    let pages = menus::open(visitor, DASHBOARD).await?;
    Ok(status_of(&pages)?)
}

fn status_of(dashboard: &[Page]) -> Result<SyncStatus, ErrorKind> {
    let text = shown(dashboard, "Sync Status").ok_or_else(|| not_found(dashboard, "Sync Status"))?;
    Ok(SyncStatus { text })
}

/// The scheme of IM addresses, where the topology page or the dashboard shows one. Where the product shows it is not
/// published (field-notes 10), so not finding it says nothing.
pub(super) async fn im_address_scheme(visitor: &mut Visitor) -> Result<Option<ImAddressScheme>, Trouble> {
    for page in [TOPOLOGY, DASHBOARD] {
        let pages = menus::open(visitor, page).await?;
        if let Some(scheme) = scheme_of(&pages) {
            return Ok(Some(scheme));
        }
    }
    Ok(None)
}

fn scheme_of(pages: &[Page]) -> Option<ImAddressScheme> {
    let (label, value) = SCHEMES.into_iter().find_map(|label| Some((label, shown(pages, label)?)))?;
    Some(ImAddressScheme { place: label.to_owned(), value })
}

/// Nodes from the topology page; the counts from there or from the dashboard.
pub(super) async fn topology(visitor: &mut Visitor) -> Result<TopologyFacts, Trouble> {
    let topology = menus::open(visitor, TOPOLOGY).await?;
    if counts_of(&topology).iter().all(Option::is_some) || node_names(&topology).is_empty() {
        return Ok(topology_of(&topology, || Ok(&[]))?);
    }
    let dashboard = menus::open(visitor, DASHBOARD).await?;
    Ok(topology_of(&topology, || Ok(&dashboard))?)
}

const COUNTS: [&str; 3] = ["Unassigned Nodes", "Assigned Users", "Unassigned Users"];

fn counts_of(pages: &[Page]) -> [Option<u64>; 3] {
    COUNTS.map(|label| count(pages, label))
}

/// The facts of the topology page; the dashboard is asked for where the page does not tell all counts.
fn topology_of<'a>(
    topology: &[Page],
    dashboard: impl FnOnce() -> Result<&'a [Page], ErrorKind>,
) -> Result<TopologyFacts, ErrorKind> {
    let nodes = node_names(topology);
    if nodes.is_empty() {
        return Err(not_found(topology, "Node Name"));
    }
    let mut counts = counts_of(topology);
    if counts.iter().any(Option::is_none) {
        for (known, there) in counts.iter_mut().zip(counts_of(dashboard()?)) {
            *known = known.or(there);
        }
    }
    let of =
        |index: usize| -> Result<u64, ErrorKind> { counts[index].ok_or_else(|| not_found(topology, COUNTS[index])) };
    Ok(TopologyFacts { nodes, unassigned_nodes: of(0)?, assigned_users: of(1)?, unassigned_users: of(2)? })
}

fn shown(pages: &[Page], label: &str) -> Option<String> {
    pages.iter().find_map(|page| page.shown(label)).filter(|text| !text.is_empty())
}

fn count(pages: &[Page], label: &str) -> Option<u64> {
    let text = shown(pages, label)?;
    text.split_whitespace().next()?.replace(',', "").parse().ok()
}

fn not_found(pages: &[Page], label: &str) -> ErrorKind {
    let page = pages.first().map(Page::title).unwrap_or_default();
    ErrorKind::NotFound { label: label.to_owned(), page }
}

/// The node names on the topology page: a column of them, or values beside their labels, or links that are names.
fn node_names(pages: &[Page]) -> Vec<NodeName> {
    let columns: Vec<String> = pages
        .iter()
        .flat_map(|page| tables(&page.dom, page.dom.all()))
        .flat_map(|table| column(&table.rows))
        .filter(|text| is_node_name(text))
        .collect();
    let found = if columns.is_empty() { links_and_labels(pages) } else { columns };
    let mut names: Vec<NodeName> = Vec::new();
    for name in found.into_iter().filter(|text| is_node_name(text)).map(NodeName::from) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Links in a tree of the topology, and values beside labels. A menu's text is no name of a host.
fn links_and_labels(pages: &[Page]) -> Vec<String> {
    let host = |name: &&String| name.contains(|c: char| c == '.' || c.is_ascii_digit());
    let mut found = Vec::new();
    for page in pages {
        let links = clickables(&page.dom).iter().filter_map(|clickable| clickable.names.first());
        found.extend(links.filter(host).map(|name| name.trim().to_owned()));
        found.extend(NODE_NAMES.into_iter().filter_map(|label| page.shown(label)));
    }
    found
}

fn column(rows: &[Row]) -> Vec<String> {
    let header = rows.iter().enumerate().find_map(|(index, row)| {
        let column = NODE_NAMES.into_iter().find_map(|label| row.column(label)).filter(|_| row.cells.len() > 1)?;
        let is_heading = row.cells.iter().all(|cell| cell.text.len() < 60);
        is_heading.then_some((index, column))
    });
    let Some((header, column)) = header else { return Vec::new() };
    let body = rows.iter().skip(header + 1);
    body.filter(|row| row.title().is_none()).filter_map(|row| row.cell(column)).map(|cell| cell.text.clone()).collect()
}

fn is_node_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    text.len() > 1 && text.chars().all(allowed) && text.contains(|c: char| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_names_are_found_in_any_markup() {
        for markup in [
            "<table><tr><th>Node Name</th><th>Users</th></tr><tr><td>imp1.example.com</td><td>5</td></tr><tr><td>10.0.0.2\
             </td><td>0</td></tr></table>",
            "<table><tr><th colspan=2>DefaultCluster</th></tr><tr><th>Users</th><th>Node</th></tr><tr><td>5</td><td><a \
             href=n?1>imp1.example.com</a></td></tr><tr><td>0</td><td>10.0.0.2</td></tr></table>",
            "<ul><li><a href=g?1>DefaultCluster</a><ul><li><a href=n?1>imp1.example.com</a><li><a href=n?2>10.0.0.2</a>\
             </ul></ul>",
        ] {
            let page = Page::read(url::Url::parse("https://imp1:8443/t").unwrap(), markup);
            let names = node_names(&[page]);
            assert_eq!(names, ["imp1.example.com".into(), "10.0.0.2".into()], "{markup}");
        }
    }
}
