//! The colours of pictures, on white and on black, and the patterns that say the same without colour.

use std::fmt::Write;

use crate::report::graph::Fate;

/// A colour by its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// The ground.
    Ground,
    /// Words.
    Word,
    /// Lesser words, and what stays as it is.
    Dim,
    /// Lines that only help the eye.
    Faint,
    /// What is added.
    Add,
    /// What is changed.
    Change,
    /// What is deleted.
    Delete,
    /// Waiting for a sync.
    Sync,
    /// Restarts.
    Restart,
    /// High Availability switched off.
    Away,
}

impl Ink {
    const ALL: [Ink; 10] = [
        Ink::Ground,
        Ink::Word,
        Ink::Dim,
        Ink::Faint,
        Ink::Add,
        Ink::Change,
        Ink::Delete,
        Ink::Sync,
        Ink::Restart,
        Ink::Away,
    ];

    /// Its name in classes.
    pub fn name(self) -> &'static str {
        match self {
            Ink::Ground => "ground",
            Ink::Word => "word",
            Ink::Dim => "dim",
            Ink::Faint => "faint",
            Ink::Add => "add",
            Ink::Change => "change",
            Ink::Delete => "delete",
            Ink::Sync => "sync",
            Ink::Restart => "restart",
            Ink::Away => "away",
        }
    }

    /// On white, and on black. Contrast to the ground is at least 4.5 for all that carries meaning.
    fn colors(self) -> (&'static str, &'static str) {
        match self {
            Ink::Ground => ("#ffffff", "#0d1117"),
            Ink::Word => ("#1f2328", "#e6edf3"),
            Ink::Dim => ("#59636e", "#9198a1"),
            Ink::Faint => ("#d1d9e0", "#30363d"),
            Ink::Add => ("#1a7f37", "#3fb950"),
            Ink::Change => ("#9a6700", "#d29922"),
            Ink::Delete => ("#cf222e", "#f85149"),
            Ink::Sync => ("#0969da", "#58a6ff"),
            Ink::Restart => ("#bc4c00", "#f0883e"),
            Ink::Away => ("#8250df", "#bc8cff"),
        }
    }
}

impl Fate {
    /// The colour of what becomes of an entry.
    pub(super) fn ink(self) -> Ink {
        match self {
            Fate::Kept | Fate::Unknown => Ink::Dim,
            Fate::Added => Ink::Add,
            Fate::Changed | Fate::Replaced | Fate::Resynced | Fate::Odd => Ink::Change,
            Fate::Deleted | Fate::Missing | Fate::Broken => Ink::Delete,
        }
    }

    /// How its line is broken.
    pub(super) fn dashes(self) -> Option<&'static str> {
        match self {
            Fate::Kept | Fate::Added => None,
            Fate::Changed | Fate::Odd => Some("9 4"),
            Fate::Replaced => Some("12 3 2 3"),
            Fate::Resynced => Some("5 3"),
            Fate::Deleted | Fate::Broken => Some("2 4"),
            Fate::Missing => Some("1 6"),
            Fate::Unknown => Some("4 6"),
        }
    }

    /// How thick its line is.
    pub(super) fn width(self) -> f64 {
        match self {
            Fate::Kept | Fate::Missing | Fate::Unknown => 1.5,
            Fate::Added
            | Fate::Changed
            | Fate::Replaced
            | Fate::Resynced
            | Fate::Deleted
            | Fate::Odd
            | Fate::Broken => 2.5,
        }
    }
}

/// The style sheet: a class `f-…` that fills and one `s-…` that strokes, for every colour.
pub fn style_sheet() -> String {
    let mut light = String::new();
    let mut dark = String::new();
    for ink in Ink::ALL {
        let (on_white, on_black) = ink.colors();
        let name = ink.name();
        for (sheet, color) in [(&mut light, on_white), (&mut dark, on_black)] {
            let _ = write!(sheet, ".f-{name}{{fill:{color}}}.s-{name}{{stroke:{color}}}");
        }
    }
    // paper is white, whatever the screen is
    format!(
        "text{{font-family:system-ui,-apple-system,'Segoe UI','Liberation Sans',Arial,sans-serif}}{light}\
         @media screen and (prefers-color-scheme:dark){{{dark}}}"
    )
}
