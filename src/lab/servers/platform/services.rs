//! `utils service …`: the services of the node, and orders to them (field-notes 7).

use std::time::Duration;

use super::command::Order;
use super::{Next, Platform, Task, Turn};
use crate::cluster::ServiceState;
use crate::lab::world::{Refusal, ServiceView, World};

/// How often an order looks how far the service is, in the product's time.
const LOOK: Duration = Duration::from_secs(2);
/// It looks so often before it gives up: a service can hang in `Starting` (field-notes 2.4).
const LOOKS: u32 = 150;

/// What is left of an order.
#[derive(Clone, Debug)]
pub(super) enum Left {
    /// The order was confirmed.
    Do { order: Order, name: String },
    /// It was given; the service is on its way.
    Watch { order: Order, name: String, shown: ServiceState, looks: u32 },
}

impl Platform {
    pub(super) fn service_list(&self, world: &World) -> String {
        let mut text = self
            .words
            .pick(
                "cli service list head",
                ["Requesting service status, please wait...\n", "", "Service Manager is running\n"],
            )
            .to_owned();
        for service in world.services(&self.cluster, &self.node) {
            text += &self.line(&service);
        }
        text
    }

    /// An order. Whether one that takes a service down asks first is not known.
    pub(super) fn service(&self, order: Order, name: String, world: &mut World) -> Turn {
        let takes_down = matches!(order, Order::Stop | Order::Restart | Order::Deactivate);
        if takes_down && self.words.asks_before_service() {
            let text = format!("The service {name} will be interrupted.\n");
            return Turn::then(text, Next::Ask(Task(super::Left::Service(Left::Do { order, name }))));
        }
        self.order_service(order, name, world)
    }

    pub(super) fn service_goes_on(&self, left: Left, world: &mut World) -> Turn {
        match left {
            Left::Do { order, name } => self.order_service(order, name, world),
            Left::Watch { order, name, shown, looks } => self.watch(order, name, shown, looks, world),
        }
    }

    fn order_service(&self, order: Order, name: String, world: &mut World) -> Turn {
        let (cluster, node) = (&self.cluster, &self.node);
        let outcome = match order {
            Order::Activate => world.activate(cluster, node, &name),
            Order::Deactivate => world.deactivate(cluster, node, &name),
            Order::Start => world.start(cluster, node, &name),
            Order::Stop => world.stop(cluster, node, &name),
            Order::Restart => world.restart(cluster, node, &name),
        };
        let service = self.find(&name, world);
        match (outcome, service) {
            (Ok(()), Some(service)) => {
                let head =
                    self.words.pick("cli service order head", ["Service Manager is running\n", "", "Please wait...\n"]);
                let watch = Left::Watch { order, name, shown: service.state, looks: 0 };
                let next = Next::Wait(LOOK, Task(super::Left::Service(watch)));
                Turn { text: format!("{head}{}", self.line(&service)), wrote: true, next }
            }
            (Err(_), Some(service)) => Turn::say(self.line(&service)),
            (outcome, None) => Turn::say(self.refused(&name, outcome.err())),
        }
    }

    /// Shows every change until the service is where the order sends it.
    fn watch(&self, order: Order, name: String, shown: ServiceState, looks: u32, world: &World) -> Turn {
        let Some(service) = self.find(&name, world) else { return Turn::say("") };
        let text = if service.state == shown { String::new() } else { self.line(&service) };
        let arrived = match order {
            Order::Activate | Order::Start | Order::Restart => service.state == ServiceState::Started,
            Order::Deactivate | Order::Stop => {
                matches!(service.state, ServiceState::Stopped | ServiceState::NotActivated)
            }
        };
        if arrived || looks >= LOOKS {
            return Turn::say(text);
        }
        let left = Left::Watch { order, name, shown: service.state, looks: looks + 1 };
        Turn::then(text, Next::Wait(LOOK, Task(super::Left::Service(left))))
    }

    fn find(&self, name: &str, world: &World) -> Option<ServiceView> {
        let services = world.services(&self.cluster, &self.node);
        services.into_iter().find(|s| s.name.eq_ignore_ascii_case(name))
    }

    fn refused(&self, name: &str, refusal: Option<Refusal>) -> String {
        let why = refusal.map(|r| r.message).unwrap_or_default();
        match self.words.pick("cli no such service", [0_u8, 1, 2]) {
            0 => format!("{name} : {why}\n"),
            1 => format!("Service {name} is not valid\n"),
            _ => format!("{name}[UNKNOWN]  {why}\n"),
        }
    }

    /// A service as `Cisco DRF Master[STOPPED]  Commanded Out of Service`.
    fn line(&self, service: &ServiceView) -> String {
        let state = match service.state {
            ServiceState::Started => self.words.started(),
            ServiceState::Starting => "STARTING",
            ServiceState::Stopping => "STOPPING",
            ServiceState::Stopped | ServiceState::NotActivated | ServiceState::Unknown => "STOPPED",
        };
        let reason = if service.reason.is_empty() { String::new() } else { format!("  {}", service.reason) };
        format!("{}[{state}]{reason}\n", service.name)
    }
}
