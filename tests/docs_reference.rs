//! The pages of the book that are made from what the program itself knows: the keys of a mesh file from its schema, the
//! rules from their catalogue, the commands from their help. `UPDATE_GOLDEN=1` writes them anew.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use command::{im, intermesh, run};
use intermesh::mesh;
use serde_json::Value;

/// What stands at the top of every page that is made.
const MADE: &str = "<!-- Made by tests/docs_reference.rs; UPDATE_GOLDEN=1 makes it anew. -->\n\n";

fn page(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src/reference").join(name);
    let text = format!("{MADE}{}\n", text.trim_end());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == text,
        "{} is not what the program says; run with UPDATE_GOLDEN=1 and review the change\n{}",
        path.display(),
        similar::TextDiff::from_lines(&expected, &text).unified_diff()
    );
}

/// A text of the schema, in one line of a table.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// A text of the schema without the list of values that follows it; those have a table of their own.
fn sentence(of: &Value) -> String {
    let text = of["description"].as_str().unwrap_or_default();
    let values = text.find("\n\n- `").filter(|_| of["enum"].is_array());
    flat(&text[..values.unwrap_or(text.len())])
}

/// The definition that a value points to, with its name.
fn definition<'a>(schema: &'a Value, of: &'a Value) -> Option<(&'a str, &'a Value)> {
    let name = of["$ref"].as_str()?.strip_prefix("#/$defs/")?;
    Some((name, &schema["$defs"][name]))
}

/// What a key takes, in words; and what it points to.
fn takes(schema: &Value, of: &Value) -> String {
    if let Some((name, inner)) = definition(schema, of) {
        if inner["type"] == "object" {
            return format!("[{name}](#{})", name.to_lowercase());
        }
        let values = inner["enum"].as_array().unwrap();
        let listed: Vec<_> = values.iter().map(|value| format!("`{}`", value.as_str().unwrap())).collect();
        return match values.len() {
            1 => listed.concat(),
            2..=5 => format!("[{}](#{})", listed.join(", "), name.to_lowercase()),
            _ => listed.join(", "),
        };
    }
    match &of["type"] {
        Value::Array(types) => types.iter().map(|kind| word(kind.as_str().unwrap())).collect::<Vec<_>>().join(" or "),
        kind if kind == "array" => format!("list of {}", takes(schema, &of["items"])),
        kind if kind == "object" => format!("by name: {}", takes(schema, &of["additionalProperties"])),
        kind => word(kind.as_str().unwrap()).to_owned(),
    }
}

fn word(kind: &str) -> &str {
    match kind {
        "string" => "text",
        "integer" => "whole number",
        "boolean" => "true or false",
        other => panic!("no word for `{other}`"),
    }
}

/// Definitions that a value leads to, as the keys name them first.
fn leads_to<'a>(schema: &'a Value, of: &'a Value, found: &mut Vec<&'a str>) {
    if let Some((name, inner)) = definition(schema, of)
        && !found.contains(&name)
    {
        found.push(name);
        leads_to(schema, inner, found);
    }
    for key in ["items", "additionalProperties"] {
        if of[key].is_object() {
            leads_to(schema, &of[key], found);
        }
    }
    for inner in of["properties"].as_object().into_iter().flat_map(|properties| properties.values()) {
        leads_to(schema, inner, found);
    }
}

/// A table of keys.
fn keys(schema: &Value, of: &Value) -> String {
    let mut text = String::from("| key | takes | when not given | |\n|---|---|---|---|\n");
    let required = of["required"].as_array().cloned().unwrap_or_default();
    for (key, value) in of["properties"].as_object().unwrap() {
        let default = match (&value["default"], required.contains(&Value::from(key.as_str()))) {
            (_, true) => "**must be given**".to_owned(),
            (Value::Null, _) => "–".to_owned(),
            (Value::Array(_), _) => "none".to_owned(),
            (Value::String(text), _) => format!("`{text}`"),
            (other, _) => format!("`{other}`"),
        };
        writeln!(text, "| `{key}` | {} | {default} | {} |", takes(schema, value), sentence(value)).unwrap();
    }
    text
}

