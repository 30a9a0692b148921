//! Whatever the text, the loader answers, its spans are inside of it, and every report can be drawn.
//! `cargo +nightly fuzz run load tests/corpus/mesh`

#![no_main]

use intermesh::mesh::diagnostics::{Diagnosis, Look};
use intermesh::mesh::{Finding, load_str};
use jiff::civil::Date;
use libfuzzer_sys::fuzz_target;

fn check(text: &str, findings: &[Finding], diagnosis: Diagnosis<'_>) {
    for finding in findings {
        assert!(text.get(finding.span.clone()).is_some());
    }
    let _ = diagnosis.graphical(Look { color: false, width: 80 });
    let _ = (diagnosis.json(), diagnosis.sarif(), diagnosis.github(), diagnosis.gitlab());
}

fuzz_target!(|text: &str| {
    match load_str("mesh.yaml", text, Date::constant(2026, 11, 22)) {
        Ok(loaded) => check(text, &loaded.warnings, Diagnosis::from(&loaded)),
        Err(findings) => check(text, &findings.findings, Diagnosis::from(&findings)),
    }
});
