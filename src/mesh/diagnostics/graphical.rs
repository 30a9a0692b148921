//! The report for people at a terminal.

use std::fmt;
use std::sync::Arc;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};

use super::{Diagnosis, Look};
use crate::mesh::finding::{Finding, Severity};
use crate::mesh::rules;

pub(super) fn render(diagnosis: &Diagnosis<'_>, look: Look) -> String {
    let theme = if look.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    // below 40 columns nothing can be read in any case
    let handler = GraphicalReportHandler::new_themed(theme).with_width(look.width.max(40)).with_links(false);
    let text = Arc::new(diagnosis.shown());
    let mut report = String::new();
    for finding in diagnosis.findings {
        let excerpt = can_be_quoted(&text, finding);
        let source = NamedSource::new(diagnosis.source.name(), Arc::clone(&text));
        // writing to a string does not fail; what was written before an error is better than nothing
        let _ = handler.render_report(&mut report, &Drawn { finding, source, excerpt });
        report.push('\n');
    }
    let name = diagnosis.source.name();
    match diagnosis.tally() {
        Some(tally) => report += &format!("{name}: {tally}\n"),
        None => report += &format!("{name}: nothing is wrong\n"),
    }
    report
}

/// The longest line that a report quotes; a longer one would be a wall of text.
const MAX_LINE: usize = 300;

/// Whether the lines of a finding and those around them are short enough to be quoted.
fn can_be_quoted(text: &str, finding: &Finding) -> bool {
    let places = std::iter::once(finding.start).chain(finding.related.iter().map(|r| r.start));
    let mut lines = places.map(|start| start.line);
    !text.is_empty()
        && lines.all(|line| text.lines().skip(line.saturating_sub(2)).take(3).all(|quoted| quoted.len() <= MAX_LINE))
}

/// A finding as miette draws it.
#[derive(Debug)]
struct Drawn<'a> {
    finding: &'a Finding,
    excerpt: bool,
    source: NamedSource<Arc<String>>,
}

impl std::error::Error for Drawn<'_> {}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.finding.message)?;
        match self.excerpt || self.source.inner().is_empty() {
            true => Ok(()),
            false => write!(f, " ({}:{}:{})", self.source.name(), self.finding.line(), self.finding.column()),
        }
    }
}

impl Diagnostic for Drawn<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.finding.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Advice => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let mut lines: Vec<&str> = self.finding.help.as_deref().into_iter().collect();
        let procedure = rules::rule(self.finding.code).and_then(|rule| rule.procedure);
        let quoted = procedure.map(|sentence| format!("documented: {sentence}"));
        lines.extend(quoted.as_deref());
        (!lines.is_empty()).then(|| Box::new(lines.join("\n")) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.then_some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        if !self.excerpt {
            return None;
        }
        let own = LabeledSpan::new_primary_with_span(Some(self.finding.label.clone()), self.finding.span.clone());
        let related =
            self.finding.related.iter().map(|r| LabeledSpan::new_with_span(Some(r.label.clone()), r.span.clone()));
        Some(Box::new(std::iter::once(own).chain(related)))
    }
}
