//! The pages that there are, and which path leads to which.

use super::variant::Variant;
use crate::lab::servers::session::App;

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    Home,
    About,
    Topology,
    Node,
    Parameters,
    Peers,
    Peer,
    PeerStatus,
    Sync,
    Dashboard,
    Troubleshooter,
    Notifications,
    ServicesHome,
    ServicesAbout,
    Activation,
    FeatureServices,
    NetworkServices,
}

impl Page {
    const ALL: [Page; 17] = [
        Page::Home,
        Page::About,
        Page::Topology,
        Page::Node,
        Page::Parameters,
        Page::Peers,
        Page::Peer,
        Page::PeerStatus,
        Page::Sync,
        Page::Dashboard,
        Page::Troubleshooter,
        Page::Notifications,
        Page::ServicesHome,
        Page::ServicesAbout,
        Page::Activation,
        Page::FeatureServices,
        Page::NetworkServices,
    ];

    /// The page of a path.
    pub(super) fn find(app: App, variant: &Variant, path: &str) -> Option<Page> {
        let root = path.trim_end_matches('/') == prefix(app);
        if root {
            return Some(if app == App::Serviceability { Page::ServicesHome } else { Page::Home });
        }
        Page::ALL.into_iter().find(|page| page.app() == app && page.url(variant) == path)
    }

    /// The part of the product that it belongs to.
    pub(super) fn app(self) -> App {
        match self {
            Page::ServicesHome
            | Page::ServicesAbout
            | Page::Activation
            | Page::FeatureServices
            | Page::NetworkServices => App::Serviceability,
            _ => App::Administration,
        }
    }

    /// Whether it stands in a frame, where the skin has frames; data for a script does not.
    pub(super) fn is_framed(self) -> bool {
        self != Page::PeerStatus
    }

    /// Its path. Public material names only that of the home pages; the others follow its habit, `<noun>Edit.do`,
    /// `<noun>FindList.do` (field-notes 8), with nouns that differ by seed.
    pub(super) fn url(self, variant: &Variant) -> String {
        let name = match self {
            Page::Home | Page::ServicesHome => "showHome.do",
            Page::About | Page::ServicesAbout => "about.do",
            Page::Topology => variant.pick("topology", ["presenceTopology.do", "clusterTopology.do", "topology.do"]),
            Page::Node => variant.pick("node", ["presenceTopologyNodeEdit.do", "clusterNode.do", "nodeDetails.do"]),
            Page::Parameters => variant.pick("parameters", ["serviceParamEdit.do", "serviceParameterEdit.do"]),
            Page::Peers => variant.pick(
                "peers",
                ["interclusterPeerFindList.do", "interClusteringFindList.do", "cupInterclusterPeersFindList.do"],
            ),
            Page::Peer => variant
                .pick("peer", ["interclusterPeerEdit.do", "interClusteringEdit.do", "cupInterclusterPeersEdit.do"]),
            Page::PeerStatus => {
                variant.pick("peer status", ["interclusterPeerStatus.do", "getPeerStatus.do", "peerStatusRefresh.do"])
            }
            Page::Sync => variant
                .pick("sync", ["interclusterPeerForceSync.do", "interClusteringSync.do", "peerManualSyncEdit.do"]),
            Page::Dashboard => variant.pick("dashboard", ["systemDashboard.do", "dashboard.do", "showDashboard.do"]),
            Page::Troubleshooter => {
                variant.pick("troubleshooter", ["systemTroubleshooter.do", "configTroubleshooter.do"])
            }
            Page::Notifications => {
                variant.pick("notifications", ["notifications.do", "showNotifications.do", "notificationFindList.do"])
            }
            Page::Activation => variant.pick("activation", ["serviceActivation.do", "activateServices.do"]),
            Page::FeatureServices => variant.pick("feature", ["controlCenter.do", "controlCenterFeature.do"]),
            Page::NetworkServices => {
                variant.pick("network", ["controlCenterNetwork.do", "controlCenterNetworkServices.do"])
            }
        };
        format!("{}/{name}", prefix(self.app()))
    }

    /// Its title.
    pub(super) fn title(self) -> &'static str {
        match self {
            Page::Home => "Cisco Unified CM IM and Presence Administration",
            Page::ServicesHome => "Cisco Unified IM and Presence Serviceability",
            Page::About | Page::ServicesAbout => "About",
            Page::Topology => "Presence Topology",
            Page::Node => "Presence Topology Node Details",
            Page::Parameters => "Service Parameter Configuration",
            Page::Peers => "Find and List Inter-Cluster Peers",
            Page::Peer => "Intercluster Peer Configuration",
            Page::PeerStatus => "Intercluster Peer Status",
            Page::Sync => "Intercluster Peer Synchronization",
            Page::Dashboard => "System Dashboard",
            Page::Troubleshooter => "System Configuration Troubleshooter",
            Page::Notifications => "Active Notifications",
            Page::Activation => "Service Activation",
            Page::FeatureServices => "Control Center - Feature Services",
            Page::NetworkServices => "Control Center - Network Services",
        }
    }
}

/// The path that all pages of an app begin with.
pub(super) fn prefix(app: App) -> &'static str {
    match app {
        App::Administration => "/cupadmin",
        App::Serviceability => "/ccmservice",
        App::Soap => "/axl",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_found_by_its_own_path_and_no_two_share_one() {
        for seed in 0..50 {
            let variant = Variant::new(seed);
            for page in Page::ALL {
                assert_eq!(Page::find(page.app(), &variant, &page.url(&variant)), Some(page), "seed {seed}");
            }
        }
    }
}
