//! The pictures of the pages. They stand for words, so each has an alternative text.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use super::page::prefix;
use crate::cluster::Outcome;
use crate::lab::servers::session::App;

/// A picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Icon {
    Passed,
    Failed,
    Warning,
    Information,
    Flag,
}

impl Icon {
    const ALL: [Icon; 5] = [Icon::Passed, Icon::Failed, Icon::Warning, Icon::Information, Icon::Flag];

    /// The picture of an outcome.
    pub(super) fn of(outcome: Outcome) -> Icon {
        match outcome {
            Outcome::Passed => Icon::Passed,
            Outcome::Failed | Outcome::Unclear => Icon::Failed,
            Outcome::Warning => Icon::Warning,
            Outcome::Information => Icon::Information,
        }
    }

    /// The picture of a notification's severity.
    pub(super) fn of_severity(severity: &str) -> Icon {
        match severity {
            "Error" => Icon::Failed,
            "Warning" => Icon::Warning,
            _ => Icon::Information,
        }
    }

    /// Its path among the pages of an app.
    pub(super) fn url(self, app: App) -> String {
        format!("{}/images/{}.svg", prefix(app), self.name())
    }

    fn name(self) -> &'static str {
        match self {
            Icon::Passed => "passed",
            Icon::Failed => "failed",
            Icon::Warning => "warning",
            Icon::Information => "information",
            Icon::Flag => "notifications",
        }
    }

    fn drawing(self) -> (&'static str, &'static str) {
        match self {
            Icon::Passed => ("#2e8b3d", "<path d='M4 8.5l3 3 5-6' fill='none' stroke='#fff' stroke-width='2'/>"),
            Icon::Failed => ("#c02626", "<path d='M5 5l6 6M11 5l-6 6' stroke='#fff' stroke-width='2'/>"),
            Icon::Warning => ("#e0941a", "<path d='M8 4v5M8 11v1.6' stroke='#fff' stroke-width='2'/>"),
            Icon::Information => ("#2f6fab", "<path d='M8 3.6v1.6M8 7v5' stroke='#fff' stroke-width='2'/>"),
            Icon::Flag => ("#d9a400", "<path d='M6 13V4h5l-1.5 2L11 8H6' fill='#fff' stroke='#fff'/>"),
        }
    }
}

/// The picture at a path.
pub(super) fn answer(path: &str) -> Option<Response> {
    let (app, name) = path.split_once("/images/")?;
    if app != prefix(App::Administration) && app != prefix(App::Serviceability) {
        return None;
    }
    let icon = Icon::ALL.into_iter().find(|icon| name.strip_suffix(".svg") == Some(icon.name()))?;
    let (colour, sign) = icon.drawing();
    let svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7.5' fill='{colour}'/>\
         {sign}</svg>"
    );
    Some(([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "max-age=3600")], svg).into_response())
}
