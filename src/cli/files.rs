//! Files that commands write: whole or not at all.

use std::io::Write;
use std::path::Path;

use super::{Exit, Failure};

/// Writes a file; one that is there already is replaced as a whole, and only when all of it is written. `what` fits
/// after "failed to save the".
///
/// # Errors
/// The file cannot be written; what was there before is untouched.
pub fn save(what: &str, path: &Path, text: &str) -> Result<(), Failure> {
    let fail = |why: &dyn std::fmt::Display| {
        Failure::new(Exit::Failed, format!("failed to save the {what} `{}`: {why}", path.display()))
    };
    // written beside and moved into place, so that no half a file is ever found
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|e| fail(&e))?;
    file.write_all(text.as_bytes()).map_err(|e| fail(&e))?;
    file.persist(path).map_err(|e| fail(&e))?;
    Ok(())
}
