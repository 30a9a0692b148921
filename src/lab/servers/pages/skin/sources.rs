//! The text of the skins: templates, style sheets and scripts.

use crate::lab::Skin as Kind;

/// The text of a skin.
pub(super) struct Source {
    own: &'static [(&'static str, &'static str)],
    /// What the skin does not have of its own is taken from here.
    others: &'static [(&'static str, &'static str)],
    pub(super) style: &'static str,
    pub(super) script: &'static str,
    pub(super) framed: bool,
}

impl Source {
    /// Every template by its name, the skin's own before another's.
    pub(super) fn templates(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let taken = |name: &str| self.own.iter().any(|(own, _)| *own == name);
        self.own.iter().copied().chain(self.others.iter().copied().filter(move |(name, _)| !taken(name)))
    }
}

/// The text of a skin.
pub(super) fn of(kind: Kind) -> Source {
    let source = |own, style, script| Source { own, others: &[], style, script, framed: false };
    match kind {
        Kind::Classic => source(CLASSIC, include_str!("classic/style.css"), ""),
        Kind::Tables => source(TABLES, include_str!("tables/style.css"), ""),
        Kind::Frames => Source { framed: true, ..source(FRAMES, include_str!("frames/style.css"), "") },
        Kind::Script => Source {
            others: CLASSIC,
            ..source(
                SCRIPT,
                concat!(include_str!("classic/style.css"), include_str!("script/style.css")),
                include_str!("script/script.js"),
            )
        },
    }
}

macro_rules! templates {
    ($folder:literal: $($name:literal)*) => {
        &[$((concat!($name, ".html"), include_str!(concat!($folder, "/", $name, ".html")))),*]
    };
}

const CLASSIC: &[(&str, &str)] = templates!("classic":
    "base" "login" "home" "dashboard" "topology" "node" "peers" "peer" "sync" "parameters" "notifications"
    "troubleshooter" "services"
);

const TABLES: &[(&str, &str)] = templates!("tables":
    "base" "login" "home" "dashboard" "topology" "node" "peers" "peer" "sync" "parameters" "notifications"
    "troubleshooter" "services"
);

const FRAMES: &[(&str, &str)] = templates!("frames":
    "shell" "base" "login" "home" "dashboard" "topology" "node" "peers" "peer" "sync" "parameters" "notifications"
    "troubleshooter" "services"
);

const SCRIPT: &[(&str, &str)] = templates!("script":
    "base" "button" "peers" "peer" "parameters" "services"
);
