//! Files that a command writes beside what it prints: `--output FORMAT=FILE`, as often as wanted, so that one run
//! gives all that a pipeline needs.

use std::path::PathBuf;

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
