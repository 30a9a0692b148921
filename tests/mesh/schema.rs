//! The published schema: made from the model, plain enough for editors, and of one mind with the model.

use std::path::Path;

use intermesh::mesh::{self, Mesh};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixture;

fn published() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/mesh.v1.json");
    let made = format!("{:#}\n", mesh::schema());
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(text == made, "schemas/mesh.v1.json and the model differ; run with UPDATE_SCHEMAS=1 and review the change");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn the_published_schema_is_the_models() {
    let schema = published();
    jsonschema::meta::validate(&schema).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

#[test]
fn the_schema_uses_only_what_editors_explain_and_the_loader_translates() {
    const KNOWN: [&str; 21] = [
        "$schema",
        "$id",
        "$ref",
        "$defs",
        "title",
        "description",
        "type",
        "properties",
        "additionalProperties",
        "required",
        "items",
        "default",
        "enum",
        "enumDescriptions",
        "const",
        "minimum",
        "maximum",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
    ];
    fn walk(schema: &Value, place: &str) {
        let Value::Object(object) = schema else { return };
        for (key, value) in object {
            assert!(KNOWN.contains(&key.as_str()), "{place}: {key}");
            match key.as_str() {
                "properties" | "$defs" => {
                    for (name, schema) in value.as_object().unwrap() {
                        let place = format!("{place}/{name}");
                        let text = schema["description"].as_str().unwrap_or_default();
                        assert!(
                            text.len() > 8 && text.contains('.') || text.contains("\n- "),
                            "{place}: {text:?} helps nobody"
                        );
                        walk(schema, &place);
                    }
                }
                "items" | "additionalProperties" => walk(value, place),
                _ => {}
            }
        }
    }
    walk(&published(), "");
}

fn schema_accepts(value: &Value) -> bool {
    static VALIDATOR: std::sync::LazyLock<jsonschema::Validator> =
        std::sync::LazyLock::new(|| jsonschema::draft202012::new(&mesh::schema()).unwrap());
    VALIDATOR.is_valid(value)
}

fn model_loads(value: &Value) -> bool {
    serde_json::from_value::<Mesh>(value.clone()).is_ok()
}

/// A document that uses every key of the model.
fn everything() -> Value {
    json!({
        "apiVersion": "intermesh/v1", "kind": "Mesh", "metadata": {"name": "acme"}, "domain": "example.com",
        "dns": {"servers": ["10.1.0.53"]}, "proxy": "http://jump:3128",
        "credentials": {
            "a": {"username": "icsa", "password": {"env": "A"}},
            "b": {"username": "icsa", "password": {"file": "b"}},
            "c": {"username": "icsa", "password": {"exec": ["vault", "c"]}}
        },
        "unified_cms": {"cucm": {"publisher": "cucm1", "credentials": "a"}},
        "defaults": {
            "transport": "tcp", "release": "14", "pages": "auto",
            "credentials": {"axl": "a", "peer": "b", "admin": "c", "cli": "a"},
            "tls": {"ca_file": "ca.pem", "pins_file": "pins"}
        },
        "clusters": [
            {
                "name": "emea", "publisher": "imp1", "state": "present", "domain": "example.com", "release": "14",
                "nodes": [{"name": "imp1", "group": "default", "parameters": {"S": {"P": 10}}}],
                "unified_cm": "cucm", "platform": {"ova_users": 25000, "business_edition_6000": false},
                "protected": true, "credentials": {"axl": "a"}, "tls": {}, "dns": {"servers": []}, "pages": "http",
                "parameters": {"S": {"P": "Enabled"}}
            },
            {"name": "apac", "publisher": "imp2", "state": "gone"}
        ],
        "topology": {"shape": "hub", "hub": "emea", "links": [{"between": ["emea", "apac"], "transport": "tls"}]},
        "parameters": {"S": {"P": -1}},
        "policy": {
            "unmanaged_peers": "delete", "max_deletes": 1, "max_restarts": 2, "concurrent_syncs_per_cluster": 1,
            "canary_above": 5, "sip_federation": false, "survive_dns_loss": true,
            "xcp_restart": {
                "batch": "per-link", "after_delete": "never", "high_availability": "leave", "max_clusters_at_once": 1
            },
            "window": {"days": ["sat"], "from": "01:00", "to": "05:00", "zone": "UTC"}
        },
        "accept": [{
            "rule": "DR090", "cluster": "emea", "peer": "apac", "node": "imp1", "service": "S", "parameter": "P",
            "reason": "r", "owner": "o", "until": "2027-06-30"
        }]
    })
}

#[test]
fn a_document_with_every_key_is_accepted_and_comes_back_as_it_was() {
    let document = everything();
    assert!(schema_accepts(&document));
    let model: Mesh = serde_json::from_value(document.clone()).unwrap();
    // nothing of it is lost, so the document does use every key that it shows
    let back = serde_json::to_value(&model).unwrap();
    let again: Mesh = serde_json::from_value(back.clone()).unwrap();
    assert_eq!(model, again);
    assert!(schema_accepts(&back), "what the model writes, the schema accepts");
    let mut keys = Vec::new();
    collect_keys(&mesh::schema(), &mut keys);
    for key in keys {
        assert!(document.to_string().contains(&format!("\"{key}\":")), "`{key}` is missing in the document");
    }
}

fn collect_keys(schema: &Value, keys: &mut Vec<String>) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        keys.extend(properties.keys().cloned());
    }
    match schema {
        Value::Object(object) => object.values().for_each(|v| collect_keys(v, keys)),
        Value::Array(items) => items.iter().for_each(|v| collect_keys(v, keys)),
        _ => {}
    }
}

