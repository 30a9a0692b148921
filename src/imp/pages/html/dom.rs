//! A page's elements and texts in document order. An element's content is the stretch up to its end, so nothing here
//! recurses, whatever the nesting of a page.

use std::ops::Range;

use scraper::{Html, Node};

use super::known::Known;
use super::labels::first_sign;

/// A place in a [`Dom`].
pub(in super::super) type At = usize;

/// A page. Unlike the parser's own tree it can wait for a request. All that is written on it lies in one string: a mesh has
/// a thousand pages, and each of them a thousand words.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Dom {
    nodes: Vec<Entry>,
    attributes: Vec<(Written, Written)>,
    written: String,
    rendered: bool,
    pub(super) known: Known,
}

/// A stretch of what is written.
type Written = Range<usize>;

#[derive(Clone, Debug)]
struct Entry {
    parent: Option<At>,
    end: At,
    /// The bit of its tag's first letter; none for a text. Most elements are told from what is looked for by it.
    initial: u32,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// Its tag, and where its attributes are.
    Element {
        tag: Written,
        attributes: Range<usize>,
    },
    Text(Written),
}

/// Elements that do not part two words.
const INLINE: [&str; 14] =
    ["a", "abbr", "b", "code", "em", "font", "i", "label", "small", "span", "strong", "sub", "sup", "u"];
const INITIALS_OF_INLINE: u32 = initials(&INLINE);

/// Elements whose texts nobody reads on the page.
const WITHOUT: [&str; 4] = ["script", "style", "title", "template"];
/// The same, and controls.
const WITHOUT_CONTROLS: [&str; 7] = ["script", "style", "title", "template", "select", "textarea", "button"];

impl Dom {
    /// Reads a page; every text is one.
    pub(in super::super) fn read(text: &str) -> Dom {
        let html = Html::parse_document(text);
        let mut dom = Dom::default();
        dom.nodes.reserve(html.tree.values().len());
        dom.written.reserve(text.len());
        let mut open: Vec<At> = Vec::new();
        for edge in html.tree.root().traverse() {
            match edge {
                ego_tree::iter::Edge::Open(node) => match node.value() {
                    Node::Element(element) => {
                        let first = dom.attributes.len();
                        for (name, value) in element.attrs() {
                            let attribute = (dom.write(name), dom.write(value));
                            dom.attributes.push(attribute);
                        }
                        let tag = dom.write(element.name());
                        if let Some(tag) = dom.written.get_mut(tag.clone()) {
                            tag.make_ascii_lowercase();
                        }
                        let kind = Kind::Element { tag, attributes: first..dom.attributes.len() };
                        open.push(dom.push(open.last().copied(), kind));
                    }
                    Node::Text(text) => {
                        let text = dom.write(text);
                        dom.push(open.last().copied(), Kind::Text(text));
                    }
                    _ => {}
                },
                ego_tree::iter::Edge::Close(node) => {
                    if node.value().is_element()
                        && let Some(at) = open.pop()
                    {
                        dom.nodes[at].end = dom.nodes.len();
                    }
                }
            }
        }
        dom
    }

    /// Reads a page as a browser shows it: what can be pressed there, the browser can press.
    #[cfg(feature = "browser")]
    pub(in super::super) fn rendered(text: &str) -> Dom {
        Dom { rendered: true, ..Dom::read(text) }
    }

    /// Whether it is what a browser shows, after all scripts.
    pub(in super::super) fn is_rendered(&self) -> bool {
        self.rendered
    }

    fn write(&mut self, text: &str) -> Written {
        let from = self.written.len();
        self.written.push_str(text);
        from..self.written.len()
    }

    fn read_of(&self, written: &Written) -> &str {
        self.written.get(written.clone()).unwrap_or_default()
    }

    fn push(&mut self, parent: Option<At>, kind: Kind) -> At {
        let at = self.nodes.len();
        let initial = match &kind {
            Kind::Element { tag, .. } => initials(&[self.read_of(tag)]),
            Kind::Text(_) => 0,
        };
        self.nodes.push(Entry { parent, end: at + 1, initial, kind });
        at
    }

