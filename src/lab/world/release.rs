//! The release of a cluster, as far as the product behaves differently by release (field-notes 1.9).

/// A release: the numbers of a version such as `12.5.1.14900-32`, where the fourth number carries the service update
/// in its second and third digit (SU4 is `14900`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Release {
    major: u32,
    minor: u32,
    maintenance: u32,
    service_update: u32,
}

impl Release {
    /// Reads a version; numbers that are missing count as zero.
    pub(super) fn read(version: &str) -> Release {
        let mut numbers = version.split(['.', '-', '(', ')']).map(|n| n.trim().parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        let (major, minor, maintenance, build): (u32, u32, u32, u32) = (next(), next(), next(), next());
        Release { major, minor, maintenance, service_update: (build / 1000) % 10 }
    }

    /// `Last Synchronized Time` and the auto-recovery parameter came with 12.5(1).
    pub(super) fn has_last_synchronized(self) -> bool {
        (self.major, self.minor) >= (12, 5)
    }

    /// The certificate-sync parameter came with 12.5(1)SU4 and 14.
    pub(super) fn has_certificate_sync(self) -> bool {
        self.major >= 14 || (self.has_last_synchronized() && self.service_update >= 4)
    }

    /// Before 14, a deleted peer asks for a restart of the XCP Router.
    pub(super) fn restarts_after_delete(self) -> bool {
        self.major < 14
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_follow_the_release() {
        for (version, last, certificates, restarts) in [
            ("11.5.1.18900-15", false, false, true),
            ("12.5.1.10000-22", true, false, true),
            ("12.5.1.13900-5", true, false, true),
            ("12.5.1.14900-32", true, true, true),
            ("14.0.1.12900-6", true, true, false),
            ("15.0.1.10000-10", true, true, false),
            ("nonsense", false, false, true),
        ] {
            let release = Release::read(version);
            let found =
                (release.has_last_synchronized(), release.has_certificate_sync(), release.restarts_after_delete());
            assert_eq!(found, (last, certificates, restarts), "{version}");
        }
    }
}
