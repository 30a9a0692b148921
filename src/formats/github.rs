//! Workflow commands of GitHub Actions, which become annotations of a pull request.

use super::Level;

/// A command: `place` is what follows the file, such as `,line=3`.
pub fn annotation(level: Level, file: &str, place: &str, title: &str, text: &str) -> String {
    let command = match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    format!("::{command} file={}{place},title={}::{}\n", property(file), property(title), data(text))
}

/// A text as the message of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text as a property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
