//! What would be sent, shown without sending it: SOAP bodies exactly, pages as a person would fill them in. Built by the
//! same functions that send, so that it cannot differ. It holds no password.

use super::axl;
use super::control_center::{self, Control};
use super::pages::{self, Edit};
use super::transport::PORT;
use super::unified_cm;
use crate::cluster::{NewPeer, NodeName, PeerEdit, is_whole_number};

/// An order to a cluster.
#[derive(Clone, Debug)]
pub enum Order<'a> {
    /// A feature service is activated.
    Activate {
        /// The node.
        node: &'a NodeName,
        /// The service.
        service: &'a str,
    },
    /// A service is started.
    Start {
        /// The node.
        node: &'a NodeName,
        /// The service.
        service: &'a str,
    },
    /// A service is restarted.
    Restart {
        /// The node.
        node: &'a NodeName,
        /// The service.
        service: &'a str,
    },
    /// A peer is added.
    AddPeer(&'a NewPeer),
    /// A peer is changed.
    UpdatePeer {
        /// `Peer Address`.
        address: &'a NodeName,
        /// What changes.
        edit: &'a PeerEdit,
    },
    /// A peer is deleted.
    DeletePeer(&'a NodeName),
    /// A sync is forced.
    ForceSync {
        /// `Peer Address`.
        address: &'a NodeName,
        /// With `Also resync peer's Tomcat certificates`.
        certificates: bool,
    },
    /// A service parameter is set.
    SetParameter {
        /// The node.
        node: &'a NodeName,
        /// The service.
        service: &'a str,
        /// The label.
        label: &'a str,
        /// The value.
        value: &'a str,
    },
    /// High Availability of a group is switched.
    SetHighAvailability {
        /// The group.
        group: &'a str,
        /// On or off.
        enabled: bool,
    },
    /// ICSA's own probe of a peer, which changes nothing.
    Probe,
    /// The services of a node are read.
    Services {
        /// The node.
        node: &'a NodeName,
    },
}

/// What an order comes to on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// A SOAP request.
    Soap {
        /// Where it is posted.
        url: String,
        /// Its `SOAPAction`.
        action: String,
        /// Its body, to the letter.
        body: String,
    },
    /// Pages: menus, `label: value` and buttons, in order.
    Pages(Vec<String>),
    /// Nothing that can be shown, and why.
    Nothing(&'static str),
}

/// What the order comes to on a cluster with this database publisher, and this Unified CM publisher if it is known.
pub fn sent(order: &Order<'_>, publisher: &NodeName, unified_cm: Option<&NodeName>) -> Sent {
    let service = |node: &NodeName, control, service: &str| {
        let order = control_center::Order::Control { control, node: node.clone(), service: service.to_owned() };
        center(node, &order)
    };
    let pages = |edit: Edit<'_>| Sent::Pages(pages::clicks(&edit, publisher));
    match *order {
        Order::Activate { node, service: name } => service(node, Control::Activate, name),
        Order::Start { node, service: name } => service(node, Control::Start, name),
        Order::Restart { node, service: name } => service(node, Control::Restart, name),
        Order::Services { node } => center(node, &control_center::Order::Status),
        Order::AddPeer(peer) => pages(Edit::Add(peer)),
        Order::UpdatePeer { address, edit } => pages(Edit::Update { address, edit }),
        Order::DeletePeer(address) => pages(Edit::Delete(address)),
        Order::ForceSync { address, certificates } => pages(Edit::Sync { address, certificates }),
        Order::SetParameter { node, service, label, value } => {
            let mut lines = pages::clicks(&Edit::Parameter { node, service, label, value }, publisher);
            if let Some(unified_cm) = unified_cm.filter(|_| is_whole_number(value)) {
                lines.insert(
                    0,
                    format!("`updateServiceParameter` of AXL on {unified_cm}, if it has the parameter; else:"),
                );
            }
            Sent::Pages(lines)
        }
        Order::Probe => axl(publisher, &axl::probe()),
        Order::SetHighAvailability { group, enabled } => match unified_cm {
            // the key is read when the order is due
            Some(node) => axl(node, &unified_cm::switch_of(&format!("{{key of {group}}}"), enabled)),
            None => Sent::Nothing("the mesh file names no Unified CM publisher for the cluster"),
        },
    }
}

fn center(node: &NodeName, order: &control_center::Order) -> Sent {
    let url = format!("{}{}", base(node), control_center::PATH);
    Sent::Soap { url, action: order.operation().to_owned(), body: order.envelope() }
}

/// The version is the one to begin with; the product may ask for another (HTTP 599).
fn axl(node: &NodeName, operation: &axl::Operation) -> Sent {
    let (action, body) = (operation.action(axl::FIRST), operation.envelope(axl::FIRST));
    Sent::Soap { url: format!("{}axl/", base(node)), action, body }
}

fn base(node: &NodeName) -> String {
    let host = if node.as_str().contains(':') { format!("[{node}]") } else { node.to_string() };
    format!("https://{host}:{PORT}/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{Account, Transport};

    #[test]
    fn a_number_may_be_set_by_unified_cm() {
        let (publisher, cm) = (NodeName::from("imp1.example.com"), NodeName::from("cucm1.example.com"));
        for (value, unified_cm, axl) in [("10", Some(&cm), true), ("10", None, false), ("Enabled", Some(&cm), false)] {
            let order = Order::SetParameter { node: &publisher, service: "Cisco SIP Proxy", label: "Most", value };
            let Sent::Pages(lines) = sent(&order, &publisher, unified_cm) else { panic!() };
            assert_eq!(lines[0].contains("updateServiceParameter"), axl, "{lines:?}");
            assert!(lines.iter().any(|line| line.contains(value)), "{lines:?}");
        }
    }

    #[test]
    fn what_is_shown_is_what_is_sent_and_no_password() {
        let publisher = NodeName::from("imp1.example.com");
        let node = NodeName::from("imp2.example.com");
        let Sent::Soap { url, action, body } =
            sent(&Order::Restart { node: &node, service: "Cisco XCP Router" }, &publisher, None)
        else {
            panic!("a restart is a SOAP request");
        };
        assert_eq!(url, "https://imp2.example.com:8443/controlcenterservice2/services/ControlCenterServices");
        assert_eq!(action, "soapDoControlServices");
        assert!(
            body.contains("<ns:ControlType>Restart</ns:ControlType>") && body.contains("Cisco XCP Router"),
            "{body}"
        );

        let account = Account { username: "icsa".into(), password: "s3cret".into() };
        let peer = NewPeer { address: "imp1.b.example.com".into(), account, protocol: Transport::Tcp };
        let Sent::Pages(lines) = sent(&Order::AddPeer(&peer), &publisher, None) else {
            panic!("a peer is added on pages");
        };
        assert!(lines.contains(&"Peer Address: imp1.b.example.com".to_owned()), "{lines:?}");
        assert!(!lines.join("\n").contains("s3cret"));

        let switch = Order::SetHighAvailability { group: "default", enabled: false };
        assert!(matches!(sent(&switch, &publisher, None), Sent::Nothing(_)));
        let Sent::Soap { url, body, .. } = sent(&switch, &publisher, Some(&"cucm1".into())) else {
            panic!("the switch is a SOAP request");
        };
        assert!(url == "https://cucm1:8443/axl/" && body.contains("<haEnabled>false</haEnabled>"), "{url} {body}");
    }
}
