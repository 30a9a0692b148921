//! Which schema versions a release accepts (field-notes 3.3): its own major release, the two before it, and 8.0,
//! which ICSA itself uses.

/// The major releases, with the way the product writes them in its list.
const MAJORS: &[(u32, &str)] =
    &[(8, "8.x"), (9, "9.x"), (10, "10.x"), (11, "11.x"), (12, "12.x"), (14, "14.0"), (15, "15.0")];

/// The schema version of ICSA's own requests.
const OF_ICSA: &str = "8.0";

/// Whether a release accepts requests of a schema version.
pub(super) fn is_supported(release: &str, version: &str) -> bool {
    let accepted = supported(release);
    let minor = version.split_once('.').and_then(|(_, minor)| minor.parse::<u32>().ok());
    let accepts = |(known, name): &(u32, &str)| *known == major(version) && (name.ends_with('x') || minor == Some(0));
    version == OF_ICSA || (minor.is_some() && accepted.iter().any(accepts))
}

/// The text of the 599 page.
pub(super) fn refusal(release: &str, _version: &str) -> String {
    let names: Vec<&str> = supported(release).iter().map(|(_, name)| *name).collect();
    let list = match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => OF_ICSA.to_owned(),
    };
    format!("Incorrect axl version. Supported axl versions are {list}")
}

fn supported(release: &str) -> &'static [(u32, &'static str)] {
    let own = MAJORS.iter().rposition(|(known, _)| *known <= major(release)).unwrap_or(0);
    &MAJORS[own.saturating_sub(2)..=own]
}

fn major(version: &str) -> u32 {
    version.split('.').next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_releases_back_are_accepted() {
        for (release, version, expected) in [
            ("15.0.1.10000-1", "15.0", true),
            ("15.0.1.10000-1", "14.0", true),
            ("15.0.1.10000-1", "12.5", true),
            ("15.0.1.10000-1", "11.5", false),
            ("15.0.1.10000-1", "8.0", true),
            ("14.0.1.12900-6", "15.0", false),
            ("14.0.1.12900-6", "14.1", false),
            ("14.0.1.12900-6", "11.5", true),
            ("12.5.1.14900-1", "14.0", false),
            ("12.5.1.14900-1", "10.0", true),
            ("12.5.1.14900-1", "", false),
            ("12.5.1.14900-1", "12", false),
        ] {
            assert_eq!(is_supported(release, version), expected, "{version} on {release}");
        }
    }

    #[test]
    fn the_page_lists_them_as_the_product_does() {
        assert_eq!(
            refusal("15.0.1.10000-1", "11.5"),
            "Incorrect axl version. Supported axl versions are 12.x, 14.0 and 15.0"
        );
    }
}
