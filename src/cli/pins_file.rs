//! Pins files on disk.

use std::io::ErrorKind;
use std::path::Path;

use super::{Exit, Failure, files};
use crate::imp::Pins;

/// Reads a pins file; none where there is no such file.
///
/// # Errors
/// It cannot be read, or is no pins file: with its line and column.
pub fn read(path: &Path) -> Result<Option<Pins>, Failure> {
    let name = path.display();
    match std::fs::read_to_string(path) {
        Ok(text) => Pins::read(&text).map(Some).map_err(|wrong| {
            let message = format!("{name}:{}:{}: it is no pins file: {}", wrong.line, wrong.column, wrong.why);
            Failure::new(Exit::MeshWrong, message)
                .hint("`intermesh trust MESH` writes it anew once it is mended or moved away.")
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::new(Exit::MeshWrong, format!("failed to read the pins file `{name}`: {error}"))),
    }
}

/// Writes a pins file, as a whole or not at all.
///
/// # Errors
/// It cannot be written.
pub fn write(path: &Path, pins: &Pins) -> Result<(), Failure> {
    files::save("pins", path, &pins.write())
}
