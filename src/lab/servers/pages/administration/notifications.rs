//! The notifications behind the icon of the header (field-notes 1.8).

use std::time::Duration;

use jiff::SignedDuration;
use serde::Serialize;

use crate::lab::servers::pages::icons::Icon;
use crate::lab::servers::pages::page::Page;
use crate::lab::servers::pages::reply::{Hidden, Message, Reply};
use crate::lab::servers::pages::visit::Visit;
use crate::lab::world::{NotificationView, World};

#[derive(Serialize)]
struct List {
    action: String,
    button: &'static str,
    hidden: Vec<Hidden>,
    list_id: &'static str,
    check: &'static str,
    headings: Headings,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Headings {
    severity: &'static str,
    node: &'static str,
    text: &'static str,
    time: &'static str,
}

#[derive(Serialize)]
struct Row {
    id: u64,
    severity: &'static str,
    icon: String,
    node: String,
    text: String,
    time: String,
}

/// The name of the check boxes.
const CHECK: &str = "result";

pub(super) fn reply(visit: &Visit<'_>) -> Reply {
    let message = match visit.button() {
        Ok(Some("deleteSelected")) => Some(dismiss(visit)),
        Ok(_) => None,
        Err(refusal) => Some(Message::error(refusal)),
    };
    let world = visit.world();
    let notifications = world.notifications(visit.cluster());
    let values = List {
        action: visit.url(Page::Notifications),
        button: visit.variant.button(),
        hidden: visit.hidden(None),
        list_id: visit.variant.pick("notifications id", ["notificationTable", "activeNotifications"]),
        check: CHECK,
        headings: Headings {
            severity: "Severity",
            node: "Node",
            text: visit.variant.pick("notification heading", ["Notification", "Description", "Message"]),
            time: visit.variant.pick("raised heading", ["Time", "Date/Time"]),
        },
        rows: notifications.into_iter().map(|n| row(visit, &world, n)).collect(),
    };
    Reply::page(Page::Notifications, "notifications.html", values, message)
}

fn dismiss(visit: &Visit<'_>) -> Message {
    let ids: Vec<u64> = visit.fields.all(CHECK).filter_map(|id| id.parse().ok()).collect();
    for id in &ids {
        let dismissed = visit.world().dismiss(visit.cluster(), *id);
        if let Err(refusal) = visit.here.count(dismissed) {
            return Message::error(refusal.message);
        }
    }
    Message::success(format!("{} notification(s) deleted", ids.len()))
}

fn row(visit: &Visit<'_>, world: &World, notification: NotificationView) -> Row {
    Row {
        id: notification.id,
        severity: notification.severity,
        icon: Icon::of_severity(notification.severity).url(visit.app),
        node: notification.node.map(|n| n.to_string()).unwrap_or_default(),
        text: notification.text,
        time: time(world, notification.raised),
    }
}

fn time(world: &World, raised: Duration) -> String {
    let ago = SignedDuration::try_from(world.now().saturating_sub(raised)).ok();
    let time = ago.and_then(|ago| world.time_of_day().checked_sub(ago).ok());
    time.map(|t| t.strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}
