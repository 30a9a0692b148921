//! One reference, followed to its password.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use secrecy::SecretString;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use super::PasswordSource;

/// Longer than any password of the product (its fields end at 128 characters), and short enough to be read by mistake.
const MAX_BYTES: u64 = 16 * 1024;
/// As much of a program's complaint as is shown.
const MAX_COMPLAINT: usize = 600;

/// Follows a reference.
///
/// # Errors
/// It leads nowhere; with a sentence that says why and holds nothing secret.
pub(super) async fn password(source: &PasswordSource, folder: &Path, limit: Duration) -> Result<SecretString, String> {
    match source {
        PasswordSource::Env(variable) => from_env(variable),
        PasswordSource::File(path) => from_file(&folder.join(path)),
        PasswordSource::Exec(command) => from_program(command, folder, limit).await,
    }
}

fn from_env(variable: &str) -> Result<SecretString, String> {
    // asking for such a name would panic
    if variable.is_empty() || variable.contains(['=', '\0']) {
        return Err(format!("`{variable}` cannot be the name of an environment variable"));
    }
    let Some(value) = std::env::var_os(variable) else {
        return Err(format!("the environment variable `{variable}` is not set"));
    };
    let text = value.into_string().map_err(|_| format!("the environment variable `{variable}` is not UTF-8"))?;
    one_line(text, &format!("the environment variable `{variable}`"))
}

fn from_file(path: &Path) -> Result<SecretString, String> {
    let shown = path.display();
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("there is no file `{shown}`"),
        _ => format!("the file `{shown}` cannot be read: {error}"),
    };
    let file = std::fs::File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if !about.is_file() {
        return Err(format!("`{shown}` is not a file"));
    }
    refuse_open_doors(&about, &shown.to_string())?;
    let mut text = String::new();
    file.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
    one_line(text, &format!("the file `{shown}`"))
}

#[cfg(unix)]
fn refuse_open_doors(about: &std::fs::Metadata, shown: &str) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    const GROUP_AND_OTHERS: u32 = 0o066;
    if about.permissions().mode() & GROUP_AND_OTHERS == 0 {
        return Ok(());
    }
    Err(format!("others can read the file `{shown}`, or write to it; run `chmod 600 {shown}`"))
}

#[cfg(not(unix))]
fn refuse_open_doors(_: &std::fs::Metadata, _: &str) -> Result<(), String> {
    Ok(())
}

async fn from_program(command: &[String], folder: &Path, limit: Duration) -> Result<SecretString, String> {
    let Some((program, arguments)) = command.split_first() else { return Err("`exec` names no program".to_owned()) };
    let mut child = Command::new(located(program, folder))
        .args(arguments)
        .current_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => format!("there is no program `{program}`"),
            _ => format!("the program `{program}` cannot be run: {error}"),
        })?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let run = async {
        let (output, complaint) = tokio::join!(read_some(stdout), read_some(stderr));
        (child.wait().await, output, complaint)
    };
    let Ok((status, output, complaint)) = tokio::time::timeout(limit, run).await else {
        return Err(format!("the program `{program}` was stopped after {} s", limit.as_secs_f64()));
    };
    let status = status.map_err(|error| format!("the program `{program}` cannot be waited for: {error}"))?;
    if !status.success() {
        let ending =
            status.code().map_or_else(|| "was killed".to_owned(), |code| format!("ended with exit code {code}"));
        return Err(format!("the program `{program}` {ending}{}", complained(&complaint)));
    }
    // whatever is not UTF-8 in it, it is not shown
    let text = String::from_utf8(output).map_err(|_| format!("what the program `{program}` printed is not UTF-8"))?;
    one_line(text, &format!("what the program `{program}` printed"))
}

/// A program by its path is looked for beside the mesh file, one by its name in `PATH`.
fn located(program: &str, folder: &Path) -> PathBuf {
    let path = Path::new(program);
    if path.is_relative() && path.components().count() > 1 {
        // a relative program is relative to the folder it starts in on some systems only
        let joined = folder.join(path);
        return std::path::absolute(&joined).unwrap_or(joined);
    }
    path.to_path_buf()
}

/// Reads to the end, and keeps no more than anybody needs.
async fn read_some(stream: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut kept = Vec::new();
    if let Some(mut stream) = stream {
        // what cannot be read is as good as not said; the exit code decides
        let _ = (&mut stream).take(MAX_BYTES + 1).read_to_end(&mut kept).await;
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    }
    kept
}

fn complained(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let words: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() {
        return " and said nothing".to_owned();
    }
    let shown: String = words.chars().take(MAX_COMPLAINT).collect();
    let more = if shown.len() < words.len() { " ..." } else { "" };
    format!(": {shown}{more}")
}

/// A password is one line; the line break after it does not count.
fn one_line(mut text: String, origin: &str) -> Result<SecretString, String> {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    let problem = if text.is_empty() {
        "is empty"
    } else if text.len() as u64 > MAX_BYTES {
        "is too long for a password"
    } else if text.contains(['\n', '\r', '\0']) {
        "is more than one line"
    } else {
        return Ok(SecretString::from(text));
    };
    Err(format!("{origin} {problem}"))
}
