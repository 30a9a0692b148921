//! SARIF 2.1.0, for code scanning.

use serde_json::{Value, json};

use super::Level;

/// A report. The category keeps the reports of several commands on one commit apart.
pub fn report(category: Option<&str>, rules: Vec<Value>, results: Vec<Value>) -> String {
    let mut run = json!({
        "tool": {"driver": {
            "name": "intermesh",
            "version": env!("CARGO_PKG_VERSION"),
            "informationUri": env!("CARGO_PKG_REPOSITORY"),
            "rules": rules,
        }},
        "columnKind": "unicodeCodePoints",
        "results": results,
    });
    if let Some(category) = category {
        run["automationDetails"] = json!({"id": format!("intermesh/{category}/")});
    }
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    format!("{report:#}\n")
}

/// A result at a region of a file, such as `{"startLine": 3}`. By its identity it is the same result in another report.
pub fn result(code: &str, level: Level, text: &str, (file, region): (&str, Value), identity: &str) -> Value {
    json!({
        "ruleId": code,
        "level": self::level(level),
        "message": {"text": text},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(file)}, "region": region}}],
        "partialFingerprints": {"intermesh/v1": identity},
    })
}

/// The word of a level.
pub fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

/// A path as a relative reference: with slashes, and with everything escaped that a reference may not hold.
pub fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}
