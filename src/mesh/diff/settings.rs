//! Every other key whose value changes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Setting;
use crate::mesh::model::Mesh;

pub(super) fn changes(old: &Mesh, new: &Mesh) -> Vec<Setting> {
    let (mut before, mut after) = (leaves(old), leaves(new));
    // what a cluster that comes or goes says of itself is no change of a setting
    let of_both = |place: &String| match place.strip_prefix("clusters.") {
        Some(_) => {
            let named = |mesh: &Mesh| mesh.clusters.iter().any(|c| place.starts_with(&format!("clusters.{}.", c.name)));
            named(old) && named(new)
        }
        None => true,
    };
    before.retain(|place, _| of_both(place));
    after.retain(|place, _| of_both(place));
    let mut places: Vec<&String> = before.keys().chain(after.keys()).collect();
    places.sort();
    places.dedup();
    let changed = places.into_iter().filter(|place| before.get(*place) != after.get(*place));
    changed
        .map(|place| {
            let shown = |leaves: &BTreeMap<String, String>| leaves.get(place).map(|value| shown(place, value));
            Setting { place: place.clone(), old: shown(&before), new: shown(&after) }
        })
        .collect()
}

/// What stands below `credentials` is not repeated.
fn shown(place: &str, value: &str) -> String {
    if place.starts_with("credentials.") { "(not shown)".to_owned() } else { value.to_owned() }
}

/// All values of a mesh by their places, but for those that the other parts of a difference tell.
fn leaves(mesh: &Mesh) -> BTreeMap<String, String> {
    let mut leaves = BTreeMap::new();
    // a mesh is plain data; if it could not be written there would be nothing to compare
    if let Ok(Value::Object(root)) = serde_json::to_value(mesh) {
        for (key, value) in root {
            match (key.as_str(), value) {
                ("clusters", Value::Array(clusters)) => clusters.iter().for_each(|c| cluster(c, &mut leaves)),
                (_, value) => walk(&key, &value, &mut leaves),
            }
        }
    }
    leaves.retain(|place, _| !place.starts_with("topology."));
    leaves
}

fn cluster(value: &Value, leaves: &mut BTreeMap<String, String>) {
    let Some(name) = value.get("name").and_then(Value::as_str) else { return };
    for (key, value) in value.as_object().into_iter().flatten() {
        if !["name", "state", "publisher"].contains(&key.as_str()) {
            walk(&format!("clusters.{name}.{key}"), value, leaves);
        }
    }
}

fn walk(place: &str, value: &Value, leaves: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| walk(&format!("{place}.{key}"), value, leaves)),
        Value::Array(items) if items.iter().any(Value::is_object) => {
            // things with a name are known by it, others by their number
            for (number, item) in items.iter().enumerate() {
                let name =
                    item.get("name").and_then(Value::as_str).map_or_else(|| (number + 1).to_string(), str::to_owned);
                walk(&format!("{place}.{name}"), item, leaves);
            }
        }
        Value::String(text) => drop(leaves.insert(place.to_owned(), text.clone())),
        other => drop(leaves.insert(place.to_owned(), other.to_string())),
    }
}
