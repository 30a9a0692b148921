//! AXL of the database publisher: versions negotiated, sessions reused, one query at a time per cluster
//! (field-notes 3.3 and 3.4). It only reads; there is no operation that could write a peer anyway.
//!
//! The exchange itself (`exchange`) knows neither product: `unified_cm` asks the other one through it.

mod answers;
mod certificates;
mod exchange;
mod requests;
mod sql;
mod versions;

use std::sync::Arc;

use self::exchange::Trouble;
use self::sql::{Select, Table};
use super::accounts::Accounts;
use super::transport::Line;
use crate::cluster::{Account, ClusterName, ErrorKind, Group, Identity, ImAddressScheme, Node, StoredCertificate};
use crate::xml::Element;

pub(super) use answers::{boolean, missing, uuid};
pub(super) use exchange::Endpoint;
pub(super) use requests::Operation;
pub(super) use versions::FIRST;

/// What is sent where a UUID is asked for and none is known.
const NO_UUID: &str = "00000000-0000-0000-0000-000000000000";

/// AXL of one cluster.
pub(super) struct Axl {
    endpoint: Endpoint,
}

/// ICSA's probe of a peer.
pub(super) fn probe() -> Operation {
    Operation::query(&Select::icsa_probe())
}

impl Axl {
    /// What the publisher's clock said when it answered last.
    pub(super) fn dated(&self) -> Option<jiff::Timestamp> {
        self.endpoint.line().dated()
    }

    pub(super) fn new(cluster: ClusterName, line: Arc<Line>, accounts: Arc<Accounts>) -> Axl {
        Axl { endpoint: Endpoint::new(cluster, line, accounts) }
    }

    /// Version and server names.
    pub(super) async fn identity(&self, account: &Account) -> Result<Identity, ErrorKind> {
        let version = answers::version(&self.call(account, &Operation::version()).await?)?;
        let (servers, unified_cm_servers) = answers::servers(&self.call(account, &Operation::cluster_info()).await?)?;
        Ok(Identity { version, servers, unified_cm_servers })
    }

    /// The IM and Presence nodes.
    pub(super) async fn nodes(&self, account: &Account) -> Result<Vec<Node>, ErrorKind> {
        let (servers, _) = answers::servers(&self.call(account, &Operation::cluster_info()).await?)?;
        self.nodes_of(account, &servers).await
    }

    /// The same, where the cluster's servers were read before.
    pub(super) async fn nodes_of(&self, account: &Account, servers: &[String]) -> Result<Vec<Node>, ErrorKind> {
        let publisher = self.endpoint.line().node().as_str().to_owned();
        let mut nodes = answers::nodes(&self.call(account, &Operation::nodes(&publisher)).await?)?;
        // Whether the answer is about the whole cluster or the named node only is not documented: ask for the rest.
        if nodes.len() < servers.len() {
            for server in servers.iter().filter(|server| !server.eq_ignore_ascii_case(&publisher)) {
                let found = answers::nodes(&self.call(account, &Operation::nodes(server)).await?)?;
                for node in found {
                    if !nodes.iter().any(|known| known.name.same(&node.name)) {
                        nodes.push(node);
                    }
                }
            }
        }
        Ok(nodes)
    }

    /// The presence redundancy groups of the nodes.
    pub(super) async fn groups(&self, account: &Account, nodes: &[Node]) -> Result<Vec<Group>, ErrorKind> {
        let mut names: Vec<String> = nodes.iter().filter_map(|node| node.group.clone()).collect();
        names.sort();
        names.dedup();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.rows(account, &Select::rows(Table::EnterpriseSubcluster)).await?;
        let mut groups = Vec::new();
        for name in names {
            let uuid = group_uuid(&rows, &name);
            let answer = self.call(account, &Operation::availability(&name, &uuid)).await?;
            let mut group = answers::group(&answer, &name)?;
            for activity in &mut group.nodes {
                // this operation may tell states by numbers that are nowhere explained; the other one has words
                if let Some(node) = nodes.iter().find(|node| node.name.same(&activity.node)) {
                    activity.state.clone_from(&node.state);
                }
            }
            groups.push(group);
        }
        Ok(groups)
    }

