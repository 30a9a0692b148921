//! Is a file of the right shape? The schema judges; this says the judgement in sentences, at the right place, with
//! what was probably meant. No word of JSON Schema and no value below `credentials` reaches a message.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::finding::Finding;
use super::locations::{below, last_key};
use super::meant::{closest, listed, one_of};
use super::place::{self, is_password};
use super::report::Report;
use super::schema;

/// Reports everything that the schema refuses.
pub(super) fn check(value: &Value, report: &mut Report<'_>) {
    for error in schema::Judge::iter_errors(value) {
        translate(value, &error, report);
    }
}

fn translate(root: &Value, error: &ValidationError<'_>, report: &mut Report<'_>) {
    let pointer = error.instance_path().as_str();
    let instance: &Value = error.instance();
    let place = place::name(root, pointer);
    if is_password(pointer) {
        return password(pointer, instance, &place, error, report);
    }
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            for key in unexpected {
                unknown_key(pointer, key, instance, &place, report);
            }
        }
        ValidationErrorKind::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            if misspelt(pointer, key, instance) {
                return; // said of the key that is there
            }
            let mut finding = report.at_key("IM004", pointer, format!("{place} has no `{key}`"), "here");
            finding.help = Some(match schema::description(&below(pointer, key)) {
                Some(text) => format!("add `{key}`: {}", place::first_sentence(&text)),
                None => format!("add `{key}`"),
            });
            report.add(finding);
        }
        ValidationErrorKind::Type { .. } => wrong_kind(pointer, instance, &place, report),
        ValidationErrorKind::Enum { options } => not_an_option(pointer, instance, options, &place, report),
        ValidationErrorKind::Constant { expected_value } => {
            not_an_option(pointer, instance, expected_value, &place, report)
        }
        ValidationErrorKind::Minimum { limit } => {
            let message = format!("`{}` is {instance}; the least is {limit}", last_key(pointer));
            report.add(report.at_value("IM005", pointer, message, "too small"));
        }
        ValidationErrorKind::Maximum { limit } => {
            let message = format!("`{}` is {instance}; the most is {limit}", last_key(pointer));
            report.add(report.at_value("IM005", pointer, message, "too large"));
        }
        ValidationErrorKind::MinItems { .. } | ValidationErrorKind::MaxItems { .. } => {
            let count = instance.as_array().map_or(0, Vec::len);
            let message = format!("a link is between two clusters; this names {count}");
            let mut finding = report.at_value("IM005", pointer, message, "two names belong here");
            finding.help = Some("write one entry per pair: `- {between: [emea, apac]}`".to_owned());
            report.add(finding);
        }
        // the schema has no other keyword, which a test asserts
        _ => report.add(report.at_value("IM005", pointer, format!("{place} has a value that is not allowed"), "here")),
    }
}

fn unknown_key(pointer: &str, key: &str, instance: &Value, place: &str, report: &mut Report<'_>) {
    let known = schema::keys(pointer);
    let given = |known: &&String| instance.get(known.as_str()).is_some();
    let missing: Vec<&str> = known.iter().filter(|k| !given(k)).map(String::as_str).collect();
    let message = format!("`{key}` is not a key of {place}");
    let mut finding = report.at_key("IM003", &below(pointer, key), message, "not known here");
    finding.help = Some(if let Some(meant) = closest(key, missing.iter().copied()) {
        finding.label = format!("did you mean `{meant}`?");
        format!("write `{meant}`")
    } else if let Some(owners) = schema::owners(key) {
        format!("`{key}` is a key of {owners}; move it there, or remove it")
    } else {
        format!("remove it; the keys here are {}", listed(known.iter().map(String::as_str)))
    });
    report.add(finding);
}

/// Whether a key that is missing is there under a name that is not known.
fn misspelt(pointer: &str, key: &str, instance: &Value) -> bool {
    let known = schema::keys(pointer);
    let unknown = instance.as_object().into_iter().flat_map(|o| o.keys()).filter(|k| !known.contains(k));
    let missing = || known.iter().filter(|k| instance.get(k.as_str()).is_none()).map(String::as_str);
    unknown.into_iter().any(|k| closest(k, missing()) == Some(key))
}

fn wrong_kind(pointer: &str, instance: &Value, place: &str, report: &mut Report<'_>) {
    let wanted = schema::kinds(pointer);
    let wanted_text = one_of(wanted.iter().map(|kind| kind_name(kind)));
    let key = last_key(pointer);
    if instance.is_null() {
        let mut finding = report.at_key("IM005", pointer, format!("{place} has no value"), "nothing follows");
        finding.help = Some(if key.is_empty() {
            "`intermesh init` writes a mesh file to begin with".to_owned()
        } else {
            format!("give {wanted_text}, or remove `{key}`")
        });
        return once(finding, report);
    }
    let message = format!("{place} must be {wanted_text}, and is {}", kind_of(instance));
    let mut finding = report.at_value("IM005", pointer, message, &format!("{wanted_text} belongs here"));
    // what stands under `credentials` is not repeated
    let written = if pointer.starts_with("/credentials/") { "..." } else { report.text(pointer) };
    finding.help = help_for_kind(&wanted, instance, written);
    once(finding, report);
}

