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

/// `Sync Status` of the dashboard's `System` panel.
pub(super) async fn sync_status(visitor: &mut Visitor) -> Result<SyncStatus, Trouble> {
    let pages = menus::open(visitor, DASHBOARD).await?;
    let text = shown(&pages, "Sync Status").ok_or_else(|| not_found(&pages, "Sync Status"))?;
    Ok(SyncStatus { text })
}

/// The scheme of IM addresses, where the topology page or the dashboard shows one. Where the product shows it is not
/// published (field-notes 10), so not finding it says nothing.
pub(super) async fn im_address_scheme(visitor: &mut Visitor) -> Result<Option<ImAddressScheme>, Trouble> {
    for page in [TOPOLOGY, DASHBOARD] {
        let pages = menus::open(visitor, page).await?;
        let found = SCHEMES.into_iter().find_map(|label| Some((label, shown(&pages, label)?)));
        if let Some((label, value)) = found {
            return Ok(Some(ImAddressScheme { place: label.to_owned(), value }));
        }
    }
    Ok(None)
}

/// Nodes from the topology page; the counts from there or from the dashboard.
pub(super) async fn topology(visitor: &mut Visitor) -> Result<TopologyFacts, Trouble> {
    let topology = menus::open(visitor, TOPOLOGY).await?;
    let nodes = node_names(&topology);
    if nodes.is_empty() {
        return Err(not_found(&topology, "Node Name").into());
    }
    let labels = ["Unassigned Nodes", "Assigned Users", "Unassigned Users"];
    let mut counts = labels.map(|label| count(&topology, label));
    if counts.iter().any(Option::is_none) {
        let dashboard = menus::open(visitor, DASHBOARD).await?;
        for (known, label) in counts.iter_mut().zip(labels) {
            *known = known.or_else(|| count(&dashboard, label));
        }
    }
    let of =
        |index: usize| -> Result<u64, ErrorKind> { counts[index].ok_or_else(|| not_found(&topology, labels[index])) };
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
    let host = |name: &String| name.contains(|c: char| c == '.' || c.is_ascii_digit());
    let mut found = Vec::new();
    for page in pages {
        let links = clickables(&page.dom).into_iter().filter_map(|clickable| clickable.names.into_iter().next());
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
