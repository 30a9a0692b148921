//! What hands and accidents do, and the one thing that drift shall say of it.

use intermesh::cluster::{Account, NewPeer, Transport, service};
use intermesh::lab::world::{Refusal, World};

/// A disturbance and its finding.
pub struct Disturbance {
    pub name: &'static str,
    pub does: fn(&mut World) -> Result<(), Refusal>,
    /// `error DR001 drifted emea -> apac`
    pub expected: &'static str,
    /// Whether quick reading finds it, too.
    pub quick: bool,
}

const fn known(
    name: &'static str,
    does: fn(&mut World) -> Result<(), Refusal>,
    expected: &'static str,
    quick: bool,
) -> Disturbance {
    Disturbance { name, does, expected, quick }
}

const EMEA: &str = "imp1.emea.example.com";
const AMER: &str = "imp1.amer.example.com";
const APAC: &str = "imp1.apac.example.com";

pub const ALL: &[Disturbance] = &[
    known(
        "a peer is deleted on one side",
        |w| w.delete_peer(&"amer".into(), &EMEA.into()),
        "error DR001 drifted amer -> emea",
        true,
    ),
    known(
        "a password is mistyped",
        |w| w.mistype_password(&"emea".into(), &AMER.into()),
        "error DR006 drifted emea -> amer",
        true,
    ),
    known(
        "another account is typed into a peer's page",
        |w| {
            let account = Account { username: "icsa-old".into(), password: "old".to_owned().into() };
            let edit = intermesh::cluster::PeerEdit { account: Some(account), protocol: None };
            w.update_peer(&"emea".into(), &AMER.into(), &edit)
        },
        "error DR005 drifted emea -> amer",
        true,
    ),
    known(
        "Protocol is changed on one side",
        |w| w.change_protocol(&"amer".into(), &EMEA.into(), Transport::Tls),
        "error DR004 drifted amer -> emea",
        true,
    ),
    known(
        "the AXL Web Service is stopped on a publisher",
        |w| w.stop(&"amer".into(), &AMER.into(), service::AXL),
        "error DR020 drifted amer: imp1.amer.example.com: Cisco AXL Web Service",
        true,
    ),
    known(
        "the AXL Web Service is deactivated on a subscriber",
        |w| w.deactivate(&"emea".into(), &"imp2.emea.example.com".into(), service::AXL),
        "warning DR021 drifted emea: imp2.emea.example.com: Cisco AXL Web Service",
        true,
    ),
    known(
        "the Intercluster Sync Agent is stopped on a publisher",
        |w| w.stop(&"apac".into(), &APAC.into(), service::ICSA),
        "error DR020 drifted apac: imp1.apac.example.com: Cisco Intercluster Sync Agent",
        true,
    ),
    known(
        "the Sync Agent is stopped",
        |w| w.stop(&"emea".into(), &EMEA.into(), service::SYNC_AGENT),
        "error DR020 drifted emea: imp1.emea.example.com: Cisco Sync Agent",
        true,
    ),
    known(
        "a router is stopped in place of a restart",
        |w| w.stop(&"amer".into(), &"imp2.amer.example.com".into(), service::XCP_ROUTER),
        "error DR020 drifted amer: imp2.amer.example.com: Cisco XCP Router",
        true,
    ),
    known(
        "another service is stopped",
        |w| w.stop(&"apac".into(), &APAC.into(), "Cisco Presence Engine"),
        "warning DR052 drifted apac",
        false,
    ),
    known(
        "a parameter is changed on one node",
        |w| w.set_parameter(&"emea".into(), &EMEA.into(), service::SIP_PROXY, "Maximum no. of processes", "10"),
        "warning DR090 drifted emea: imp1.emea.example.com: Maximum no. of processes",
        false,
    ),
    known("a certificate expires", |w| w.expire_certificates(&"amer".into()), "error DR070 drifted amer", false),
    known(
        "certificates are regenerated behind a TLS link",
        |w| w.regenerate_certificates(&"apac".into()),
        "error DR007 drifted emea -> apac",
        true,
    ),
    known(
        "certificates are regenerated where no link is over TLS",
        |w| w.regenerate_certificates(&"amer".into()),
        "note DR072 drifted amer",
        false,
    ),
    known(
        "a name no longer resolves on a cluster's own servers",
        |w| {
            w.set_resolves(&"apac".into(), AMER, false);
            Ok(())
        },
        "error DR080 drifted apac -> amer",
        false,
    ),
    known(
        "a subscriber goes down",
        |w| w.power_off(&"imp2.amer.example.com".into()),
        "error DR030 drifted amer: imp2.amer.example.com",
        true,
    ),
    known(
        "a publisher goes down",
        |w| w.power_off(&AMER.into()),
        "error DR030 drifted amer: imp1.amer.example.com",
        true,
    ),
    known(
        "a peer is added that nobody asked for",
        |w| {
            let account = Account { username: "icsa".into(), password: "x".to_owned().into() };
            let address = "imp1.lab.example.com".into();
            w.add_peer(&"emea".into(), &NewPeer { address, account, protocol: Transport::Tcp })
        },
        "warning DR002 drifted emea -> imp1.lab.example.com",
        true,
    ),
    known(
        "High Availability is switched off",
        |w| {
            let group = w.groups(&"apac".into())[0].name.clone();
            w.set_high_availability(&"apac".into(), &group, false)
        },
        "warning DR040 drifted apac",
        true,
    ),
    known("users exist twice", |w| w.duplicate_users(&"amer".into(), 2), "error DR051 drifted emea", false),
    known(
        "an account loses its role",
        |w| w.take_axl_role(&"apac".into(), "peering"),
        "error DR060 drifted apac",
        false,
    ),
    known(
        "a firewall closes a port",
        |w| w.block(&"amer".into(), &"apac".into(), 8443),
        "error DR006 drifted amer -> apac",
        true,
    ),
    known(
        "another release is installed",
        |w| w.install(&"apac".into(), "15.0.1.10000-1"),
        "warning DR034 drifted apac",
        true,
    ),
    known(
        "a node is taken out of its group",
        |w| w.unassign(&"imp2.amer.example.com".into()),
        "warning DR050 drifted amer",
        false,
    ),
    known(
        "a publisher is renamed",
        |w| w.rename(&APAC.into(), &"presence.apac.example.com".into()),
        "error DR033 drifted apac",
        true,
    ),
    known(
        "an address no longer leads back",
        |w| {
            w.set_leads_back(&"emea".into(), "imp2.emea.example.com", false);
            Ok(())
        },
        "warning DR081 drifted emea",
        false,
    ),
];