    /// The whole page.
    pub(in super::super) fn all(&self) -> Range<At> {
        0..self.nodes.len()
    }

    /// What is inside an element.
    pub(in super::super) fn inside(&self, at: At) -> Range<At> {
        at + 1..self.nodes[at].end
    }

    /// An element with what is inside it.
    pub(in super::super) fn whole(&self, at: At) -> Range<At> {
        at..self.nodes[at].end
    }

    /// The element's tag; empty for a text.
    pub(in super::super) fn tag(&self, at: At) -> &str {
        match &self.nodes[at].kind {
            Kind::Element { tag, .. } => self.read_of(tag),
            Kind::Text(_) => "",
        }
    }

    /// Whether the element has one of these tags.
    pub(in super::super) fn is(&self, at: At, tags: &[&str]) -> bool {
        self.is_among(at, tags, initials(tags))
    }

    fn is_among(&self, at: At, tags: &[&str], initials: u32) -> bool {
        self.nodes[at].initial & initials != 0 && tags.contains(&self.tag(at))
    }

    fn is_inline(&self, at: At) -> bool {
        self.is_among(at, &INLINE, INITIALS_OF_INLINE)
    }

    /// An attribute.
    pub(in super::super) fn attr(&self, at: At, name: &str) -> Option<&str> {
        match &self.nodes[at].kind {
            Kind::Element { attributes, .. } => {
                let mut own = self.attributes.get(attributes.clone()).unwrap_or_default().iter();
                own.find(|(known, _)| self.read_of(known) == name).map(|(_, value)| self.read_of(value))
            }
            Kind::Text(_) => None,
        }
    }

