//! The web pages of a node: Administration (`/cupadmin/`) and Serviceability (`/ccmservice/`).
//!
//! A request becomes a [`Visit`](visit::Visit): who is logged in, which page, what the form says. A page turns it
//! into a [`Reply`](reply::Reply): plain values for a template. How it looks is the skin's business, and what public
//! material does not tell about it (URLs, ids, field names, many words) is the variant's, which
//! differs by seed and by cluster, so that no client can lean on any of it. Each cluster has a skin of its own.

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

use std::sync::Arc;

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
use crate::lab::{LabSpec, Skin as Kind};

/// The pages of a lab.
pub(super) struct Pages {
    seed: u64,
    /// One per cluster.
    skins: Vec<Arc<Skin>>,
}

impl Pages {
    /// The pages of a lab.
    pub(super) fn new(spec: &LabSpec) -> Result<Pages, LabError> {
        let mut made: Vec<(Kind, Arc<Skin>)> = Vec::new();
        let mut skins = Vec::new();
        for (cluster, of) in spec.clusters.iter().enumerate() {
            let kind = of.skin.unwrap_or_else(|| variant(spec.seed, cluster).pick("skin", Kind::WITHOUT_SCRIPT));
            let skin = match made.iter().find(|(known, _)| *known == kind) {
                Some((_, skin)) => Arc::clone(skin),
                None => {
                    let skin = Arc::new(Skin::new(kind).map_err(LabError::Skin)?);
                    made.push((kind, Arc::clone(&skin)));
                    skin
                }
            };
            skins.push(skin);
        }
        Ok(Pages { seed: spec.seed, skins })
    }

    /// The lab's seed.
    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// What is particular to the pages of a cluster, and how they look.
    fn of(&self, cluster: usize) -> Option<(Variant, &Skin)> {
        Some((variant(self.seed, cluster), self.skins.get(cluster)?))
    }
}

fn variant(seed: u64, cluster: usize) -> Variant {
    Variant::new(seed.wrapping_add(cluster as u64))
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
    let Some((variant, skin)) = here.lab.pages.of(here.server().cluster) else {
        return status_page(StatusCode::NOT_FOUND, &path);
    };
    let query = request.uri().query().unwrap_or_default().to_owned();
    let (headers, post, fields) = match fields::read(request).await {
        Ok(read) => read,
        Err(refusal) => return *refusal,
    };
    let door = login::Door { here: &here, app, variant: &variant, skin };
    if let Some(done) = door.answer(&path, &headers, &fields) {
        return done;
    }
    let Some(mut session) = door.session(&headers) else {
        return door.required();
    };
    let Some(page) = Page::find(app, &variant, &path) else {
        return status_page(StatusCode::NOT_FOUND, &path);
    };
    let accepted = post && fields.get(variant.token()) == Some(session.token.as_str());
    if accepted && skin.one_time_tokens {
        session = door.renewed(session, &headers);
    }
    let visit =
        visit::Visit { here: &here, app, variant: &variant, skin, session: &session, fields: &fields, post, accepted };
    if visit.wants_shell() && page.is_framed() {
        return reply::shell(&visit, page, &path, &query);
    }
    let reply = match app {
        App::Serviceability => serviceability::reply(&visit, page),
        App::Administration | App::Soap => administration::reply(&visit, page),
    };
    reply.into_response(&visit)
}
