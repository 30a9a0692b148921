//! XML, read into a small tree with limits on, and text escaped for writing. Nothing of the product.
//!
//! A document type is refused, so no entity is ever expanded but the five of XML itself.

use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

/// The deepest nesting that is read; SOAP needs about ten levels.
const MAX_DEPTH: usize = 64;
/// The most elements that are read: more than the product's 8 MB limit on an answer can hold.
const MAX_ELEMENTS: usize = 2_000_000;

/// An element: its name without prefix, its namespace, and what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// The local name.
    pub name: String,
    /// The namespace, if it is in one.
    pub namespace: Option<String>,
    /// The attributes by local name, in their order.
    pub attributes: Vec<(String, String)>,
    /// The child elements, in their order.
    pub children: Vec<Element>,
    /// The text directly in it, trimmed.
    pub text: String,
}

/// Why a document was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the XML is not well formed or too large at byte {at}: {why}")]
pub struct ReadError {
    /// The byte offset.
    pub at: u64,
    /// What is wrong.
    pub why: String,
}

impl Element {
    /// The first child of that local name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|c| c.name == name)
    }

    /// All children of that local name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |c| c.name == name)
    }

    /// The first descendant of that local name, this element included.
    pub fn find(&self, name: &str) -> Option<&Element> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|c| c.find(name))
    }

    /// The text of the first child of that local name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|c| c.text.as_str())
    }

    /// The value of an attribute by its local name.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Escapes text for an element or a quoted attribute.
pub fn escape(text: &str) -> std::borrow::Cow<'_, str> {
    quick_xml::escape::escape(text)
}

/// Reads a document and returns its root element.
///
/// # Errors
/// The document is not well formed, holds a document type or an unknown entity, or exceeds a limit.
pub fn read(document: &str) -> Result<Element, ReadError> {
    let mut reader = NsReader::from_str(document);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut count = 0;
    loop {
        let at = reader.buffer_position();
        let fail = |why: &str| ReadError { at, why: why.to_owned() };
        let (namespace, event) = reader.read_resolved_event().map_err(|e| fail(&e.to_string()))?;
        let namespace = match namespace {
            ResolveResult::Bound(namespace) => Some(namespace.0.to_owned()),
            _ => None,
        };
        match event {
            Event::Start(start) => {
                count += 1;
                if root.is_some() {
                    return Err(fail("a second root element"));
                }
                if open.len() >= MAX_DEPTH || count > MAX_ELEMENTS {
                    return Err(fail("too many elements"));
                }
                open.push(element(&start, namespace).map_err(|e| fail(&e))?);
            }
            Event::Empty(start) => {
                count += 1;
                if root.is_some() || count > MAX_ELEMENTS {
                    return Err(fail("too many elements"));
                }
                close(element(&start, namespace).map_err(|e| fail(&e))?, &mut open, &mut root);
            }
            Event::End(_) => {
                let done = open.pop().ok_or_else(|| fail("an end without a start"))?;
                close(done, &mut open, &mut root);
            }
            Event::Text(text) => add_text(&mut open, &text.xml10_content()),
            Event::CData(text) => add_text(&mut open, &text.xml10_content()),
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|e| fail(&e.to_string()))?;
                let text = match character {
                    Some(character) => character.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&reference.into_inner())
                        .ok_or_else(|| fail("an unknown entity"))?
                        .to_owned(),
                };
                add_text(&mut open, &text);
            }
            Event::DocType(_) => return Err(fail("a document type is not allowed")),
            Event::Eof if !open.is_empty() => return Err(fail("it ends too early")),
            Event::Eof => return root.ok_or_else(|| fail("no element")),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

fn element(start: &BytesStart<'_>, namespace: Option<String>) -> Result<Element, String> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|e| e.to_string())?;
        let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0).map_err(|e| e.to_string())?;
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
    }
    let name = start.local_name().as_ref().to_owned();
    Ok(Element { name, namespace, attributes, ..Element::default() })
}

fn add_text(open: &mut [Element], text: &str) {
    if let Some(top) = open.last_mut() {
        top.text.push_str(text);
    }
}

fn close(mut done: Element, open: &mut [Element], root: &mut Option<Element>) {
    if !done.children.is_empty() || done.text.trim().len() != done.text.len() {
        done.text = done.text.trim().to_owned();
    }
    match open.last_mut() {
        Some(parent) => parent.children.push(done),
        None => *root = Some(done),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_becomes_a_tree() {
        let root = read("<s:a xmlns:s='urn:x' k='1 &amp; 2'><b>x &lt; <![CDATA[<y>]]></b><b/>&#65;</s:a>").unwrap();
        assert_eq!((root.name.as_str(), root.namespace.as_deref()), ("a", Some("urn:x")));
        assert_eq!(root.attribute("k"), Some("1 & 2"));
        assert_eq!(root.text_of("b"), Some("x < <y>"));
        assert_eq!((root.all("b").count(), root.text.as_str()), (2, "A"));
    }

    #[test]
    fn entities_and_unfinished_documents_are_refused() {
        for bad in [
            "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
            "<a>&x;</a>",
            "<a><b></a>",
            "<a>",
            "",
            "<a/><a/>",
            &"<a>".repeat(10_000),
        ] {
            assert!(read(bad).is_err(), "{bad:.40}");
        }
    }
}
