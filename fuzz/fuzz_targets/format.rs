//! What is formatted means the same, keeps its comments, and stays as it is when formatted again.
//! `cargo +nightly fuzz run format tests/corpus/mesh`

#![no_main]

use intermesh::mesh::{FormatError, format};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match format("mesh.yaml", text) {
        Ok(once) => assert_eq!(format("mesh.yaml", &once).ok().as_ref(), Some(&once), "not stable"),
        Err(FormatError::Unreadable(_)) => {}
        // the file is left alone, which is safe; that it happens is worth knowing
        Err(FormatError::Unfaithful { .. }) => {}
    }
});