fn once(finding: Finding, report: &mut Report<'_>) {
    if !report.holds(&finding) {
        report.add(finding);
    }
}

fn help_for_kind(wanted: &[String], instance: &Value, written: &str) -> Option<String> {
    let wants = |kind: &str| wanted.iter().any(|w| w == kind);
    match instance {
        Value::Number(_) | Value::Bool(_) if wants("string") => Some(format!("put it in quotes: `\"{written}\"`")),
        Value::String(text) if wants("integer") => {
            let trimmed = text.trim_start_matches('0');
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            match (digits, trimmed) {
                (true, "") => Some("write it without quotes and leading zeros: `0`".to_owned()),
                (true, number) => Some(format!("write it without quotes and leading zeros: `{number}`")),
                _ => Some("write digits only, without quotes, signs of thousands or units".to_owned()),
            }
        }
        Value::String(text) if wants("boolean") => {
            let meant = match text.to_ascii_lowercase().as_str() {
                "yes" | "on" | "y" | "true" => "true",
                "no" | "off" | "n" | "false" => "false",
                _ => return Some("write `true` or `false`, without quotes".to_owned()),
            };
            Some(format!("write `{meant}`; YAML 1.2 knows no other word for it"))
        }
        Value::Object(_) if wants("array") => Some("begin each item with `- `".to_owned()),
        Value::String(_) if wants("array") => Some(format!("write a list: `[{written}]`")),
        _ => None,
    }
}

fn not_an_option(pointer: &str, instance: &Value, options: &Value, place: &str, report: &mut Report<'_>) {
    let single = std::slice::from_ref(options);
    let options: Vec<&str> =
        options.as_array().map_or(single, Vec::as_slice).iter().filter_map(Value::as_str).collect();
    let Some(given) = instance.as_str() else {
        // whether the judge says of a value of the wrong kind that it is no option either, is its own business
        return wrong_kind(pointer, instance, place, report);
    };
    // `between: [a, b]`: the key that names an item is the list's
    let key = place::nearest_key(pointer);
    let mut finding = report.at_value("IM007", pointer, format!("`{given}` is not a value of `{key}`"), "not known");
    if let Some(meant) = closest(given, options.iter().copied()) {
        finding.label = format!("did you mean `{meant}`?");
    }
    finding.help = Some(format!("write {}", one_of(options.iter().map(|o| format!("`{o}`")))));
    report.add(finding);
}

/// Whatever stands where a password's reference belongs is never said.
fn password(pointer: &str, instance: &Value, place: &str, error: &ValidationError<'_>, report: &mut Report<'_>) {
    let own = pointer.matches('/').count() == 3;
    let help = "use one of `{env: NAME}`, `{file: PATH}` and `{exec: [PROGRAM, ARGUMENT]}`";
    let mut finding = match (instance, error.kind()) {
        (Value::String(_) | Value::Number(_) | Value::Bool(_), _) if own => {
            let message = "a literal password is not allowed; use env, file or exec";
            report.at_value("IM006", pointer, message, "a reference belongs here")
        }
        (Value::Object(_), ValidationErrorKind::AdditionalProperties { .. }) => {
            // the key may be the password: `password: {hunter2}`
            let message = format!("{place} is given by a key that is not `env`, `file` or `exec`");
            report.at_value("IM008", pointer, message, "a reference belongs here")
        }
        (Value::Object(object), _) => {
            let message = format!("{place} needs exactly one of `env`, `file` and `exec`, and has {}", object.len());
            report.at_value("IM008", pointer, message, "one reference belongs here")
        }
        (Value::Array(items), ValidationErrorKind::MinItems { .. }) if items.is_empty() => {
            report.at_value("IM008", pointer, "`exec` names no program".to_owned(), "a program belongs here")
        }
        _ => {
            let wanted = one_of(schema::kinds(pointer).iter().map(|kind| kind_name(kind)));
            report.at_value("IM008", pointer, format!("{place} must be {wanted}"), "not a reference")
        }
    };
    finding.help = Some(help.to_owned());
    // two keys of which both are wrong are one mistake
    once(finding, report);
}

fn kind_of(value: &Value) -> &'static str {
    kind_name(match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    })
}

fn kind_name(kind: &str) -> &'static str {
    match kind {
        "boolean" => "`true` or `false`",
        "integer" => "a whole number",
        "number" => "a number with a fraction",
        "string" => "a text",
        "array" => "a list",
        "object" => "a map of keys and values",
        _ => "nothing",
    }
}
