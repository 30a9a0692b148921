//! The published schema of saved plans: it is the types', and plans are valid under it.

mod support;

use std::path::Path;

use intermesh::plan;
use support::{Bench, mesh_of};

#[test]
fn the_published_schema_is_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/plan.v1.json");
    let made = serde_json::to_string_pretty(&plan::schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(text == made, "schemas/plan.v1.json and the types differ; run with UPDATE_SCHEMAS=1 and review the change");
}

#[tokio::test(start_paused = true)]
async fn plans_are_valid_and_others_are_not() {
    let validator = jsonschema::draft202012::new(&plan::schema()).unwrap();
    for (seed, topology) in [(1, "topology: {shape: full}\n"), (2, "topology: {shape: hub, hub: c01}\n")] {
        let bench = Bench::new(mesh_of(3, topology, ""), seed, |_| ());
        let plan = bench.plan().await;
        let mut value: serde_json::Value = serde_json::from_str(&plan::write(&plan).unwrap()).unwrap();
        let wrong: Vec<String> = validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        value["steps"][0]["action"] = serde_json::json!({"dance": {}});
        assert!(!validator.is_valid(&value));
    }
}
