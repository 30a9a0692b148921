//! AXL of the database publisher: versions negotiated, sessions reused, one query at a time per cluster
//! (field-notes 3.3 and 3.4). It only reads; there is no operation that could write a peer anyway.

mod answers;
mod exchange;
mod requests;
mod sql;
mod versions;

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Mutex;

use self::exchange::Trouble;
use super::accounts::Accounts;
use super::cookies::Cookies;
use super::transport::Line;
use crate::cluster::{Account, ClusterName, ErrorKind, Group, Identity, ImAddressScheme, Node};
use crate::xml::Element;

pub(super) use requests::Operation;

/// The cookie that stands for a login (field-notes 3.3).
const SESSION: &str = "JSESSIONIDSSO";
/// What is sent where a UUID is asked for and none is known.
const NO_UUID: &str = "00000000-0000-0000-0000-000000000000";

/// AXL of one cluster.
pub(super) struct Axl {
    cluster: ClusterName,
    line: Arc<Line>,
    accounts: Arc<Accounts>,
    state: Mutex<State>,
}

struct State {
    version: &'static str,
    sessions: HashMap<String, Cookies>,
}

impl Axl {
    pub(super) fn new(cluster: ClusterName, line: Arc<Line>, accounts: Arc<Accounts>) -> Axl {
        let state = State { version: versions::FIRST, sessions: HashMap::new() };
        Axl { cluster, line, accounts, state: Mutex::new(state) }
    }

    /// Version and server names.
    pub(super) async fn identity(&self, account: &Account) -> Result<Identity, ErrorKind> {
        let version = answers::version(&self.call(account, &Operation::version()).await?)?;
        let (servers, unified_cm_servers) = answers::servers(&self.call(account, &Operation::cluster_info()).await?)?;
        Ok(Identity { version, servers, unified_cm_servers })
    }

    /// The IM and Presence nodes.
    pub(super) async fn nodes(&self, account: &Account) -> Result<Vec<Node>, ErrorKind> {
        let publisher = self.line.node().as_str().to_owned();
        let mut nodes = answers::nodes(&self.call(account, &Operation::nodes(&publisher)).await?)?;
        // Whether the answer is about the whole cluster or the named node only is not documented: ask for the rest.
        let (servers, _) = answers::servers(&self.call(account, &Operation::cluster_info()).await?)?;
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

    /// The presence redundancy groups.
    pub(super) async fn groups(&self, account: &Account) -> Result<Vec<Group>, ErrorKind> {
        let nodes = self.nodes(account).await?;
        let mut names: Vec<String> = nodes.iter().filter_map(|node| node.group.clone()).collect();
        names.sort();
        names.dedup();
        let mut groups = Vec::new();
        for name in names {
            let uuid = self.group_uuid(account, &name).await?;
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
        let answer = self.call(account, &Operation::query(sql::ICSA_PROBE)).await?;
        answers::count(&answer).map(drop)
    }

    /// The scheme of IM addresses, where a setting of the database tells it.
    pub(super) async fn im_address_scheme(&self, account: &Account) -> Result<Option<ImAddressScheme>, ErrorKind> {
        let answer = self.call(account, &Operation::query(sql::ADDRESS_SCHEME)).await?;
        let mut found: Vec<ImAddressScheme> = answers::rows(&answer)?.iter().filter_map(answers::scheme).collect();
        found.sort_by(|a, b| a.place.cmp(&b.place));
        Ok(found.into_iter().next())
    }

    /// The group's UUID as the schema wants it. The table's columns are not documented: whatever row holds the name is
    /// the group's, and whatever looks like a UUID in it is the UUID. The operation takes the name as well, so that a
    /// database that shows no UUID still leaves the name to go by.
    async fn group_uuid(&self, account: &Account, name: &str) -> Result<String, ErrorKind> {
        let rows = self.rows(account, sql::Select::all("enterprisesubcluster")).await?;
        let of_group = rows.iter().find(|row| row.children.iter().any(|column| column.text == name));
        let uuid = of_group.and_then(|row| row.children.iter().find_map(|column| answers::uuid(&column.text)));
        Ok(format!("{{{}}}", uuid.as_deref().unwrap_or(NO_UUID)))
    }

    /// The rows of a query, in pages when the product says that all of them are too many for one answer.
    async fn rows(&self, account: &Account, select: sql::Select) -> Result<Vec<Element>, ErrorKind> {
        let mut state = self.state.lock().await;
        let mut size = match self.ask(&mut state, account, &Operation::query(select.whole())).await {
            Ok(answer) => return answers::rows(&answer),
            Err(Trouble::TooLarge(size)) => size,
            Err(trouble) => return Err(trouble.into_kind()),
        };
        let mut rows = Vec::new();
        loop {
            let page = Operation::query(select.page(rows.len() as u64, size));
            match self.ask(&mut state, account, &page).await {
                Ok(answer) => {
                    let page = answers::rows(&answer)?;
                    let last = (page.len() as u64) < size;
                    rows.extend(page);
                    if last {
                        return Ok(rows);
                    }
                }
                Err(Trouble::TooLarge(less)) if less < size => size = less,
                Err(trouble) => return Err(trouble.into_kind()),
            }
        }
    }
}
