//! Control Center: services go up and down over the product's time (field-notes 2.4, 4).

use std::time::Duration;

use super::agenda::{Event, Site};
use super::catalogue::{CATALOGUE, CONFIG_MANAGER, Reason, depends_on_router, place};
use super::cluster::{Copied, Run};
use super::views::{Refusal, ServiceKind, ServiceView};
use super::{Effect, World};
use crate::cluster::{ClusterName, NodeName, ServiceState, service};

/// How long every node had been up when the lab began.
const UP_BEFORE: Duration = Duration::from_secs(5 * 86_400);

impl World {
    /// The services of a node.
    pub fn services(&self, cluster: &ClusterName, node: &NodeName) -> Vec<ServiceView> {
        let Some(site) = self.site(cluster, node) else { return Vec::new() };
        let running = &self.clusters[site.cluster].nodes[site.node].services;
        let view = |(entry, s): (&'static super::catalogue::Entry, &super::cluster::Service)| {
            let (state, reason, up) = match s.run {
                Run::Started(None) => (ServiceState::Started, Reason::NONE, Some(UP_BEFORE + self.now)),
                Run::Started(Some(at)) => (ServiceState::Started, Reason::NONE, Some(self.now.saturating_sub(at))),
                Run::Starting => (ServiceState::Starting, Reason::NONE, None),
                Run::Stopping { .. } => (ServiceState::Stopping, Reason::NONE, None),
                Run::Stopped(Reason::NOT_ACTIVATED) => (ServiceState::NotActivated, Reason::NOT_ACTIVATED, None),
                Run::Stopped(reason) => (ServiceState::Stopped, reason, None),
            };
            ServiceView {
                name: entry.name,
                kind: entry.kind,
                group: entry.group,
                state,
                reason_code: reason.0,
                reason: reason.1,
                up,
                critical: entry.name == service::XCP_ROUTER,
            }
        };
        CATALOGUE.iter().zip(running).map(view).collect()
    }

    /// Whether AXL answers on a node: `Cisco AXL Web Service` is started there.
    pub fn axl_answers(&self, cluster: &ClusterName, node: &NodeName) -> bool {
        self.site(cluster, node).is_some_and(|s| self.clusters[s.cluster].nodes[s.node].runs(service::AXL))
    }

    /// Activates a feature service; it starts on its own.
    ///
    /// # Errors
    /// There is no such feature service, or it is activated already.
    pub fn activate(&mut self, cluster: &ClusterName, node: &NodeName, service: &str) -> Result<(), Refusal> {
        let (site, at) = self.feature(cluster, node, service)?;
        let found = &mut self.clusters[site.cluster].nodes[site.node].services[at];
        if found.activated {
            return Err(Refusal::service(Reason::ALREADY_THERE));
        }
        found.activated = true;
        found.run = Run::Stopped(Reason::COMMANDED);
        self.bring_up(site, at);
        self.record(site.cluster, Some(site.node), Effect::Activate(CATALOGUE[at].name));
        Ok(())
    }

    /// Deactivates a feature service, which takes it down.
    ///
    /// # Errors
    /// There is no such feature service, or it is not activated.
    pub fn deactivate(&mut self, cluster: &ClusterName, node: &NodeName, service: &str) -> Result<(), Refusal> {
        let (site, at) = self.feature(cluster, node, service)?;
        let found = &mut self.clusters[site.cluster].nodes[site.node].services[at];
        if !found.activated {
            return Err(Refusal::service(Reason::ALREADY_THERE));
        }
        found.activated = false;
        found.change += 1;
        found.run = Run::Stopped(Reason::NOT_ACTIVATED);
        self.record(site.cluster, Some(site.node), Effect::Deactivate(CATALOGUE[at].name));
        self.look_for_losses();
        Ok(())
    }

    /// Starts a service.
    ///
    /// # Errors
    /// There is no such service; it is not activated, started already or changing; or what it depends on is down.
    pub fn start(&mut self, cluster: &ClusterName, node: &NodeName, service: &str) -> Result<(), Refusal> {
        let (site, at) = self.ordered(cluster, node, service)?;
        match self.clusters[site.cluster].nodes[site.node].services[at].run {
            Run::Stopped(Reason::NOT_ACTIVATED) => return Err(Refusal::service(Reason::NOT_ACTIVATED)),
            Run::Stopped(_) => {}
            Run::Started(_) => return Err(Refusal::service(Reason::ALREADY_STARTED)),
            Run::Starting | Run::Stopping { .. } => return Err(Refusal::service(Reason::PENDING)),
        }
        if depends_on_router(&CATALOGUE[at]) && !self.clusters[site.cluster].nodes[site.node].runs(service::XCP_ROUTER)
        {
            return Err(Refusal::service(Reason::DEPENDENCY_INACTIVE));
        }
        self.bring_up(site, at);
        self.record(site.cluster, Some(site.node), Effect::Start(CATALOGUE[at].name));
        Ok(())
    }

