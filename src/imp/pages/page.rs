//! A page as it came from the node.

use std::sync::Arc;

use url::Url;

use super::html::{Action, At, Clickable, Dom, Field, Found, beside, clickables, form_of, heading_over, messages};
use super::visitor::needs_browser;
use crate::cluster::ErrorKind;

/// A page.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) url: Url,
    /// Shared: a page is kept beside the frames that it came with.
    pub(super) dom: Arc<Dom>,
    /// Where a browser shows it.
    #[cfg(feature = "browser")]
    pub(super) shown: Option<super::driven::Shown>,
}

impl Page {
    pub(super) fn read(url: Url, text: &str) -> Page {
        Page {
            url,
            dom: Arc::new(Dom::read(text)),
            #[cfg(feature = "browser")]
            shown: None,
        }
    }

    /// A page as a browser shows it.
    #[cfg(feature = "browser")]
    pub(super) fn rendered(url: Url, text: &str, shown: super::driven::Shown) -> Page {
        Page { url, dom: Arc::new(Dom::rendered(text)), shown: Some(shown) }
    }

    /// The title, or else the path: something a person can recognise the page by.
    pub(super) fn title(&self) -> String {
        let title = self.dom.title();
        if title.is_empty() { self.url.path().to_owned() } else { title }
    }

    /// The address of a link on the page.
    pub(super) fn resolve(&self, link: &str) -> Option<Url> {
        let base = self.dom.elements(self.dom.all(), &["base"]).find_map(|at| self.dom.attr(at, "href"));
        let base = base.and_then(|base| self.url.join(base).ok());
        let mut url = base.as_ref().unwrap_or(&self.url).join(link.trim()).ok()?;
        url.set_fragment(None);
        Some(url)
    }

    /// The pages in its frames.
    pub(super) fn frames(&self) -> Vec<Url> {
        let sources = self.dom.elements(self.dom.all(), &["frame", "iframe"]).filter_map(|at| self.dom.attr(at, "src"));
        let sources = sources.filter(|source| !source.trim().is_empty()).filter_map(|source| self.resolve(source));
        sources.filter(|url| url.scheme() == "https" && url.host() == self.url.host()).collect()
    }

    /// What a field shows, or else the text beside the label.
    pub(super) fn shown(&self, label: &str) -> Option<String> {
        match Field::find(&self.dom, label) {
            Found::One(field) => Some(field.shown(&self.dom)),
            Found::Many(_) => None,
            Found::None => beside(&self.dom, label),
        }
    }

    /// The field with a label, ready to be filled in.
    pub(super) fn field(&self, label: &str) -> Result<Field, ErrorKind> {
        match Field::find(&self.dom, label) {
            Found::One(field) if field.is_open(&self.dom) => Ok(field),
            Found::One(_) => Err(ErrorKind::Unsupported {
                detail: format!("the field `{label}` on the page `{}` cannot be changed", self.title()),
            }),
            Found::Many(fields) => {
                let named: Vec<String> = fields.iter().map(|field| self.candidate(field)).collect();
                let (count, title) = (fields.len(), self.title());
                let detail =
                    format!("{count} fields on the page `{title}` have the label `{label}`: {}", named.join(", "));
                Err(ErrorKind::Unsupported { detail })
            }
            Found::None => Err(self.not_found(label)),
        }
    }

    /// A field by the heading that it stands under and what it shows, to tell it from another of the same label.
    fn candidate(&self, field: &Field) -> String {
        let shown = match field.kind(&self.dom).as_str() {
            "password" => "a password".to_owned(),
            _ => format!("`{}`", field.shown(&self.dom)),
        };
        match heading_over(&self.dom, field.at) {
            Some(heading) => format!("{shown} under `{heading}`"),
            None => format!("{shown} under no heading"),
        }
    }

    /// The button or link with one of these names, and what pressing it does; one of the `form` goes first, and one
    /// that needs no script.
    pub(super) fn button(&self, names: &[&str], form: Option<At>, acts: bool) -> Result<Action, ErrorKind> {
        let found = clickables(&self.dom).iter().filter(|clickable| names.iter().any(|name| clickable.is(name)));
        let mut ranked: Vec<(u8, &Clickable, Action)> = found
            .map(|clickable| {
                let action = clickable.action(&self.dom, acts);
                let own = form.is_none() || form_of(&self.dom, clickable.at) == form;
                let rank = match &action {
                    Action::Submit { .. } | Action::Click(_) if own => 0,
                    Action::Follow(_) => 1,
                    Action::Submit { .. } | Action::Click(_) => 2,
                    Action::Script(_) => 3,
                };
                (rank, clickable, action)
            })
            .collect();
        ranked.sort_by_key(|(rank, ..)| *rank);
        match ranked.into_iter().next() {
            Some((_, clickable, Action::Script(why))) => {
                let name = clickable.names.first().map_or("a button", String::as_str);
                Err(needs_browser(self, &format!("`{name}` {why}")))
            }
            // Another form's button would send other fields than those that were filled in.
            Some((2, ..)) | None => Err(self.not_found(names.first().copied().unwrap_or_default())),
            Some((.., action)) => Ok(action),
        }
    }

    /// Whether a button or link with this name is on the page, whatever it does.
    pub(super) fn offers(&self, names: &[&str]) -> bool {
        clickables(&self.dom).iter().any(|clickable| names.iter().any(|name| clickable.is(name)))
    }

    /// The whole text.
    pub(super) fn text(&self) -> String {
        self.dom.text(self.dom.all())
    }

    /// The texts of the message area.
    pub(super) fn messages(&self) -> Vec<super::html::Message> {
        messages(&self.dom)
    }

    pub(super) fn not_found(&self, label: &str) -> ErrorKind {
        ErrorKind::NotFound { label: label.to_owned(), page: self.title() }
    }
}
