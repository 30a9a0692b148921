//! The tables, as far as they are published (field-notes 5). Users are computed when they are read: 25,000 of them
//! cost nothing until someone asks. What a statement does not name is not made for it.

use rusqlite::{Connection, params};

use crate::cluster::ClusterName;
use crate::lab::world::{NodeView, PeerView, SchemeView, World};

/// What the tables are made of.
#[derive(Debug)]
pub(super) struct Tables {
    nodes: Vec<NodeView>,
    unified_cms: Vec<(String, String)>,
    groups: Vec<String>,
    domain: String,
    scheme: SchemeView,
    unassigned: u64,
    peers: Vec<PeerView>,
    /// The table of intercluster peers is only suggested by the label of a count: it may be missing.
    has_peers: bool,
    /// The number of `Awaiting initial assignment`; the other state has the next one. Inferred.
    awaiting: u8,
}

impl Tables {
    pub(super) fn of(world: &World, cluster: &ClusterName) -> Tables {
        let cms = world.unified_cms(cluster).iter();
        Tables {
            nodes: world.nodes(cluster),
            unified_cms: cms.map(|cm| (world.key(&[cluster.as_str(), cm]), cm.clone())).collect(),
            groups: world.groups(cluster).into_iter().map(|g| g.name).collect(),
            domain: world.domain(cluster).unwrap_or_default().to_owned(),
            scheme: world.im_address_scheme(),
            unassigned: world.topology(cluster).unassigned_users,
            peers: world.peers(cluster),
            has_peers: world.decide("cupsinterclusterpeers exists", 2) == 1,
            awaiting: u8::from(world.decide("first assignment state", 2) == 1),
        }
    }

    /// Makes the tables that a statement names.
    pub(super) fn create(&self, database: &Connection, sql: &str) -> rusqlite::Result<()> {
        let named = |table: &str| {
            let mut words = sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            words.any(|word| word.eq_ignore_ascii_case(table))
        };
        for (table, columns, fill) in TABLES.iter().filter(|(table, ..)| named(table)) {
            if *table == INTERCLUSTER_PEERS && !self.has_peers {
                continue;
            }
            database.execute_batch(columns)?;
            fill(self, database)?;
        }
        Ok(())
    }

    fn enterprise_nodes(&self, database: &Connection) -> rusqlite::Result<()> {
        let mut insert = database.prepare("INSERT INTO enterprisenode VALUES (?, ?, ?)")?;
        for (id, node) in (1_i64..).zip(&self.nodes) {
            let group = (1_i64..).zip(&self.groups).find(|(_, g)| Some(*g) == node.group.as_ref()).map(|(id, _)| id);
            insert.execute(params![id, node.name.as_str(), group])?;
        }
        Ok(())
    }

    fn groups(&self, database: &Connection) -> rusqlite::Result<()> {
        let mut insert = database.prepare("INSERT INTO enterprisesubcluster VALUES (?, ?)")?;
        (1_i64..).zip(&self.groups).try_for_each(|(id, group)| insert.execute(params![id, group]).map(drop))
    }

    fn intracluster_peers(&self, database: &Connection) -> rusqlite::Result<()> {
        let mut insert = database.prepare("INSERT INTO cupsintraclusterpeers VALUES (?)")?;
        self.nodes.iter().try_for_each(|node| insert.execute(params![node.name.as_str()]).map(drop))
    }

    fn intercluster_peers(&self, database: &Connection) -> rusqlite::Result<()> {
        let mut insert = database.prepare("INSERT INTO cupsinterclusterpeers VALUES (?, ?)")?;
        self.peers.iter().try_for_each(|peer| insert.execute(params![peer.key, peer.address.as_str()]).map(drop))
    }

    fn settings(&self, database: &Connection) -> rusqlite::Result<()> {
        let mut insert = database.prepare("INSERT INTO processconfig VALUES (?, ?)")?;
        insert.execute(params!["ClusterSecurityMode", "0"])?;
        if let SchemeView::Parameter(name, value) = self.scheme {
            insert.execute(params![name, value])?;
        }
        Ok(())
    }

    fn sync_agent(&self, database: &Connection) -> rusqlite::Result<()> {
        if let Some((key, publisher)) = self.unified_cms.first() {
            let row = params![publisher, key];
            database.execute("INSERT INTO epassyncagentcfg VALUES (?, 'axluser', NULL, ?)", row)?;
        }
        Ok(())
    }

    /// Where users are homed, in stretches: node by node, and then those who have no node.
    fn users(&self, database: &Connection) -> rusqlite::Result<()> {
        let mut insert = database.prepare("INSERT INTO homed VALUES (?, ?, ?, ?, ?)")?;
        let mut first_user = 1;
        for (id, node) in (1_i64..).zip(&self.nodes) {
            let last_user = first_user + count(node.assigned_users) - 1;
            insert.execute(params![id, first_user, last_user, self.awaiting + 1, self.domain])?;
            first_user = last_user + 1;
        }
        let last_user = first_user + count(self.unassigned) - 1;
        insert.execute(params![None::<i64>, first_user, last_user, self.awaiting, self.domain])?;
        Ok(())
    }

