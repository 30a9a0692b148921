//! What is around every page: header, menu and message area.

use serde::Serialize;

use super::icons::Icon;
use super::page::{Page, prefix};
use super::reply::{Message, message_icon};
use super::visit::Visit;
use crate::lab::servers::session::App;

/// The header and the menu of a page.
#[derive(Serialize)]
pub(super) struct Head {
    title: &'static str,
    product: &'static str,
    user: String,
    logout: String,
    about: String,
    notifications: Option<Flag>,
    menus: Vec<Menu>,
    message_id: &'static str,
    status_panel: bool,
    /// Whether what presses a button by script looks like a button, or is a link with a `javascript:` target.
    script_links: bool,
}

/// The icon with the count of notifications.
#[derive(Serialize)]
struct Flag {
    url: String,
    icon: String,
    count: usize,
}

#[derive(Serialize)]
struct Menu {
    text: &'static str,
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    text: &'static str,
    url: String,
}

/// A message with its picture.
#[derive(Serialize)]
pub(super) struct Shown {
    error: bool,
    text: String,
    icon: String,
    alt: &'static str,
}

/// The header and the menu of a page.
pub(super) fn head(visit: &Visit<'_>, page: Page) -> Head {
    let (about, notifications) = match visit.app {
        App::Serviceability => (Page::ServicesAbout, None),
        App::Administration | App::Soap => (Page::About, Some(flag(visit))),
    };
    Head {
        title: page.title(),
        product: product(visit.app),
        user: visit.session.username.clone(),
        logout: logout(visit.app),
        about: visit.url(about),
        notifications,
        menus: menus(visit),
        message_id: visit.variant.pick("message id", ["messageArea", "statusMessage", "ccmMessage"]),
        status_panel: visit.variant.pick("status panel", [true, false]),
        script_links: visit.variant.pick("script links", [true, false]),
    }
}

/// The name of an app, as its pages show it.
pub(super) fn product(app: App) -> &'static str {
    match app {
        App::Serviceability => Page::ServicesHome.title(),
        App::Administration | App::Soap => Page::Home.title(),
    }
}

/// The path that ends a session.
pub(super) fn logout(app: App) -> String {
    format!("{}/logout.do", prefix(app))
}

/// A message with its picture.
pub(super) fn message(app: App, message: Message) -> Shown {
    let alt = if message.error { "Error" } else { "Success" };
    Shown { error: message.error, text: message.text, icon: message_icon(message.error).url(app), alt }
}

fn flag(visit: &Visit<'_>) -> Flag {
    let count = visit.world().notifications(visit.cluster()).len();
    Flag { url: visit.url(Page::Notifications), icon: Icon::Flag.url(visit.app), count }
}

fn menus(visit: &Visit<'_>) -> Vec<Menu> {
    let menu = |text, items: &[(&'static str, Page)]| Menu {
        text,
        items: items.iter().map(|(text, page)| Item { text, url: visit.url(*page) }).collect(),
    };
    match visit.app {
        App::Serviceability => vec![menu(
            "Tools",
            &[
                ("Service Activation", Page::Activation),
                ("Control Center - Feature Services", Page::FeatureServices),
                ("Control Center - Network Services", Page::NetworkServices),
            ],
        )],
        App::Administration | App::Soap => vec![
            menu("System", &[("Presence Topology", Page::Topology), ("Service Parameters", Page::Parameters)]),
            menu("Presence", &[("Inter-Clustering", Page::Peers)]),
            menu(
                "Diagnostics",
                &[
                    ("System Dashboard", Page::Dashboard),
                    ("System Troubleshooter", Page::Troubleshooter),
                    ("Notifications", Page::Notifications),
                ],
            ),
        ],
    }
}
