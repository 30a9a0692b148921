//! The JSON Schema of a saved plan, for those who read plans with other tools: made from the types, published as
//! `schemas/plan.v1.json`.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::Plan;

/// Where the schema is published.
const ID: &str = "https://raw.githubusercontent.com/intermesh/intermesh/main/schemas/plan.v1.json";

/// The schema as a JSON document.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Plan>().to_value();
    if let Value::Object(root) = &mut schema {
        root.insert("$id".to_owned(), ID.into());
        root.insert("title".to_owned(), "A saved plan of intermesh, format 1".into());
    }
    schema
}
