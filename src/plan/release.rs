//! Releases, as far as the procedure depends on them.

/// A release: major and minor number, such as 12.5 or 14.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    major: u32,
    minor: u32,
}

impl Release {
    /// From this release the deletion of a peer needs no XCP Router restart (field-notes 1.9).
    pub const DELETE_WITHOUT_RESTART: Release = Release { major: 14, minor: 0 };

    /// Reads the first two numbers of a version such as `12.5.1.15900-30`.
    pub fn read(version: &str) -> Option<Release> {
        let mut parts = version.trim().split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next().and_then(|p| p.parse().ok()).unwrap_or(0);
        Some(Release { major, minor })
    }
}

impl std::fmt::Display for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The numbers of a release as a version begins with them: `12.5(1)SU4` is `12.5.1`. Which build a service update
/// has is not told by its name.
pub fn numbers(release: &str) -> String {
    let base = release.trim().split(['S', 's']).next().unwrap_or_default();
    base.replace('(', ".").replace(')', "").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_ordered() {
        let read = |v| Release::read(v).unwrap();
        assert!(read("12.5.1.15900-30") < Release::DELETE_WITHOUT_RESTART);
        assert!(read("14.0.1.10000-1") >= Release::DELETE_WITHOUT_RESTART);
        assert!(read("15") >= Release::DELETE_WITHOUT_RESTART);
        assert!(read("9.1") < read("10.5"));
        assert_eq!(Release::read("unknown"), None);
    }

    #[test]
    fn releases_are_written_in_two_ways() {
        for (release, expected) in [("14", "14"), ("12.5", "12.5"), ("12.5(1)SU4", "12.5.1"), ("12.5(1)", "12.5.1")] {
            assert_eq!(numbers(release), expected);
        }
    }
}
