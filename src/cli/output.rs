//! Files that a command writes beside what it prints: `--output FORMAT=FILE`, as often as wanted, so that one run
//! gives all that a pipeline needs.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Exit, Failure};

/// A file to write, and in which format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// One of the formats that the command knows.
    pub format: String,
    /// Where it is written.
    pub path: PathBuf,
}

impl OutputFile {
    /// Reads `FORMAT=FILE` for a command that knows these formats: a value parser for clap.
    pub fn parser(known: &'static [&'static str]) -> impl Fn(&str) -> Result<OutputFile, String> + Clone {
        move |given| {
            let formats = known.join(", ");
            let Some((format, path)) = given.split_once('=') else {
                return Err(format!("it is not FORMAT=FILE; formats are {formats}"));
            };
            if !known.contains(&format) {
                return Err(format!("there is no format `{format}`; formats are {formats}"));
            }
            if path.is_empty() {
                return Err(format!("no file is named; write `{format}=FILE`"));
            }
            Ok(OutputFile { format: format.to_owned(), path: path.into() })
        }
    }
}

/// Writes a file; one that is there already is replaced as a whole or not at all.
///
/// # Errors
/// The file cannot be written.
pub fn write_file(path: &Path, what: &str, text: &str) -> Result<(), Failure> {
    replace(path, text.as_bytes())
        .map_err(|e| Failure::new(Exit::Failed, format!("failed to write {what} to `{}`: {e}", path.display())))
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // a pipe or a device is written to, not replaced
    if path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return std::fs::write(path, bytes);
    }
    // written beside and moved into place, so that no half a file is ever found
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = beside().tempfile_in(folder)?;
    file.write_all(bytes)?;
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
    fn a_file_has_a_format_that_is_known() {
        for (given, expected) in [
            ("json=a.json", Ok(("json", "a.json"))),
            ("html=x/a=b.html", Ok(("html", "x/a=b.html"))),
            ("a.json", Err("it is not FORMAT=FILE; formats are json, html")),
            ("pdf=a", Err("there is no format `pdf`; formats are json, html")),
            ("json=", Err("no file is named; write `json=FILE`")),
        ] {
            let read = OutputFile::parser(&["json", "html"])(given);
            let expected = expected.map(|(format, path)| OutputFile { format: format.into(), path: path.into() });
            assert_eq!(read, expected.map_err(str::to_owned), "{given}");
        }
    }

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.html");
        for text in ["a long text that was there before", "short"] {
            write_file(&path, "the page", text).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        assert!(write_file(&folder.path().join("no/such/folder"), "the page", "x").is_err());
    }
}