/// Values that stand at the edges of what the model reads.
fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<u32>().prop_map(Value::from),
        any::<u32>().prop_map(|n| json!(f64::from(n))),
        any::<f64>().prop_filter_map("finite", |n| serde_json::Number::from_f64(n).map(Value::Number)),
        prop::sample::select(vec![
            json!(0),
            json!(-0.0),
            json!(1.0),
            json!(0.5),
            json!(4_294_967_295_u64),
            json!(4_294_967_296_u64),
            json!(-1),
            json!(1e30),
            json!(""),
            json!("tcp"),
            json!("tls"),
            json!("TCP"),
            json!("full"),
            json!("absent"),
            json!("intermesh/v1"),
            json!("Mesh"),
            json!("14"),
            json!("sat"),
            json!("leave"),
        ]),
        "[a-z]{0,8}".prop_map(Value::from),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 24, 4, |inner| {
        let key =
            prop::sample::select(vec!["name", "publisher", "env", "exec", "axl", "x", "", "between", "transport"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((key, inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

/// One change of a document: a value replaced, removed, or added.
#[derive(Clone, Debug)]
enum Change {
    Replace(prop::sample::Index, Value),
    Remove(prop::sample::Index),
    Add(prop::sample::Index, String, Value),
    Double(prop::sample::Index),
}

fn change() -> impl Strategy<Value = Change> {
    let mut keys = Vec::new();
    collect_keys(&mesh::schema(), &mut keys);
    keys.push("unknown".to_owned());
    prop_oneof![
        4 => (any::<prop::sample::Index>(), any_value()).prop_map(|(i, v)| Change::Replace(i, v)),
        2 => any::<prop::sample::Index>().prop_map(Change::Remove),
        1 => (any::<prop::sample::Index>(), prop::sample::select(keys), any_value()).prop_map(|(i, k, v)| Change::Add(i, k, v)),
        1 => any::<prop::sample::Index>().prop_map(Change::Double),
    ]
}

fn pointers(value: &Value, pointer: &str, all: &mut Vec<String>) {
    all.push(pointer.to_owned());
    match value {
        Value::Object(object) => object.iter().for_each(|(k, v)| pointers(v, &format!("{pointer}/{k}"), all)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, v)| pointers(v, &format!("{pointer}/{i}"), all)),
        _ => {}
    }
}

fn apply(document: &mut Value, change: Change) {
    let mut all = Vec::new();
    pointers(document, "", &mut all);
    let at = |index: prop::sample::Index| all[index.index(all.len())].clone();
    match change {
        Change::Replace(index, value) => *document.pointer_mut(&at(index)).unwrap() = value,
        Change::Add(index, key, value) => {
            if let Some(Value::Object(object)) = document.pointer_mut(&at(index)) {
                object.insert(key, value);
            }
        }
        Change::Double(index) => {
            if let Some(Value::Array(items)) = document.pointer_mut(&at(index)) {
                let copy = items.clone();
                items.extend(copy);
            }
        }
        Change::Remove(index) => {
            let pointer = at(index);
            let Some((parent, key)) = pointer.rsplit_once('/') else { return };
            match document.pointer_mut(parent) {
                Some(Value::Object(object)) => drop(object.shift_remove(key)),
                Some(Value::Array(items)) => drop(items.remove(key.parse().unwrap())),
                _ => {}
            }
        }
    }
}

/// serde reads a struct from a list, and a variant without a value from `{"name": null}`. YAML cannot be told not to,
/// but the schema refuses both, and it is asked first; so such documents say nothing about the two.
fn beyond_serde(value: &Value) -> bool {
    let by_kind = |error: &jsonschema::ValidationError<'_>| {
        matches!(error.kind(), jsonschema::error::ValidationErrorKind::Type { .. })
            && (error.instance().is_array() || error.instance().is_object())
    };
    let enum_of_map = |error: &jsonschema::ValidationError<'_>| {
        matches!(error.kind(), jsonschema::error::ValidationErrorKind::Enum { .. }) && error.instance().is_object()
    };
    jsonschema::draft202012::new(&mesh::schema()).unwrap().iter_errors(value).any(|e| by_kind(&e) || enum_of_map(&e))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn what_the_schema_accepts_the_model_loads_and_the_reverse(changes in prop::collection::vec(change(), 0..4)) {
        let mut document = everything();
        changes.into_iter().for_each(|change| apply(&mut document, change));
        let (schema, model) = (schema_accepts(&document), model_loads(&document));
        if schema != model && !beyond_serde(&document) {
            prop_assert!(false, "schema: {schema}, model: {model}\n{document:#}");
        }
        prop_assert!(!schema || model, "the schema accepts what the model cannot read\n{document:#}");
    }

    #[test]
    fn random_documents_are_judged_alike(document in any_value()) {
        prop_assert_eq!(schema_accepts(&document), model_loads(&document));
    }

    #[test]
    fn a_document_means_the_same_as_json_and_as_loaded_text(changes in prop::collection::vec(change(), 0..3)) {
        let mut document = everything();
        changes.into_iter().for_each(|change| apply(&mut document, change));
        // JSON is YAML, but for keys longer than 1,024 characters and the like, which are not made here
        match fixture::load(&document.to_string()) {
            Ok(loaded) => prop_assert_eq!(loaded.mesh, serde_json::from_value::<Mesh>(document).unwrap()),
            Err(findings) => {
                let of_shape = |code: &str| ["IM003", "IM004", "IM005", "IM006", "IM007", "IM008"].contains(&code);
                let by_shape = findings.findings.iter().any(|f| of_shape(f.code) && !(f.code == "IM006" && f.pointer == "/proxy"));
                prop_assert_eq!(by_shape, !schema_accepts(&document), "{:?}", findings);
            }
        }
    }
}
