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
}