    /// ICSA's probe of a peer, with the account that a peer would store.
    pub(super) async fn probe(&self, account: &Account) -> Result<(), ErrorKind> {
        let answer = self.call(account, &probe()).await?;
        answers::count(&answer).map(drop)
    }

    /// The scheme of IM addresses, where a setting of the database tells it.
    pub(super) async fn im_address_scheme(&self, account: &Account) -> Result<Option<ImAddressScheme>, ErrorKind> {
        let answer = self.call(account, &Operation::query(&Select::address_scheme())).await?;
        let mut found: Vec<ImAddressScheme> = answers::rows(&answer)?.iter().filter_map(answers::scheme).collect();
        found.sort_by(|a, b| a.place.cmp(&b.place));
        Ok(found.into_iter().next())
    }

    /// The certificates that the cluster has, as its peers are told of them: of all components in short, and of
    /// tomcat, which peers connect to, in full.
    pub(super) async fn certificates(&self, account: &Account) -> Result<Vec<StoredCertificate>, ErrorKind> {
        let user = &account.username;
        let mut all = certificates::read(&self.call(account, &Operation::certificate_summary(user)).await?)?;
        let mut components: Vec<String> = all.iter().filter(|c| c.is_tomcat()).map(|c| c.component.clone()).collect();
        components.sort();
        components.dedup();
        for component in components {
            let answer = self.call(account, &Operation::certificates(user, &component)).await?;
            let full = certificates::read(&answer)?;
            all.retain(|known| known.component != component);
            all.extend(full);
        }
        Ok(all)
    }

    async fn call(&self, account: &Account, operation: &Operation) -> Result<Element, ErrorKind> {
        self.endpoint.call(account, operation).await
    }

    /// The rows of a query, in pages when the product says that all of them are too many for one answer.
    async fn rows(&self, account: &Account, select: &Select) -> Result<Vec<Element>, ErrorKind> {
        // no other query comes between the pages
        let mut state = self.endpoint.lock().await;
        let whole = Operation::query(select);
        let mut size = match self.endpoint.ask(&mut state, account, &whole).await {
            Ok(answer) => return answers::rows(&answer),
            Err(Trouble::TooLarge(size)) => size,
            Err(trouble) => return Err(trouble.of(&whole)),
        };
        let mut rows: Vec<Element> = Vec::new();
        loop {
            let page = Operation::query(&select.page(rows.len() as u64, size));
            match self.endpoint.ask(&mut state, account, &page).await {
                Ok(answer) => {
                    let page = answers::rows(&answer)?;
                    if !page.is_empty() && rows.ends_with(&page) {
                        let detail = "two pages of a query are the same, so `SKIP` counts for nothing".to_owned();
                        return Err(ErrorKind::Malformed { detail });
                    }
                    let last = (page.len() as u64) < size;
                    rows.extend(page);
                    if last {
                        return Ok(rows);
                    }
                }
                Err(Trouble::TooLarge(less)) if less < size => size = less,
                Err(trouble) => return Err(trouble.of(&page)),
            }
        }
    }
}

/// The group's UUID as the schema wants it. The table's columns are not documented: whatever row holds the name is the
/// group's, and whatever looks like a UUID in it is the UUID. The operation takes the name as well, so that a database
/// that shows no UUID still leaves the name to go by.
fn group_uuid(rows: &[Element], name: &str) -> String {
    let of_group = rows.iter().find(|row| row.children.iter().any(|column| column.text == name));
    let uuid = of_group.and_then(|row| row.children.iter().find_map(|column| uuid(&column.text)));
    format!("{{{}}}", uuid.as_deref().unwrap_or(NO_UUID))
}
