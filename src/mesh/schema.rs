//! The JSON Schema of the mesh file: made from the model, published as `schemas/mesh.v1.json`, and the one judge of a
//! file's shape.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::model::Mesh;

/// Where the schema is published.
const ID: &str = "https://raw.githubusercontent.com/intermesh/intermesh/main/schemas/mesh.v1.json";

/// The schema as a JSON document, as `schemas/mesh.v1.json` holds it.
pub fn schema() -> Value {
    let generated = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Mesh>();
    let mut schema = generated.to_value();
    plain(&mut schema);
    let mut ordered = Map::new();
    if let Value::Object(generated) = schema {
        for (key, value) in generated {
            let first = key == "$schema";
            ordered.insert(key, value);
            if first {
                ordered.insert("$id".to_owned(), json!(ID));
            }
        }
    }
    Value::Object(ordered)
}

/// The published schema, made into code by the compiler: to read and compile it in every process would take longer than
/// all else that is done with a mesh file. A test holds the published schema to the types.
#[jsonschema::validator(
    path = "schemas/mesh.v1.json",
    draft = Draft202012,
    methods = { is_valid = false, validate = false, iter_errors = true }
)]
pub(super) struct Judge;

// The macro does not say which file it has read: a new schema is a new judge.
const _: &str = include_str!("../../schemas/mesh.v1.json");

/// Says the same without `oneOf` and `anyOf`, which editors turn into riddles, and without what only Rust knows.
fn plain(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(plain),
        Value::Object(object) => {
            join_variants(object);
            drop_null(object);
            bound_counts(object);
            // the defaults of whole objects are those of their keys once more
            if object.get("default").is_some_and(Value::is_object) {
                object.remove("default");
            }
            object.values_mut().for_each(plain);
        }
        _ => {}
    }
}

/// An enum: one list of values, with what each of them means in the description.
fn join_variants(object: &mut Map<String, Value>) {
    let Some(Value::Array(variants)) = object.get("oneOf") else { return };
    let values: Vec<Value> = variants.iter().filter_map(|v| v.get("const").cloned()).collect();
    let meanings: Vec<Value> = variants.iter().filter_map(|v| v.get("description").cloned()).map(one_line).collect();
    if values.len() != variants.len() || meanings.len() != variants.len() {
        return;
    }
    let mut text = object.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
    for (value, meaning) in values.iter().zip(&meanings) {
        text += &format!("\n\n- `{}`: {}", value.as_str().unwrap_or_default(), meaning.as_str().unwrap_or_default());
    }
    object.remove("oneOf");
    object.insert("description".to_owned(), json!(text));
    object.insert("type".to_owned(), json!("string"));
    object.insert("enum".to_owned(), Value::Array(values));
    object.insert("enumDescriptions".to_owned(), Value::Array(meanings));
}

fn one_line(text: Value) -> Value {
    text.as_str().map_or(Value::Null, |text| json!(text.split_whitespace().collect::<Vec<_>>().join(" ")))
}

/// No key takes a null.
fn drop_null(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|t| t != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    let of_one = match object.get("anyOf") {
        Some(Value::Array(branches)) => match branches.as_slice() {
            [Value::Object(one), null] if null.get("type").is_some_and(|t| t == "null") => Some(one.clone()),
            _ => None,
        },
        _ => None,
    };
    if let Some(one) = of_one {
        object.remove("anyOf");
        object.extend(one);
    }
}

/// `uint32` is a word of Rust's; its bounds are numbers.
fn bound_counts(object: &mut Map<String, Value>) {
    if object.get("format").is_some_and(|f| f == "uint32") {
        object.remove("format");
        object.insert("maximum".to_owned(), json!(u32::MAX));
    }
}

/// The schema of a place, with what it refers to; nothing for a place that no file has.
fn at<'a>(root: &'a Value, pointer: &str) -> Option<&'a Value> {
    let mut here = root;
    for segment in pointer.split('/').skip(1) {
        here = resolve(root, here);
        let key = segment.replace("~1", "/").replace("~0", "~");
        here = (here.get("properties").and_then(|p| p.get(&key)))
            .or_else(|| here.get("additionalProperties").filter(|a| a.is_object()))
            .or_else(|| here.get("items"))?;
    }
    Some(here)
}

fn resolve<'a>(root: &'a Value, here: &'a Value) -> &'a Value {
    let target = here.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#'));
    target.and_then(|pointer| root.pointer(pointer)).unwrap_or(here)
}

fn cached() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(schema);
    &SCHEMA
}

/// What the schema says of a place.
pub(super) fn description(pointer: &str) -> Option<String> {
    at(cached(), pointer)?.get("description")?.as_str().map(str::to_owned)
}

/// The keys that a map may have.
pub(super) fn keys(pointer: &str) -> Vec<String> {
    let map = at(cached(), pointer).map(|here| resolve(cached(), here));
    let properties = map.and_then(|m| m.get("properties")).and_then(Value::as_object);
    properties.map(|p| p.keys().cloned().collect()).unwrap_or_default()
}

/// The kinds of value that a place takes, in JSON Schema's words.
pub(super) fn kinds(pointer: &str) -> Vec<String> {
    let kinds = at(cached(), pointer).and_then(|here| resolve(cached(), here).get("type"));
    match kinds {
        Some(Value::String(kind)) => vec![kind.clone()],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Where a key belongs, if it is one at all: "`defaults` and a link".
pub(super) fn owners(key: &str) -> Option<String> {
    const OWNERS: [(&str, &str); 14] = [
        ("", "the mesh file"),
        ("/metadata", "`metadata`"),
        ("/dns", "`dns`"),
        ("/defaults", "`defaults`"),
        ("/defaults/credentials", "`credentials` of a cluster or of `defaults`"),
        ("/defaults/tls", "`tls`"),
        ("/clusters/0", "a cluster"),
        ("/clusters/0/nodes/0", "a node"),
        ("/clusters/0/platform", "`platform` of a cluster"),
        ("/topology", "`topology`"),
        ("/topology/links/0", "an entry of `topology.links`"),
        ("/policy", "`policy`"),
        ("/policy/xcp_restart", "`policy.xcp_restart`"),
        ("/policy/window", "`policy.window`"),
    ];
    let owners: Vec<&str> =
        OWNERS.iter().filter(|(pointer, _)| keys(pointer).iter().any(|k| k == key)).map(|(_, name)| *name).collect();
    (!owners.is_empty()).then(|| super::meant::one_of(owners))
}
