//! How pages look: a set of templates, and the little that goes with it. The values that templates are given are the
//! same for every skin, and so are the handlers behind them.

mod sources;

use minijinja::value::Serde;
use minijinja::{Environment, Error, UndefinedBehavior, Value, context};

use super::layout::{Head, Shown};
use crate::lab::Skin as Kind;

/// A set of templates, with every value escaped that they show.
pub(in crate::lab::servers) struct Skin {
    templates: Environment<'static>,
    style: &'static str,
    script: &'static str,
    /// Whether a page is a shell with header and menu, and its content a frame in it.
    pub(super) framed: bool,
    /// Whether a token is good for one form only, as those of Struts are.
    pub(super) one_time_tokens: bool,
}

/// The template of the shell around a framed page.
const SHELL: &str = "shell.html";

impl Skin {
    /// The skin of a kind.
    pub(in crate::lab::servers) fn new(kind: Kind) -> Result<Skin, Error> {
        let source = sources::of(kind);
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        for (name, text) in source.templates() {
            templates.add_template(name, text)?;
        }
        let framed = source.framed;
        Ok(Skin { templates, style: source.style, script: source.script, framed, one_time_tokens: framed })
    }

    /// A page with what is around it.
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

    /// The shell of a framed page, which loads its content from a URL.
    pub(super) fn shell(&self, head: &Head, content: &str) -> Result<String, Error> {
        self.plain(SHELL, context! { head => Value::from(Serde(head)), content })
    }

    /// A page that stands alone.
    pub(super) fn plain(&self, template: &str, values: Value) -> Result<String, Error> {
        // The style sheet and the script are ours, and hold no markup.
        let style = Value::from_safe_string(self.style.to_owned());
        let script = Value::from_safe_string(self.script.to_owned());
        self.templates.get_template(template)?.render(context! { style, script, ..values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_of_every_skin_can_be_read() {
        for kind in Kind::ALL {
            let skin = Skin::new(kind).unwrap_or_else(|e| panic!("{}: {e}", kind.name()));
            let has = |name| skin.templates.get_template(name).is_ok();
            assert!(has("login.html") && has("peer.html"), "{}", kind.name());
            assert_eq!(has(SHELL), skin.framed, "{}", kind.name());
        }
    }
}
