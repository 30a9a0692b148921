//! Schema versions: which one to speak is learned from the product (HTTP 599).

/// The versions that were ever current, oldest first. What is asked for here did not change between them.
const KNOWN: [&str; 11] = ["8.0", "8.5", "9.0", "10.0", "10.5", "11.0", "11.5", "12.0", "12.5", "14.0", "15.0"];

/// The version to begin with: accepted by 12.5, 14 and 15 (N-2 major releases, field-notes 3.3).
pub(in super::super) const FIRST: &str = "12.5";

/// The newest version we know among those that an HTTP 599 page lists, such as `12.x, 14.0 and 15.0`.
pub(super) fn choose(page: &str) -> Option<&'static str> {
    let lower = page.to_ascii_lowercase();
    let (_, list) = lower.split_once("supported axl version")?;
    let list = list.split('<').next().unwrap_or_default();
    let patterns: Vec<&str> = list
        .split(|c: char| !(c.is_ascii_digit() || c == '.' || c == 'x'))
        .map(|word| word.trim_matches('.'))
        .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    let listed = |version: &str| {
        let major = version.split('.').next().unwrap_or_default();
        patterns.iter().any(|p| *p == version || *p == major || p.strip_suffix(".x") == Some(major))
    };
    KNOWN.into_iter().rev().find(|version| listed(version))
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn the_newest_known_version_is_chosen() {
        for (page, expected) in [
            (
                "<h1>HTTP Status 599 - Incorrect axl version. Supported axl versions are 12.x, 14.0 and 15.0</h1>",
                Some("15.0"),
            ),
            ("Supported axl versions are 10.x, 11.x and 12.x.", Some("12.5")),
            ("supported AXL versions are 9.0 and 10.5.</p><p>Apache Tomcat/9.0.1", Some("10.5")),
            ("Supported axl versions are 15.0 and 17.0", Some("15.0")),
            ("Supported axl versions are 17.x", None),
            ("Apache Tomcat/9.0", None),
            ("", None),
        ] {
            assert_eq!(choose(page), expected, "{page}");
        }
    }
}
