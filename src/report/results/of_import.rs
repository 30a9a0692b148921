//! Results of an import: what could not be read, what is not as it should be, and what is to be filled in.

use super::{Finding, Number, Results, Severity};
use crate::mesh::topology;
use crate::plan::import::{Imported, Remark, RemarkKind};
use crate::report::counted;

impl Results {
    /// An import into this file.
    pub fn of_import(imported: &Imported, file: &str, at: jiff::Timestamp, exit: u8) -> Results {
        let mesh = &imported.draft.mesh;
        let mut findings: Vec<Finding> = imported.remarks.iter().map(|remark| told(remark, file)).collect();
        findings.sort_by_key(|finding| finding.severity);
        let count = |kind: RemarkKind| imported.remarks.iter().filter(|remark| remark.kind == kind).count();
        let (links, unread) = (topology::links(mesh).len(), imported.unread.len());
        let number = |name, help, value: usize| Number { name, help, labels: Vec::new(), value: value as f64 };
        let words = format!(
            "{}, {} not read, {}; {} of damage",
            counted(mesh.clusters.len(), "cluster"),
            unread,
            counted(links, "link"),
            counted(count(RemarkKind::Damage), "finding"),
        );
        Results {
            command: "import",
            mesh: Some(mesh.metadata.name.clone()),
            file: file.to_owned(),
            at,
            exit,
            words,
            findings,
            checks: Vec::new(),
            numbers: vec![
                number("import_clusters", "Clusters that the walk found", mesh.clusters.len()),
                number("import_unread_clusters", "Clusters that could not be read", unread),
                number("import_links", "Links of the mesh file that was made", links),
            ],
        }
    }
}

fn told(remark: &Remark, file: &str) -> Finding {
    let (code, title, severity) = match remark.kind {
        RemarkKind::NotRead => ("import.unread", "something could not be read", Severity::Error),
        RemarkKind::Damage => ("import.damage", "the clusters are not as they should be", Severity::Warning),
        RemarkKind::FillIn => ("import.fill-in", "something is to be filled in or looked at", Severity::Note),
    };
    let about: Vec<&str> = remark.about.iter().map(|cluster| cluster.as_str()).collect();
    Finding {
        code: code.to_owned(),
        title: title.to_owned(),
        severity,
        about: if about.is_empty() { file.to_owned() } else { about.join(" and ") },
        message: remark.what.clone(),
        help: remark.todo.clone(),
        line: None,
    }
}
