//! Releases as the product writes them: `14`, `14.0.1.12900-6`, `12.5(1)`, `12.5(1)SU4`, `15SU2`.

use std::fmt;

/// A release, as far as it is given: `12.5` may be any of its service updates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Major and minor number.
    pub version: (u32, u32),
    /// The service update; `None` where the text does not say.
    pub service_update: Option<u32>,
    text: String,
}

impl Release {
    /// Reads a release; nothing if the text is none.
    pub fn read(text: &str) -> Option<Release> {
        let upper = text.trim().to_ascii_uppercase();
        let (version, update) = match upper.split_once("SU") {
            Some((version, update)) => (version.to_owned(), Some(update.trim().parse().ok()?)),
            None => (upper, None),
        };
        // `12.5(1)` is `12.5.1`; builds such as `14.0.1.12900-6` are read as far as the numbers matter
        let dotted = version.trim().replace('(', ".").replace(')', "");
        let mut numbers = dotted.split(['.', '-']);
        let major: u32 = numbers.next()?.parse().ok()?;
        let minor = numbers.next().map_or(Some(0), |n| n.parse::<u32>().ok())?;
        let rest_is_numbers = numbers.all(|n| n.parse::<u32>().is_ok());
        // the first IM and Presence releases were 7.x; a year is not a release
        let plausible = (7..100).contains(&major);
        (plausible && rest_is_numbers).then(|| Release {
            version: (major, minor),
            service_update: update,
            text: text.trim().to_owned(),
        })
    }

    /// Whether this release is certainly older than another.
    pub fn before(&self, other: &Release) -> bool {
        match self.version.cmp(&other.version) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Greater => false,
            std::cmp::Ordering::Equal => match (self.service_update, other.service_update) {
                (Some(own), Some(others)) => own < others,
                // `12.5` and `12.5(1)` may have any service update
                _ => false,
            },
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_read_as_the_product_writes_them() {
        for (text, version, update) in [
            ("14", (14, 0), None),
            ("14.0.1.12900-6", (14, 0), None),
            ("12.5(1)", (12, 5), None),
            ("12.5(1)SU4", (12, 5), Some(4)),
            ("15su2", (15, 0), Some(2)),
            ("14 SU 3", (14, 0), Some(3)),
        ] {
            let release = Release::read(text).unwrap();
            assert_eq!((release.version, release.service_update), (version, update), "{text}");
        }
        for text in ["", "fourteen", "14.x", "2026", "v14", "SU4", "-1"] {
            assert_eq!(Release::read(text), None, "{text}");
        }
    }

    #[test]
    fn an_older_release_is_older_for_certain() {
        let before = |a, b| Release::read(a).unwrap().before(&Release::read(b).unwrap());
        assert!(before("12.5(1)SU3", "12.5(1)SU4"));
        assert!(before("11.5", "12.5(1)SU4"));
        assert!(!before("12.5(1)", "12.5(1)SU4"), "nobody knows");
        assert!(!before("14", "12.5(1)SU4"));
        assert!(!before("14", "14"));
    }
}
