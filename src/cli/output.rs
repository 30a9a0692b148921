//! Files that a command writes beside what it prints: `--output FORMAT=FILE`, as often as wanted, so that one run
//! gives all that a pipeline needs. They are written also when the command fails: what is missing from a report is
//! taken for good.

use std::path::{Path, PathBuf};

use super::{Exit, Failure, Printer, files};
use crate::report::results::{Finding, Format, Results, Severity};

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

/// What a command came to, for its files.
pub struct Ended<'a> {
    /// How it ended.
    pub exit: Exit,
    /// What it found; asked for only where a file wants it.
    pub results: Box<dyn Fn() -> Results + 'a>,
    /// The formats that are the command's own, or that it writes in another way than others; none for the rest.
    pub own: Own<'a>,
}

impl<'a> Ended<'a> {
    /// With results that are there already.
    pub fn new(exit: Exit, results: Results, own: Own<'a>) -> Ended<'a> {
        Ended { exit, results: Box::new(move || results.clone()), own }
    }
}

/// The text of a format, where a command writes that format by itself.
pub type Own<'a> = Box<dyn Fn(&str) -> Option<Result<String, Failure>> + 'a>;

/// Runs a command, and writes its files however it ends.
///
/// # Errors
/// The command's own; a file cannot be written.
pub async fn written<'a>(
    outputs: &[OutputFile],
    command: &'static str,
    file: &Path,
    printer: &Printer,
    work: impl Future<Output = Result<Ended<'a>, Failure>>,
) -> Result<Exit, Failure> {
    match work.await {
        Ok(Ended { exit, results, own }) => {
            for output in outputs {
                let text = match (own(&output.format), Format::of_name(&output.format)) {
                    (Some(text), _) => text?,
                    (None, Some(format)) => rendered(&results(), format)?,
                    (None, None) => continue,
                };
                output.save(&text, printer)?;
            }
            Ok(exit)
        }
        Err(failure) => {
            let results = failed(command, file, &failure);
            for output in outputs {
                // there is no picture of a failure
                let Some(format) = Format::of_name(&output.format) else { continue };
                if let Err(second) = rendered(&results, format).and_then(|text| output.save(&text, printer)) {
                    printer.err(&second.message);
                }
            }
            Err(failure)
        }
    }
}

impl OutputFile {
    /// Writes the file; `-` is standard output.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn save(&self, text: &str, printer: &Printer) -> Result<(), Failure> {
        if self.path.as_os_str() == "-" {
            printer.out(text);
            return Ok(());
        }
        files::save(&format!("{} report", self.format), &self.path, text)
    }
}

fn rendered(results: &Results, format: Format) -> Result<String, Failure> {
    results.render(format).map_err(|why| Failure::new(Exit::Failed, format!("failed to write the report: {why}")))
}

/// A command's failure as its only result.
fn failed(command: &'static str, file: &Path, failure: &Failure) -> Results {
    let file = file.display().to_string();
    let mut findings = failure.findings.clone();
    let words = match (failure.message.as_str(), findings.first()) {
        ("", None) => "it ended early; its log says why".to_owned(),
        ("", Some(finding)) => finding.message.clone(),
        (message, _) => message.to_owned(),
    };
    if findings.is_empty() {
        findings.push(Finding {
            code: "command.failed".to_owned(),
            title: format!("{command} failed"),
            severity: Severity::Error,
            about: file.clone(),
            message: words.clone(),
            help: (!failure.hints.is_empty()).then(|| failure.hints.join(" ")),
            line: None,
        });
    }
    Results {
        command,
        mesh: None,
        file,
        at: jiff::Timestamp::now(),
        exit: failure.exit.code(),
        words,
        findings,
        checks: Vec::new(),
        numbers: Vec::new(),
    }
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
}
