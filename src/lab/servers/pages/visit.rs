//! A request to a page, after login.

use std::sync::MutexGuard;

use super::fields::Fields;
use super::page::Page;
use super::reply::Hidden;
use super::skin::Skin;
use super::variant::Variant;
use crate::cluster::{ClusterName, NodeName};
use crate::lab::servers::here::Here;
use crate::lab::servers::session::{App, Session};
use crate::lab::world::{NodeView, World};

/// What a bad scripted POST produces (field-notes 1.4).
pub(super) const NULL_PARAMETERS: &str =
    "Expected HTTP request parameters are null or empty. See the logs for more details.";

/// A request to a page, after login.
pub(super) struct Visit<'a> {
    pub(super) here: &'a Here,
    pub(super) app: App,
    pub(super) variant: &'a Variant,
    pub(super) skin: &'a Skin,
    pub(super) session: &'a Session,
    pub(super) fields: &'a Fields,
    pub(super) post: bool,
    /// Whether the form carried the session's token.
    pub(super) accepted: bool,
}

/// What a URL says that asks for the content of a framed page without its shell.
const FRAME: (&str, &str) = ("view", "content");

impl Visit<'_> {
    /// The world at this instant of the product's time.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.here.world()
    }

    /// The cluster whose pages these are.
    pub(super) fn cluster(&self) -> &ClusterName {
        self.here.cluster()
    }

    /// The path of a page.
    pub(super) fn url(&self, page: Page) -> String {
        page.url(self.variant)
    }

    /// The path of a page with a key.
    pub(super) fn keyed(&self, page: Page, key: &str) -> String {
        let key: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
        format!("{}?key={key}", self.url(page))
    }

    /// The button that sent the form; none for a plain visit. A form without the session's token is refused.
    pub(super) fn button(&self) -> Result<Option<&str>, &'static str> {
        if !self.post {
            return Ok(None);
        }
        if !self.accepted {
            return Err(NULL_PARAMETERS);
        }
        let name = self.variant.button();
        // A button whose value is its text tells in its name which one it is.
        let button = self.fields.text(name).or_else(|| self.fields.after(&format!("{name}.")));
        button.map(Some).ok_or(NULL_PARAMETERS)
    }

    /// Whether the answer is the shell around a page's content.
    pub(super) fn wants_shell(&self) -> bool {
        self.skin.framed && !self.post && self.fields.get(FRAME.0) != Some(FRAME.1)
    }

    /// A URL as the pages of this skin see it: within the frame, where there is one.
    pub(super) fn in_frame(&self, url: String) -> String {
        if !self.skin.framed {
            return url;
        }
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}{}={}", FRAME.0, FRAME.1)
    }

    /// The button that sent a form which changes peers; refused where peers cannot be changed.
    pub(super) fn peer_button(&self) -> Result<Option<&str>, &'static str> {
        let button = self.button()?;
        if button.is_some_and(|b| b != "find") && !self.may_write_peers(&self.world()) {
            return Err("This operation is only available on the IM and Presence database publisher node.");
        }
        Ok(button)
    }

    /// The hidden inputs of a form: the token, and the key of what is edited.
    pub(super) fn hidden(&self, key: Option<&str>) -> Vec<Hidden> {
        let token = Hidden { name: self.variant.token(), value: self.session.token.clone() };
        let key = key.map(|key| Hidden { name: "key", value: key.to_owned() });
        std::iter::once(token).chain(key).collect()
    }

    /// The node whose key a form or a link names.
    pub(super) fn chosen_node(&self, world: &World) -> Option<NodeView> {
        let key = self.fields.text("server")?;
        world.nodes(self.cluster()).into_iter().find(|n| n.key == key)
    }

    /// Whether peers can be changed on these pages.
    pub(super) fn may_write_peers(&self, world: &World) -> bool {
        let own: &NodeName = &self.here.server().name;
        let publisher = || world.nodes(self.cluster()).iter().any(|n| n.publisher && n.name.same(own));
        !self.variant.publisher_only() || publisher()
    }
}