    /// The elements of a stretch with one of these tags.
    pub(in super::super) fn elements<'a>(
        &'a self,
        range: Range<At>,
        tags: &'a [&'a str],
    ) -> impl Iterator<Item = At> + 'a {
        let initials = initials(tags);
        range.filter(move |at| self.is_among(*at, tags, initials))
    }

    /// The element around a place.
    pub(in super::super) fn parent(&self, at: At) -> Option<At> {
        self.nodes[at].parent
    }

    /// The elements around a place, the nearest first.
    pub(in super::super) fn around(&self, at: At) -> impl Iterator<Item = At> + '_ {
        std::iter::successors(self.parent(at), |at| self.parent(*at))
    }

    /// The nearest element around a place with one of these tags.
    pub(in super::super) fn closest(&self, at: At, tags: &[&str]) -> Option<At> {
        self.around(at).find(|at| self.is(*at, tags))
    }

    /// What is directly inside an element.
    pub(in super::super) fn children(&self, at: At) -> impl Iterator<Item = At> + '_ {
        let end = self.nodes[at].end;
        std::iter::successors(Some(at + 1), |child| self.nodes.get(*child).map(|node| node.end))
            .take_while(move |child| *child < end)
    }

    /// What follows a place inside the same element.
    pub(in super::super) fn following(&self, at: At) -> impl Iterator<Item = At> + '_ {
        let end = self.parent(at).map_or(self.nodes.len(), |parent| self.nodes[parent].end);
        std::iter::successors(Some(self.nodes[at].end), |next| self.nodes.get(*next).map(|node| node.end))
            .take_while(move |next| *next < end)
    }

    /// The element with an id.
    pub(in super::super) fn by_id(&self, id: &str) -> Option<At> {
        self.all().find(|at| self.attr(*at, "id") == Some(id))
    }

    /// Whether a person would not see it, as far as the page itself says.
    pub(in super::super) fn is_hidden(&self, at: At) -> bool {
        std::iter::once(at).chain(self.around(at)).any(|at| {
            let style = self.attr(at, "style").unwrap_or_default().replace(' ', "").to_ascii_lowercase();
            self.attr(at, "hidden").is_some() || style.contains("display:none") || style.contains("visibility:hidden")
        })
    }

    /// The text of a stretch, with single spaces.
    pub(in super::super) fn text(&self, range: Range<At>) -> String {
        self.text_without(range, &WITHOUT)
    }

    /// The text of a stretch that can be a label: without what is inside controls.
    pub(in super::super) fn label_text(&self, range: Range<At>) -> String {
        self.text_without(range, &WITHOUT_CONTROLS)
    }

    /// The first sign of [`Dom::text`] by which labels can differ.
    pub(super) fn first_sign(&self, range: Range<At>) -> Option<char> {
        self.first_sign_without(range, &WITHOUT)
    }

    /// The first sign of [`Dom::label_text`] by which labels can differ.
    pub(super) fn first_sign_of_label(&self, range: Range<At>) -> Option<char> {
        self.first_sign_without(range, &WITHOUT_CONTROLS)
    }

    fn first_sign_without(&self, range: Range<At>, skipped: &[&str]) -> Option<char> {
        let initials_of_skipped = initials(skipped);
        let mut at = range.start;
        while at < range.end {
            match &self.nodes[at].kind {
                Kind::Text(piece) => {
                    if let Some(first) = first_sign(self.read_of(piece).chars()) {
                        return Some(first);
                    }
                }
                Kind::Element { .. } if self.is_among(at, skipped, initials_of_skipped) => {
                    at = self.nodes[at].end;
                    continue;
                }
                Kind::Element { .. } => {}
            }
            at += 1;
        }
        None
    }

    fn text_without(&self, range: Range<At>, skipped: &[&str]) -> String {
        let initials_of_skipped = initials(skipped);
        let mut text = String::new();
        let mut at = range.start;
        while at < range.end {
            match &self.nodes[at].kind {
                Kind::Text(piece) => text.push_str(self.read_of(piece)),
                Kind::Element { .. } => {
                    if !self.is_inline(at) {
                        text.push(' ');
                    }
                    if self.is_among(at, skipped, initials_of_skipped) {
                        at = self.nodes[at].end;
                        continue;
                    }
                }
            }
            at += 1;
            // The end of a block parts words as well; the text after it is the one with another parent.
            if at < range.end
                && let (Kind::Text(_), Some(before)) = (&self.nodes[at].kind, self.parent(at - 1))
                && Some(before) != self.parent(at)
                && !self.is_inline(before)
            {
                text.push(' ');
            }
        }
        let mut words = text.split_whitespace();
        let mut spaced = String::with_capacity(text.len());
        spaced.push_str(words.next().unwrap_or_default());
        for word in words {
            spaced.push(' ');
            spaced.push_str(word);
        }
        spaced
    }

    /// The page's title, or else its first heading.
    pub(in super::super) fn title(&self) -> String {
        let title = self.elements(self.all(), &["title"]).map(|at| self.text_without(self.inside(at), &[]));
        let headings = self.elements(self.all(), &["h1", "h2", "h3"]).map(|at| self.text(self.inside(at)));
        title.chain(headings).find(|text| !text.is_empty()).unwrap_or_default()
    }
}

/// The bits of the tags' first letters.
const fn initials(tags: &[&str]) -> u32 {
    let (mut bits, mut next) = (0, 0);
    while next < tags.len() {
        if let Some(first) = tags[next].as_bytes().first() {
            bits |= 1 << (*first & 31);
        }
        next += 1;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_a_person_reads() {
        let dom = Dom::read(
            "<title>T</title><body><p>One<br>two <b>th</b>ree</p><script>no()</script>four<table><tr><td>a<td>b</table>",
        );
        assert_eq!(dom.text(dom.all()), "One two three four a b");
        assert_eq!(dom.title(), "T");
    }

    #[test]
    fn a_very_deep_page_is_read() {
        let dom = Dom::read(&"<div><span>".repeat(2_000));
        assert!(dom.all().len() > 1_000);
        assert_eq!(dom.text(dom.all()), "");
    }

    #[test]
    fn hidden_is_inherited() {
        let dom = Dom::read("<div style='display: none'><p id=x>y</p></div><p id=z>w</p>");
        assert!(dom.is_hidden(dom.by_id("x").unwrap()));
        assert!(!dom.is_hidden(dom.by_id("z").unwrap()));
    }
}
