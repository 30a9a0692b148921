//! Where each value of a mesh file stands, by JSON pointer.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::source::{Position, Source};
use super::tree::{Content, Node};

/// Where each value of a mesh file stands.
#[derive(Clone, Debug)]
pub struct Locations {
    source: Arc<Source>,
    places: HashMap<String, Place>,
}

#[derive(Clone, Debug)]
struct Place {
    key: Option<Range<usize>>,
    value: Range<usize>,
}

impl Locations {
    /// Takes a tree apart into its values and their places.
    pub(super) fn of(source: Arc<Source>, root: &Node) -> (Value, Locations) {
        let mut places = HashMap::new();
        let value = walk(root, None, &mut String::new(), &mut places);
        (value, Locations { source, places })
    }

    /// The line of a value's key, or of the value where it has none; of the nearest parent that is there.
    pub fn line(&self, pointer: &str) -> Option<usize> {
        Some(self.position(pointer)?.line)
    }

    /// The line and column of a value's key, or of the value where it has none; of the nearest parent that is there.
    pub fn position(&self, pointer: &str) -> Option<Position> {
        let place = self.nearest(pointer)?;
        Some(self.source.position(place.key.as_ref().unwrap_or(&place.value).start))
    }

    /// The bytes of a value; of the nearest parent's key when it is not there.
    pub fn value(&self, pointer: &str) -> Range<usize> {
        match self.places.get(pointer) {
            Some(place) => place.value.clone(),
            None => self.key(pointer),
        }
    }

    /// The bytes of a value's key; of the value when it has none, of the nearest parent's when it is not there.
    pub fn key(&self, pointer: &str) -> Range<usize> {
        let place = self.nearest(pointer);
        place.map_or(0..0, |place| place.key.as_ref().unwrap_or(&place.value).clone())
    }

    /// Whether the file holds the value itself.
    pub fn has(&self, pointer: &str) -> bool {
        self.places.contains_key(pointer)
    }

    /// The text that the places are in.
    pub fn source(&self) -> &Source {
        &self.source
    }

    fn nearest(&self, pointer: &str) -> Option<&Place> {
        let mut pointer = pointer;
        loop {
            if let Some(place) = self.places.get(pointer) {
                return Some(place);
            }
            pointer = &pointer[..pointer.rfind('/')?];
        }
    }
}

/// A pointer to a value below another, with the key escaped as RFC 6901 says.
pub(super) fn below(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The last key of a pointer, as it is written in the file.
pub(super) fn last_key(pointer: &str) -> String {
    pointer.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~")
}

fn walk(node: &Node, key: Option<&Range<usize>>, pointer: &mut String, places: &mut HashMap<String, Place>) -> Value {
    places.insert(pointer.clone(), Place { key: key.cloned(), value: node.span.clone() });
    let length = pointer.len();
    let mut step = |pointer: &mut String, segment: &str, node: &Node, key: Option<&Range<usize>>| {
        *pointer = below(pointer, segment);
        let value = walk(node, key, pointer, places);
        pointer.truncate(length);
        value
    };
    match &node.content {
        Content::Scalar(value) => value.clone(),
        Content::List(items) => {
            items.iter().enumerate().map(|(i, item)| step(pointer, &i.to_string(), item, None)).collect()
        }
        Content::Map(entries) => {
            let pairs = entries.iter().map(|e| (e.key.clone(), step(pointer, &e.key, &e.value, Some(&e.key_span))));
            Value::Object(pairs.collect::<Map<_, _>>())
        }
    }
}
