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
        Ok(ended) => {
            save(outputs, &ended, printer)?;
            let exit = ended.exit;
            // The process ends now, and gives all of it back at once; a large plan is a hundred thousand pieces.
            std::mem::forget(ended);
            Ok(exit)
        }
        Err(failure) => {
            let none: Own<'_> = Box::new(|_| None);
            let ended = Ended::new(failure.exit, failed(command, file, &failure), none);
            Err(save_beside(failure, outputs, &ended, printer))
        }
    }
}

/// The same for a command that keeps account of what it did: a file tells that also when it failed. `told` makes of an
/// exit, and of a failure with what is said of it, what there is for files. A file that cannot be written at the end is
/// told, and the exit stays what became of the clusters.
///
/// # Errors
/// The command's own; before it began, a file's folder is not there.
pub async fn written_of_account(
    outputs: &[OutputFile],
    command: &'static str,
    file: &Path,
    printer: &Printer,
    told: impl Fn(Exit, Option<(&Failure, Vec<Finding>)>) -> Ended<'static>,
    work: impl Future<Output = Result<Exit, Failure>>,
) -> Result<Exit, Failure> {
    if outputs.is_empty() {
        return work.await;
    }
    for output in outputs {
        output.has_a_folder()?;
    }
    match work.await {
        Ok(exit) => {
            if let Err(failure) = save(outputs, &told(exit, None), printer) {
                printer.err(&failure.message);
            }
            Ok(exit)
        }
        Err(failure) => {
            let findings = failed(command, file, &failure).findings;
            let ended = told(failure.exit, Some((&failure, findings)));
            Err(save_beside(failure, outputs, &ended, printer))
        }
    }
}

/// Writes every file, the next one also where one cannot be written; the first that cannot is the failure.
fn save(outputs: &[OutputFile], ended: &Ended<'_>, printer: &Printer) -> Result<(), Failure> {
    let mut first = Ok(());
    for output in outputs {
        let text = match ((ended.own)(&output.format), Format::of_name(&output.format)) {
            (Some(text), _) => text,
            (None, Some(format)) => rendered(&(ended.results)(), format),
            // there is no picture of a failure
            (None, None) => continue,
        };
        let saved = text.and_then(|text| output.save(&text, printer));
        match (&first, saved) {
            (Ok(()), Err(failure)) => first = Err(failure),
            (Err(_), Err(another)) => printer.err(&another.message),
            (_, Ok(())) => {}
        }
    }
    first
}

/// Writes every file of a command that failed: that is not hidden by a file that cannot be written.
fn save_beside(failure: Failure, outputs: &[OutputFile], ended: &Ended<'_>, printer: &Printer) -> Failure {
    if let Err(second) = save(outputs, ended, printer) {
        printer.err(&second.message);
    }
    failure
}

impl OutputFile {
    /// Makes sure of the file's folder, before hours of work whose report would have no place.
    fn has_a_folder(&self) -> Result<(), Failure> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let Some(folder) = folder.filter(|folder| !folder.is_dir()) else { return Ok(()) };
        let (format, path) = (&self.format, self.path.display());
        let message =
            format!("the {format} report `{path}` cannot be written: there is no folder `{}`", folder.display());
        Err(Failure::new(Exit::Failed, message).hint("Nothing was contacted. Make the folder, or name another file."))
    }

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
        ("", None) if failure.exit == Exit::Interrupted => "interrupted".to_owned(),
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
