//! The web pages of a node: Administration (`/cupadmin/`) and Serviceability (`/ccmservice/`).
//!
//! A request becomes a [`Visit`](visit::Visit): who is logged in, which page, what the form says. A page turns it
//! into a [`Reply`](reply::Reply): plain values for a template. How it looks is the skin's business, and what public
//! material does not tell about it (URLs, ids, field names, many words) is the [`Variant`](variant::Variant)'s, which
//! differs by seed and by cluster, so that no client can lean on any of it.

mod administration;
mod fields;
mod icons;
mod layout;
mod login;
mod page;
mod reply;
mod serviceability;
mod skin;
mod variant;
mod visit;

use axum::Extension;
use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;

use self::page::Page;
use self::skin::Skin;
use self::variant::Variant;
use super::LabError;
use super::basic::page as status_page;
use super::directory::Role;
use super::here::Here;
use super::session::App;

/// The pages of a lab.
pub(super) struct Pages {
    seed: u64,
    skin: Skin,
}

impl Pages {
    /// The pages of a lab with this seed.
    pub(super) fn new(seed: u64) -> Result<Pages, LabError> {
        Ok(Pages { seed, skin: Skin::classic().map_err(LabError::Skin)? })
    }

    /// The lab's seed.
    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// What is particular to the pages of a cluster.
    fn variant(&self, cluster: usize) -> Variant {
        Variant::new(self.seed.wrapping_add(cluster as u64))
    }
}

/// Answers any request below `/cupadmin/`.
pub(super) async fn administration(Extension(here): Extension<Here>, request: Request) -> Response {
    answer(here, App::Administration, request).await
}

/// Answers any request below `/ccmservice/`.
pub(super) async fn serviceability(Extension(here): Extension<Here>, request: Request) -> Response {
    answer(here, App::Serviceability, request).await
}

async fn answer(here: Here, app: App, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if here.server().role == Role::UnifiedCm {
        return status_page(StatusCode::NOT_FOUND, &path);
    }
    if let Some(icon) = icons::answer(&path) {
        return icon;
    }
    let variant = here.lab.pages.variant(here.server().cluster);
    let (headers, post, fields) = match fields::read(request).await {
        Ok(read) => read,
        Err(refusal) => return *refusal,
    };
    if let Some(done) = login::answer(&here, app, &variant, &path, &headers, &fields) {
        return done;
    }
    let Some(session) = login::session(&here, app, &headers) else {
        return login::required(&here, app, &variant);
    };
    let Some(page) = Page::find(app, &variant, &path) else {
        return status_page(StatusCode::NOT_FOUND, &path);
    };
    let visit = visit::Visit { here: &here, app, variant: &variant, session: &session, fields: &fields, post };
    let reply = match app {
        App::Serviceability => serviceability::reply(&visit, page),
        App::Administration | App::Soap => administration::reply(&visit, page),
    };
    reply.into_response(&visit)
}