#[test]
fn the_mesh_file_reference_is_the_schemas() {
    let schema = mesh::schema();
    let mut text = String::from(
        "# The mesh file\n\n\
         Every key, from the file's schema, `schemas/mesh.v1.json`: an editor with a YAML language server completes and \
         checks them as you write. How unquoted values are read stands in [Unquoted values](values.md); what the rules \
         ask beyond the shape, in [Rules](rules.md). `intermesh init` writes a file to begin with, `intermesh import` \
         one of the mesh that is there.\n\n## The file\n\n",
    );
    text += &keys(&schema, &schema);
    let mut found = Vec::new();
    leads_to(&schema, &schema, &mut found);
    assert_eq!(found.len(), schema["$defs"].as_object().unwrap().len(), "a definition that nothing leads to");
    for name in found {
        let of = &schema["$defs"][name];
        let values = of["enum"].as_array();
        if values.is_some_and(|values| values.len() == 1 || values.len() > 5) {
            continue;
        }
        write!(text, "\n## {name}\n\n{}\n\n", sentence(of)).unwrap();
        let Some(values) = values else {
            text += &keys(&schema, of);
            continue;
        };
        text += "| value | |\n|---|---|\n";
        for (value, meaning) in values.iter().zip(of["enumDescriptions"].as_array().unwrap()) {
            writeln!(text, "| `{}` | {} |", value.as_str().unwrap(), flat(meaning.as_str().unwrap())).unwrap();
        }
    }
    page("mesh-file.md", &text);
}

#[test]
fn the_rules_are_the_catalogues() {
    let mut text = String::from(
        "# Rules\n\n\
         What `intermesh validate` asks of a mesh file beyond its shape. A code never changes its meaning. A warning or \
         an advice that is meant to be so is accepted in the file, with who, why and until when:\n\n\
         ```yaml\naccept:\n  - {rule: IM014, reason: TLS required by audit, owner: uc-team, until: 2027-06-30}\n```\n\n\
         | code | | |\n|---|---|---|\n",
    );
    for rule in mesh::rules() {
        writeln!(text, "| [{0}](#{1}) | {2} | {3} |", rule.code, anchor(rule), rule.severity, flat(rule.title))
            .unwrap();
    }
    for rule in mesh::rules() {
        let told = im(&["explain", rule.code]);
        assert_eq!(told.code, 0, "{told}");
        let (_, body) = told.out.split_once("\n\n").unwrap();
        let (prose, examples) = body.split_once("\nWrong:\n\n").unwrap();
        let (wrong, right) = examples.split_once("\nRight:\n\n").unwrap();
        let yaml = |example: &str| {
            let lines = example.lines().map(|line| line.strip_prefix("    ").unwrap_or(line));
            lines.fold(String::new(), |text, line| text + line.trim_end() + "\n")
        };
        let (wrong, right) = (yaml(wrong), yaml(right));
        write!(text, "\n## {} {} {{#{}}}\n\n*{}.* ", rule.code, rule.title, anchor(rule), rule.severity).unwrap();
        write!(text, "{}\n\nWrong:\n\n```yaml\n{wrong}```\n\nRight:\n\n```yaml\n{right}```\n", prose.trim_end())
            .unwrap();
    }
    page("rules.md", &text);
}

fn anchor(rule: &mesh::Rule) -> String {
    rule.code.to_lowercase()
}

#[test]
fn the_kinds_of_drift_are_the_catalogues() {
    let mut text = String::from(
        "# Kinds of drift\n\n\
         What `intermesh drift` finds. A code never changes its meaning. What is meant to be so is accepted in the mesh \
         file, place by place: [Accept what is meant to be so](../verify-and-drift.md#accept-what-is-meant-to-be-so).\n",
    );
    let listed = im(&["explain", "--list"]).out;
    let codes: Vec<_> = listed.split_whitespace().filter(|word| word.len() == 5 && word.starts_with("DR")).collect();
    assert!(codes.len() > 20, "{listed}");
    for code in codes {
        let told = im(&["explain", code]);
        assert_eq!(told.code, 0, "{told}");
        let (title, body) = told.out.split_once("\n\n").unwrap();
        write!(text, "\n## {title} {{#{}}}\n\n{}\n", code.to_lowercase(), body.trim_end()).unwrap();
    }
    page("drift.md", &text);
}

/// The commands that a help lists.
fn commands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let named = listed.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    named.filter_map(|line| line.split(' ').next()).filter(|word| *word != "help").map(str::to_owned).collect()
}

/// Writes what a command's help says, and below it those of its own commands.
fn tell(words: &[String], text: &mut String) {
    let ended = run(Command::new(intermesh()).args(words).arg("--help"));
    assert_eq!(ended.code, 0, "{words:?} {ended}");
    let name = std::iter::once("intermesh").chain(words.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
    let help = ended.out.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n");
    write!(text, "\n## {name}\n\n```text\n{}\n```\n", help.trim_end()).unwrap();
    for below in commands(&ended.out) {
        tell(&[words, &[below]].concat(), text);
    }
}

#[test]
fn the_commands_are_their_helps() {
    let mut text = String::from(
        "# Commands\n\n\
         What `--help` says of every command. `intermesh man DIR` writes the same as manual pages, `intermesh completions \
         SHELL` as completions. Which command ends with which code: [Exit codes](exit-codes.md).\n",
    );
    tell(&[], &mut text);
    page("commands.md", &text);
}
