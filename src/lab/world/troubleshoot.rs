//! The System Troubleshooter (field-notes 1.7): its sections and tests, with outcomes computed from the state.

use super::World;
use super::agenda::Site;
use super::catalogue::{AUTHENTICATION, CONFIG_AGENT, CONNECTION_MANAGER, DATA_MONITOR, PRESENCE_ENGINE, SIP_PROXY};
use super::cluster::Cluster;
use super::ha::HaState;
use crate::cluster::{Check, ClusterName, Outcome, Protocol, service};

/// Rows of one section in the making.
struct Section<'a> {
    rows: &'a mut Vec<Check>,
    title: &'static str,
}

impl Section<'_> {
    fn row(&mut self, test: impl Into<String>, outcome: Outcome, problem: &str, solution: &str) {
        let (section, test) = (self.title.to_owned(), test.into());
        self.rows.push(Check { section, test, outcome, problem: problem.to_owned(), solution: solution.to_owned() });
    }

    fn passed(&mut self, test: impl Into<String>) {
        self.row(test, Outcome::Passed, "", "");
    }

    /// A test that fails with a problem for each place that is wrong.
    fn test(&mut self, test: &str, otherwise: Outcome, problem: &str, wrong: &[String], solution: &str) {
        if wrong.is_empty() {
            self.passed(test);
        } else {
            self.row(test, otherwise, &format!("{problem} {}", wrong.join(", ")), solution);
        }
    }
}

impl World {
    /// The rows of the System Troubleshooter, in the order of their sections.
    pub fn troubleshooter(&self, cluster: &ClusterName) -> Vec<Check> {
        let Some((at, found)) = self.cluster(cluster) else { return Vec::new() };
        let mut rows = Vec::new();
        self.system(found, &mut Section { rows: &mut rows, title: "System Troubleshooter" });
        self.sync_agent(found, &mut Section { rows: &mut rows, title: "Sync Agent Troubleshooter" });
        engines(found, &mut rows);
        self.inter_clustering(at, found, &mut Section { rows: &mut rows, title: "Inter-Clustering Troubleshooter" });
        if !found.peers.is_empty() {
            let title = self.quirks.federation_section;
            federation(&mut Section { rows: &mut rows, title });
        }
        topology(found, &mut Section { rows: &mut rows, title: "Topology Troubleshooter" });
        xcp(found, &mut Section { rows: &mut rows, title: "XCP Troubleshooter" });
        users(found, self.duplicates(), &mut Section { rows: &mut rows, title: "User Troubleshooter" });
        rows
    }

    fn system(&self, cluster: &Cluster, section: &mut Section<'_>) {
        for node in &cluster.nodes {
            section.passed(format!("Verify the size of the database for the node. {}", node.name));
        }
        for limit in ["Contact List Size", "Watcher"] {
            section.passed(format!(
                "Verify that users are not at or exceeding the currently set {limit} limit (per user)."
            ));
        }
        section.passed("Verify that the nodes in the cluster are synchronized with the same NTP server.");
        section.test(
            "Verify that the Cisco IM and Presence Data Monitor service is running on all nodes.",
            Outcome::Failed,
            "The service is not running on",
            &down(cluster, DATA_MONITOR),
            "Start the service.",
        );
    }

    fn sync_agent(&self, cluster: &Cluster, section: &mut Section<'_>) {
        section.passed("Verify that the AXL settings entry exists.");
        section.passed("Verify that the AXL user ID is valid.");
        section.passed("Verify the reachability of the publisher address, then log in and run a basic query.");
        const DATA: &str = "Verify that the Cisco Sync Agent service has synchronized the relevant data. For example, \
            device, user, and licensing information.";
        if cluster.users_copied.is_some() {
            section.passed(DATA);
        } else {
            section.row(DATA, Outcome::Failed, "The synchronization is not complete.", "Start the Cisco Sync Agent.");
        }
        publisher(cluster, service::SYNC_AGENT, "Verify that the Cisco Sync Agent service is running.", section);
        section.passed("Verify that the hardware is compatibile with the installed software.");
    }

    fn inter_clustering(&self, at: usize, cluster: &Cluster, section: &mut Section<'_>) {
        if cluster.peers.is_empty() {
            const NONE: &str = "There are no inter-cluster peer entries currently provisioned.";
            section.row("Verify if there are any inter-cluster peer entries.", Outcome::Information, NONE, NONE);
            return;
        }
        section.passed("Verify if there are any inter-cluster peer entries.");
        let ill: Vec<String> = cluster
            .peers
            .iter()
            .filter(|p| p.last_synced.is_none() || self.obstacle(at, p).is_some())
            .map(|p| p.address.to_string())
            .collect();
        section.test(
            self.quirks.peer_test,
            Outcome::Failed,
            "Problems were found with these inter-cluster peers:",
            &ill,
            "Check the inter-cluster peer configuration.",
        );
        // The row names the peer's IP address (field-notes 1.7).
        let insecure: Vec<String> = cluster
            .peers
            .iter()
            .filter(|p| p.protocol == Protocol::Tls && !self.is_secure(at, p))
            .map(|p| self.address_text(p.address.as_str(), p.target))
            .collect();
        section.test(
            "Verify that each TLS-enabled inter-cluster peer has successfully exchanged security certificates",
            Outcome::Failed,
            "Security certificates have not been exchanged with",
            &insecure,
            "Force a manual sync and resync the peer's Tomcat certificates.",
        );
    }

    fn address_text(&self, name: &str, target: Option<Site>) -> String {
        target.map_or_else(|| name.to_owned(), |t| self.clusters[t.cluster].nodes[t.node].address.to_string())
    }
}

