//! `intermesh --version`: which build this is, for a bug report.

use std::fmt::Write;

/// The version alone.
pub(super) const SHORT: &str = env!("CARGO_PKG_VERSION");

/// The version, and how it was built.
pub(super) fn long() -> String {
    let mut text = SHORT.to_owned();
    let facts = [
        ("commit", option_env!("INTERMESH_BUILD_COMMIT").unwrap_or("unknown")),
        ("target", env!("INTERMESH_BUILD_TARGET")),
        ("profile", env!("INTERMESH_BUILD_PROFILE")),
        ("compiler", env!("INTERMESH_BUILD_RUSTC")),
        ("features", if cfg!(feature = "browser") { "browser" } else { "none" }),
    ];
    for (name, value) in facts {
        // writing to a string does not fail
        let _ = write!(text, "\n{name:<9} {value}");
    }
    text
}
