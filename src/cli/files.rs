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
    save_with(what, path, |file| file.write_all(text.as_bytes()))
}

/// Writes a file like [`save`], in the blocks that `fill` hands over.
///
/// # Errors
/// The file cannot be written; what was there before is untouched.
pub fn save_with(
    what: &str,
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Failure> {
    replace(path, fill)
        .map_err(|e| Failure::new(Exit::Failed, format!("failed to save the {what} `{}`: {e}", path.display())))
}

fn replace(path: &Path, fill: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> std::io::Result<()> {
    // a pipe or a device is written to, not replaced
    if path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return fill(&mut std::fs::File::create(path)?);
    }
    // written beside and moved into place, so that no half a file is ever found
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = beside().tempfile_in(folder)?;
    fill(&mut file)?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// A new file like one that `>` makes: who may read it is the umask's business.
fn beside() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.html");
        for text in ["a long text that was there before", "short"] {
            save("page", &path, text).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        assert!(save("page", &folder.path().join("no/such/folder"), "x").is_err());
    }
}