    /// Stops a service. What depends on it goes down with it and stays down.
    ///
    /// # Errors
    /// There is no such service; it is not activated, stopped already or changing.
    pub fn stop(&mut self, cluster: &ClusterName, node: &NodeName, service: &str) -> Result<(), Refusal> {
        let (site, at) = self.ordered(cluster, node, service)?;
        match self.clusters[site.cluster].nodes[site.node].services[at].run {
            Run::Stopped(Reason::NOT_ACTIVATED) => return Err(Refusal::service(Reason::NOT_ACTIVATED)),
            Run::Stopped(_) => return Err(Refusal::service(Reason::ALREADY_STOPPED)),
            Run::Starting | Run::Stopping { .. } => return Err(Refusal::service(Reason::PENDING)),
            Run::Started(_) => self.take_down(site, at, false),
        }
        self.record(site.cluster, Some(site.node), Effect::Stop(CATALOGUE[at].name));
        Ok(())
    }

    /// Restarts a service. What depends on it comes back with it.
    ///
    /// # Errors
    /// There is no such service; it is not activated or changing; or (by seed) it is stopped.
    pub fn restart(&mut self, cluster: &ClusterName, node: &NodeName, service: &str) -> Result<(), Refusal> {
        let (site, at) = self.ordered(cluster, node, service)?;
        match self.clusters[site.cluster].nodes[site.node].services[at].run {
            Run::Stopped(Reason::NOT_ACTIVATED) => return Err(Refusal::service(Reason::NOT_ACTIVATED)),
            Run::Stopped(_) if self.quirks.restart_starts => self.bring_up(site, at),
            Run::Stopped(_) => return Err(Refusal::service(Reason::NOT_RUNNING)),
            Run::Starting | Run::Stopping { .. } => return Err(Refusal::service(Reason::PENDING)),
            Run::Started(_) => self.take_down(site, at, true),
        }
        self.record(site.cluster, Some(site.node), Effect::Restart(CATALOGUE[at].name));
        Ok(())
    }

    /// Restarts a service as Control Center's SOAP is asked to. Whether it takes that for network services is not
    /// known (field-notes 10), so a lab may be told that it does not.
    ///
    /// # Errors
    /// As [`World::restart`]; or it is a network service, and the lab was told to refuse it.
    pub fn restart_by_soap(&mut self, cluster: &ClusterName, node: &NodeName, service: &str) -> Result<(), Refusal> {
        let (site, at) = self.ordered(cluster, node, service)?;
        if CATALOGUE[at].kind == ServiceKind::Network && self.clusters[site.cluster].refuses_network_restarts {
            return Err(Refusal::service(self.quirks.network_restart));
        }
        self.restart(cluster, node, service)
    }

    /// Lets SOAP refuse to restart a cluster's network services from now on; its pages and its CLI still do it.
    ///
    /// # Errors
    /// There is no such cluster.
    pub fn refuse_network_restarts(&mut self, cluster: &ClusterName) -> Result<(), Refusal> {
        let at = self.cluster(cluster).map(|(at, _)| at);
        let at = at.ok_or_else(|| Refusal::unknown("cluster", cluster.as_str()))?;
        self.clusters[at].refuses_network_restarts = true;
        Ok(())
    }

    pub(super) fn service_down(&mut self, site: Site, at: usize, change: u64) {
        let found = &mut self.clusters[site.cluster].nodes[site.node].services[at];
        if found.change != change {
            return;
        }
        let restart = matches!(found.run, Run::Stopping { restart: true });
        found.run = Run::Stopped(Reason::COMMANDED);
        if restart {
            self.bring_up(site, at);
        }
    }

