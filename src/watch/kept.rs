//! What was found over time, in a file, so that a restart forgets nothing and tells nothing twice.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::board::{Board, FORMAT};

/// The file.
#[derive(Clone, Debug)]
pub struct Kept(PathBuf);

impl Kept {
    /// A file at a path.
    pub fn at(path: &Path) -> Kept {
        Kept(path.to_owned())
    }

    /// What it holds; a new board where there is none.
    ///
    /// # Errors
    /// The file is there and cannot be read, or holds something else: in words, so that nothing is written over it.
    pub fn read(&self) -> Result<Board, String> {
        let text = match std::fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Board::default()),
            Err(error) => return Err(format!("failed to read `{}`: {error}", self.0.display())),
        };
        let wrong = |why: String| format!("`{}` does not hold what a watch keeps: {why}", self.0.display());
        let value: serde_json::Value = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
        match value.get("format").and_then(serde_json::Value::as_u64) {
            Some(format) if format == u64::from(FORMAT) => {}
            Some(format) => return Err(wrong(format!("it has format {format}, and this intermesh knows {FORMAT}"))),
            None => return Err(wrong("it has no `format`".to_owned())),
        }
        serde_json::from_value(value).map_err(|e| wrong(e.to_string()))
    }

    /// Replaces it as a whole.
    ///
    /// # Errors
    /// It cannot be written, in words; what was there before is untouched.
    pub fn write(&self, board: &Board) -> Result<(), String> {
        let failed = |e: &dyn std::fmt::Display| format!("failed to keep `{}`: {e}", self.0.display());
        let text = serde_json::to_vec(board).map_err(|e| failed(&e))?;
        let folder = self.0.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|e| failed(&e))?;
        file.write_all(&text).map_err(|e| failed(&e))?;
        file.persist(&self.0).map_err(|e| failed(&e.error))?;
        Ok(())
    }
}