    /// All nodes of both products; each publisher has usage 0, so that ICSA's probe counts two of them.
    fn process_nodes(&self, database: &Connection) -> rusqlite::Result<()> {
        let mut insert = database.prepare(
            "INSERT INTO processnode (pkid, name, systemnode, isactive, nodeid, tknodeusage, tkprocessnoderole) \
             VALUES (?, ?, ?, 't', ?, ?, ?)",
        )?;
        insert.execute(params!["00000000-1111-0000-0000-000000000000", "EnterpriseWideData", "t", 1, 1, 1])?;
        let mut number = 1;
        for (at, (key, name)) in self.unified_cms.iter().enumerate() {
            number += 1;
            insert.execute(params![key, name, "f", number, u8::from(at > 0), 1])?;
        }
        for node in &self.nodes {
            number += 1;
            let row = params![node.key, node.name.as_str(), "f", number, u8::from(!node.publisher), 2];
            insert.execute(row)?;
        }
        Ok(())
    }
}

/// A number of users as the database counts.
fn count(users: u64) -> i64 {
    i64::try_from(users).unwrap_or(i64::MAX / 2)
}

/// A table: its name, how it is made, and how it is filled.
type Table = (&'static str, &'static str, fn(&Tables, &Connection) -> rusqlite::Result<()>);

const INTERCLUSTER_PEERS: &str = "cupsinterclusterpeers";

/// Text columns without case, as names are compared; numbers keep their type, so that `'2'` equals 2.
const TABLES: [Table; 8] = [
    (
        "processnode",
        "CREATE TABLE processnode (pkid TEXT, name TEXT COLLATE NOCASE, mac TEXT, systemnode TEXT, description TEXT,
           isactive TEXT, nodeid INTEGER, tknodeusage INTEGER, ipv6name TEXT, fklbmhubgroup TEXT,
           tkprocessnoderole INTEGER, tkssomode INTEGER DEFAULT 0)",
        Tables::process_nodes,
    ),
    (
        "enterprisenode",
        "CREATE TABLE enterprisenode (id INTEGER, name TEXT COLLATE NOCASE, subclusterid INTEGER)",
        Tables::enterprise_nodes,
    ),
    ("enterprisesubcluster", "CREATE TABLE enterprisesubcluster (id INTEGER, name TEXT)", Tables::groups),
    ("processconfig", "CREATE TABLE processconfig (paramname TEXT, paramvalue TEXT)", Tables::settings),
    (
        "epassyncagentcfg",
        "CREATE TABLE epassyncagentcfg (ccmpublisherip TEXT, axluser TEXT, axlpassword TEXT, cucm_axluser_pkid TEXT)",
        Tables::sync_agent,
    ),
    ("cupsintraclusterpeers", "CREATE TABLE cupsintraclusterpeers (srvname TEXT UNIQUE)", Tables::intracluster_peers),
    (
        INTERCLUSTER_PEERS,
        "CREATE TABLE cupsinterclusterpeers (pkid TEXT, peeraddress TEXT)",
        Tables::intercluster_peers,
    ),
    ("enduser", END_USERS, Tables::users),
];

const END_USERS: &str = "
CREATE TABLE homed (nodeid INTEGER, first INTEGER, last INTEGER, state INTEGER, domain TEXT);
CREATE VIEW enduser AS
  WITH RECURSIVE users (nodeid, number, last, state, domain) AS (
    SELECT nodeid, first, last, state, domain FROM homed WHERE first <= last
    UNION ALL SELECT nodeid, number + 1, last, state, domain FROM users WHERE number < last)
  SELECT printf('%08x-0000-4000-8000-%012x', number * 2654435761 & 4294967295, number) AS pkid,
    printf('user%05d', number) AS userid,
    printf('user%05d', number) AS xcp_user_id,
    CAST(1 AS INTEGER) AS tkuserlocale,
    printf('user%05d@%s', number, domain) AS imaddress,
    printf('user%05d\\40%s', number, domain) AS xep106imaddress,
    printf('user%05d@%s', number, domain) AS directoryuri,
    printf('user%05d@%s', number, domain) AS mailid,
    CAST(1 AS INTEGER) AS status,
    NULL AS fkdirectorypluginconfig, NULL AS deletedtimestamp, NULL AS passwordreverse,
    CAST(1 AS INTEGER) AS tkuserprofile,
    CAST(state AS INTEGER) AS tkassignmentstate,
    NULL AS ocsprimaryuseraddress, NULL AS fkucccmcipprofile,
    CAST(0 AS INTEGER) AS tkphonepresence,
    CAST(nodeid AS INTEGER) AS primarynodeid,
    printf('user%05d', number) AS xep106userid,
    printf('user%05d\\40%s', number, domain) AS xep106mailid,
    NULL AS auth_pwd, NULL AS login_stamp, NULL AS fkucserviceprofile,
    'f' AS enablecalendarpresence, 't' AS enablecups,
    printf('user%05d', number) AS discoveryuseridentity
  FROM users;
";