    pub(super) fn service_up(&mut self, site: Site, at: usize, change: u64) {
        let now = self.now;
        let node = &mut self.clusters[site.cluster].nodes[site.node];
        if node.services[at].change != change {
            return;
        }
        if CATALOGUE[at].name == service::ICSA && node.ha.blocks_icsa() {
            // It hangs in `Starting` until High Availability is switched off.
            self.agenda.enter(now + Duration::from_secs(10), Event::ServiceUp { site, service: at, change });
            return;
        }
        node.services[at].run = Run::Started(Some(now));
        match CATALOGUE[at].name {
            service::XCP_ROUTER => {
                node.router_up = Some(now);
                self.router_up(site);
            }
            service::SYNC_AGENT if site.node == 0 => {
                let name = self.clusters[site.cluster].spec.name.as_str();
                let copying = self.chance.between(60, 180, &[name, "copy users"]);
                let event = Event::UsersCopied { cluster: site.cluster, change };
                self.agenda.enter(now + Duration::from_secs(copying), event);
            }
            service::ICSA if site.node == 0 => self.agent_restarted(site.cluster),
            CONFIG_MANAGER => self.config_manager_up(site),
            _ => {}
        }
    }

    pub(super) fn users_copied(&mut self, cluster: usize, change: u64) {
        let Some(agent) = place(service::SYNC_AGENT) else { return };
        let found = &mut self.clusters[cluster];
        if found.nodes[0].services[agent].change == change {
            found.users_copied = Some(Copied::At(self.now));
        }
    }

    /// The router is up: services that went down for its restart follow, and the Config Manager takes note.
    fn router_up(&mut self, site: Site) {
        let services = &mut self.clusters[site.cluster].nodes[site.node].services;
        let follow: Vec<usize> = (0..services.len()).filter(|at| std::mem::take(&mut services[*at].resume)).collect();
        for at in follow {
            self.bring_up(site, at);
        }
        self.router_recovered(site);
        self.router_restarted(site);
    }

    fn bring_up(&mut self, site: Site, at: usize) {
        let name = self.clusters[site.cluster].nodes[site.node].name.as_str();
        let (low, high) = if CATALOGUE[at].name == service::XCP_ROUTER { (30, 55) } else { (3, 12) };
        let wait = Duration::from_secs(self.chance.between(low, high, &[name, CATALOGUE[at].name, "start"]));
        let found = &mut self.clusters[site.cluster].nodes[site.node].services[at];
        found.run = Run::Starting;
        found.change += 1;
        let change = found.change;
        self.agenda.enter(self.now + wait, Event::ServiceUp { site, service: at, change });
    }

    fn take_down(&mut self, site: Site, at: usize, restart: bool) {
        let name = self.clusters[site.cluster].nodes[site.node].name.as_str();
        let router = CATALOGUE[at].name == service::XCP_ROUTER;
        let (low, high) = if router { (10, 25) } else { (1, 4) };
        let wait = Duration::from_secs(self.chance.between(low, high, &[name, CATALOGUE[at].name, "stop"]));
        let found = &mut self.clusters[site.cluster].nodes[site.node].services[at];
        found.run = Run::Stopping { restart };
        found.change += 1;
        let change = found.change;
        self.agenda.enter(self.now + wait, Event::ServiceDown { site, service: at, change });
        if CATALOGUE[at].name == service::SYNC_AGENT && site.node == 0 {
            self.clusters[site.cluster].users_copied = None;
        }
        if router {
            self.router_going_down(site);
            self.take_dependents_down(site, restart);
            self.watch_router(site);
        }
        self.look_for_losses();
    }

    fn take_dependents_down(&mut self, site: Site, restart: bool) {
        let services = &mut self.clusters[site.cluster].nodes[site.node].services;
        for (entry, found) in CATALOGUE.iter().zip(services.iter_mut()) {
            if depends_on_router(entry) && matches!(found.run, Run::Started(_) | Run::Starting) {
                found.run = Run::Stopped(Reason::COMMANDED);
                found.change += 1;
                found.resume = restart;
            }
        }
    }

    fn feature(&self, cluster: &ClusterName, node: &NodeName, service: &str) -> Result<(Site, usize), Refusal> {
        let (site, at) = self.ordered(cluster, node, service)?;
        match CATALOGUE[at].kind {
            ServiceKind::Feature => Ok((site, at)),
            ServiceKind::Network => Err(Refusal::service(Reason::NOT_SUPPORTED)),
        }
    }

    fn ordered(&self, cluster: &ClusterName, node: &NodeName, service: &str) -> Result<(Site, usize), Refusal> {
        let site = self.site(cluster, node).ok_or_else(|| Refusal::page(format!("No such node: {node}")))?;
        let at = place(service).ok_or_else(|| Refusal::service(Reason::NO_SUCH_SERVICE))?;
        Ok((site, at))
    }
}
