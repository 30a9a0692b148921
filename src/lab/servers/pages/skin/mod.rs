//! How pages look: a set of templates. The values that they are given are the same for every skin.

use minijinja::value::Serde;
use minijinja::{Environment, Error, UndefinedBehavior, Value, context};

use super::layout::{Head, Shown};

/// A set of templates, with every value escaped that they show.
pub(in crate::lab::servers) struct Skin {
    templates: Environment<'static>,
    style: &'static str,
}

const CLASSIC: [(&str, &str); 13] = [
    ("base.html", include_str!("classic/base.html")),
    ("login.html", include_str!("classic/login.html")),
    ("home.html", include_str!("classic/home.html")),
    ("dashboard.html", include_str!("classic/dashboard.html")),
    ("topology.html", include_str!("classic/topology.html")),
    ("node.html", include_str!("classic/node.html")),
    ("peers.html", include_str!("classic/peers.html")),
    ("peer.html", include_str!("classic/peer.html")),
    ("sync.html", include_str!("classic/sync.html")),
    ("parameters.html", include_str!("classic/parameters.html")),
    ("notifications.html", include_str!("classic/notifications.html")),
    ("troubleshooter.html", include_str!("classic/troubleshooter.html")),
    ("services.html", include_str!("classic/services.html")),
];

impl Skin {
    /// Pages that need no script: every button submits, every panel is in the HTML.
    pub(in crate::lab::servers) fn classic() -> Result<Skin, Error> {
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        for (name, source) in CLASSIC {
            templates.add_template(name, source)?;
        }
        Ok(Skin { templates, style: include_str!("classic/style.css") })
    }

    /// A page with header and menu around it.
    pub(super) fn page(
        &self,
        template: &str,
        head: &Head,
        message: Option<&Shown>,
        values: Value,
    ) -> Result<String, Error> {
        let (head, message) = (Value::from(Serde(head)), Value::from(Serde(message)));
        self.plain(template, context! { head, message, ..values })
    }

    /// A page that stands alone.
    pub(super) fn plain(&self, template: &str, values: Value) -> Result<String, Error> {
        // The style sheet is ours, and holds no markup.
        let style = Value::from_safe_string(self.style.to_owned());
        self.templates.get_template(template)?.render(context! { style, ..values })
    }
}
