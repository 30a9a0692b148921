//! What was probably meant, and lists of words for people.

/// The candidate that was probably meant, if one is close enough to be worth a question.
pub(super) fn closest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = given.to_lowercase();
    let scored = candidates.into_iter().map(|candidate| {
        let known = candidate.to_lowercase();
        (strsim::damerau_levenshtein(&lower, &known), candidate, known)
    });
    let (distance, candidate, known) = scored.min_by_key(|(distance, _, _)| *distance)?;
    // a third of the letters may be wrong; of three letters one
    let length = lower.chars().count().max(known.chars().count());
    (distance <= (length / 3).max(1) && distance < length).then_some(candidate)
}

/// `a`, `b` and `c`, in backticks; beyond eight the rest is counted.
pub(super) fn listed(words: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    const SHOWN: usize = 8;
    let mut words: Vec<String> = words.into_iter().map(|word| format!("`{}`", word.as_ref())).collect();
    if words.len() > SHOWN + 1 {
        let rest = words.len() - SHOWN;
        words.truncate(SHOWN);
        words.push(format!("{rest} more"));
    }
    joined(words, "and")
}

/// a, b or c.
pub(super) fn one_of(words: impl IntoIterator<Item = impl Into<String>>) -> String {
    joined(words.into_iter().map(Into::into).collect(), "or")
}

fn joined(mut words: Vec<String>, conjunction: &str) -> String {
    match words.pop() {
        None => "none".to_owned(),
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{} {conjunction} {last}", words.join(", ")),
    }
}

/// `1 cluster`, `2 clusters`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_is_close_and_never_far() {
        for (given, meant) in [
            ("clusterz", Some("clusters")),
            ("Clusters", Some("clusters")),
            ("tpc", Some("tcp")),
            ("polciy", Some("policy")),
            ("tsl", None),
            ("x", None),
            ("banana", None),
        ] {
            assert_eq!(closest(given, ["clusters", "policy", "tcp"]), meant, "{given}");
        }
    }

    #[test]
    fn lists_read_like_sentences() {
        assert_eq!(listed(["a"]), "`a`");
        assert_eq!(listed(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(one_of(["a", "b", "c"]), "a, b or c");
        assert!(listed((0..30).map(|n| n.to_string())).ends_with("`7` and 22 more"));
        assert_eq!(counted(1, "node"), "1 node");
        assert_eq!(counted(2, "node"), "2 nodes");
    }
}
