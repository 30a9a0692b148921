//! Texts that people read, compared with files in `tests/golden/`. `UPDATE_GOLDEN=1` writes them anew.

use std::path::Path;

/// Compares a text with its golden file.
#[track_caller]
pub fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == text,
        "{} differs; run with UPDATE_GOLDEN=1 and review the change\n{}",
        path.display(),
        similar::TextDiff::from_lines(&expected, text).unified_diff()
    );
}