fn engines(cluster: &Cluster, rows: &mut Vec<Check>) {
    let mut section = Section { rows, title: "Presence Engine Troubleshooter" };
    each_node(cluster, PRESENCE_ENGINE, "Verify that the Cisco Presence Engine service is running.", &mut section);
    section.title = "SIP Proxy Troubleshooter";
    section.passed("Verify that the Cisco SIP Proxy service Proxy Domain service parameter value is valid.");
    each_node(cluster, SIP_PROXY, "Verify that the Cisco SIP Proxy service is running.", &mut section);
    each_node(cluster, CONFIG_AGENT, "Verify that the Cisco Config Agent service is running.", &mut section);
}

fn federation(section: &mut Section<'_>) {
    for test in [
        "Verify the XMPP Federation settings match on all interclustered peers.",
        "Verify that SASL settings have been correctly configured for all intercluster peers.",
        "Verify that XMPP has been uniformly disabled or enabled on at least one node in each all clusters.",
        "Verify that the default Admin Policy is consistent across all intercluster peers.",
        "Verify that the Host Policy is consistent across all intercluster peers.",
    ] {
        section.passed(test);
    }
}

fn topology(cluster: &Cluster, section: &mut Section<'_>) {
    let names = |wrong: &dyn Fn(&super::cluster::Node) -> bool| -> Vec<String> {
        cluster.nodes.iter().filter(|n| wrong(n)).map(|n| n.name.to_string()).collect()
    };
    let unassigned_users: u64 = cluster.nodes.iter().filter(|n| n.group.is_none()).map(|n| n.users).sum();
    let unassigned: Vec<String> = (unassigned_users > 0).then(|| unassigned_users.to_string()).into_iter().collect();
    let failed = Outcome::Failed;
    let warning = Outcome::Warning;
    let assign = "Assign them in Presence Topology.";
    section.test("Verify that there are no unassigned users.", warning, "Unassigned users:", &unassigned, assign);
    let unassigned = names(&|n| n.group.is_none());
    section.test("Verify that all available nodes are assigned.", warning, "Unassigned nodes:", &unassigned, assign);
    section.passed("Verify that there are no empty Presence Redundancy Groups.");
    let idle = names(&|n| n.group.is_some() && n.users == 0);
    let test = "Verify that all assigned nodes have users assigned to them.";
    section.test(test, warning, "Nodes without users:", &idle, assign);

    let groups = |wrong: &dyn Fn(usize, &super::cluster::Group) -> bool| -> Vec<String> {
        cluster.groups.iter().enumerate().filter(|(at, g)| wrong(*at, g)).map(|(_, g)| g.name.clone()).collect()
    };
    let off = groups(&|at, g| !g.enabled && cluster.members(at).count() == 2);
    let test = "Verify that all two-node Presence Redundancy Groups have high availability enabled.";
    section.test(test, warning, "High availability is not enabled:", &off, "Enable it.");
    let ill = groups(&|at, g| g.enabled && cluster.members(at).any(|n| cluster.nodes[n].ha != HaState::Normal));
    let test = "Verify that all Presence Redundancy Groups with high availability enabled are in a Normal state.";
    section.test(test, failed, "Not in a Normal state:", &ill, "Check the state of the nodes.");
    section.passed(
        "Verify that all Presence Redundancy Groups with high availability enabled and in a Normal state do not have \
         any users failed over.",
    );
}

fn xcp(cluster: &Cluster, section: &mut Section<'_>) {
    each_node(cluster, service::XCP_ROUTER, "Verify that the Cisco XCP Router service is running.", section);
    let test = "Verify the status of the Cisco XCP Connection Manager service.";
    each_node(cluster, CONNECTION_MANAGER, test, section);
    each_node(cluster, AUTHENTICATION, "Verify the status of the Cisco XCP Authentication service.", section);
}

fn users(cluster: &Cluster, duplicates: u64, section: &mut Section<'_>) {
    let found: Vec<String> = (duplicates > 0).then(|| duplicated(duplicates)).into_iter().collect();
    let test = "Verify that all users have a unique User ID configured.";
    section.test(test, Outcome::Failed, "", &found, "Give each user a User ID of its own.");
    for test in [
        "Verify that all users have a Directory URI configured.",
        "Verify that all users have a unique Directory URI configured.",
        "Verify that all users have a valid Directory URI configured.",
        "Verify that all users have a unique Mail ID configured.",
    ] {
        section.passed(test);
    }
    const RUNNING: &str =
        "Verify that the Cisco Sync Agent service is running on the IM and Presence Service publisher node.";
    publisher(cluster, service::SYNC_AGENT, RUNNING, section);
}

/// In the words of a problem of the same troubleshooter that is published (field-notes 1.7).
fn duplicated(users: u64) -> String {
    let names: Vec<String> = (1..=users.min(10)).map(|n| format!("twin{n}")).collect();
    format!(
        "{users} user(s) have been identified as having a duplicate User ID value. Up to 10 of the impacted users are \
         listed below: {}",
        names.join(", ")
    )
}

fn down(cluster: &Cluster, service: &str) -> Vec<String> {
    cluster.nodes.iter().filter(|n| !n.runs(service)).map(|n| n.name.to_string()).collect()
}

fn each_node(cluster: &Cluster, service: &str, test: &str, section: &mut Section<'_>) {
    let down = down(cluster, service);
    section.test(test, Outcome::Failed, "The service is not running on", &down, "Start the service.");
}

fn publisher(cluster: &Cluster, service: &str, test: &str, section: &mut Section<'_>) {
    let down: Vec<String> = (!cluster.publisher_runs(service)).then(|| service.to_owned()).into_iter().collect();
    section.test(test, Outcome::Failed, "The service is not running on the publisher:", &down, "Start the service.");
}
