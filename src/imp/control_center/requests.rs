//! The bodies of Control Center requests, as pure functions.

use super::super::soap::{self, Inside, Part};
use crate::cluster::NodeName;

const NAMESPACE: &str = "http://schemas.cisco.com/ast/soap";

/// What to do with a service. There is no stop: a router is restarted, never stopped and started (field-notes 2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Control {
    /// `soapDoServiceDeployment` with `Deploy`: activates a feature service.
    Activate,
    /// `soapDoControlServices` with `Start`.
    Start,
    /// `soapDoControlServices` with `Restart`.
    Restart,
}

/// A request.
#[derive(Clone, Debug)]
pub(in super::super) enum Order {
    /// `soapGetServiceStatus` of all services.
    Status,
    /// An order for one service.
    Control {
        /// What to do.
        control: Control,
        /// The node's own name.
        node: NodeName,
        /// The service, in the product's spelling.
        service: String,
    },
}

impl Order {
    /// The operation, which is the `SOAPAction` as well.
    pub(in super::super) fn operation(&self) -> &'static str {
        match self {
            Order::Status => "soapGetServiceStatus",
            Order::Control { control: Control::Activate, .. } => "soapDoServiceDeployment",
            Order::Control { .. } => "soapDoControlServices",
        }
    }

    /// The envelope.
    pub(in super::super) fn envelope(&self) -> String {
        let parts = match self {
            // An empty string asks for all services.
            Order::Status => vec![Part::text("ServiceStatus", "")],
            Order::Control { control, node, service } => {
                let services = Part::Group("ServiceList", vec![Part::text("item", service)]);
                let node = Part::text("NodeName", node.as_str());
                let (request, kind) = match control {
                    Control::Activate => ("DeploymentServiceRequest", Part::text("DeployType", "Deploy")),
                    Control::Start => ("ControlServiceRequest", Part::text("ControlType", "Start")),
                    Control::Restart => ("ControlServiceRequest", Part::text("ControlType", "Restart")),
                };
                vec![Part::Group(request, vec![node, kind, services])]
            }
        };
        soap::envelope(NAMESPACE, self.operation(), Inside::Qualified, &parts)
    }
}
