//! Names for clusters that have none: read from the publishers' node names, the same for the same clusters.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::mesh::{ClusterName, NodeName};

/// A name for each publisher, in their order; none of them is taken already, letter case aside.
pub(super) fn names(publishers: &[&NodeName], taken: &[&ClusterName]) -> Vec<ClusterName> {
    let proposals: Vec<Vec<String>> = publishers.iter().map(|publisher| proposals(publisher)).collect();
    let mut levels = vec![0; publishers.len()];
    let name = |at: usize, level: usize| proposals[at].get(level).or_else(|| proposals[at].last()).cloned();
    loop {
        let mut holders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, level) in levels.iter().enumerate() {
            holders.entry(name(at, *level).unwrap_or_default()).or_default().push(at);
        }
        let is_taken = |name: &str| taken.iter().any(|t| t.as_str().eq_ignore_ascii_case(name));
        let clashing = holders.into_iter().filter(|(name, at)| at.len() > 1 || is_taken(name)).flat_map(|(_, at)| at);
        let mut moved = false;
        for at in clashing.collect::<Vec<_>>() {
            if levels[at] + 1 < proposals[at].len() {
                levels[at] += 1;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    let mut used: Vec<String> = taken.iter().map(|name| name.as_str().to_lowercase()).collect();
    let mut order: Vec<usize> = (0..publishers.len()).collect();
    order.sort_by_key(|at| publishers[*at].normal());
    let mut names = vec![ClusterName::default(); publishers.len()];
    for at in order {
        let plain = name(at, levels[at]).unwrap_or_default();
        let numbered = (2..).map(|n| format!("{plain}-{n}"));
        let free = std::iter::once(plain.clone()).chain(numbered).find(|name| !used.contains(name));
        let free = free.unwrap_or(plain);
        used.push(free.clone());
        names[at] = ClusterName::from(free);
    }
    names
}

/// What a cluster might be called, the best first. Of `imp1.emea.example.com` the part that tells where it is: `emea`.
fn proposals(publisher: &NodeName) -> Vec<String> {
    let name = publisher.normal();
    if name.parse::<IpAddr>().is_ok() {
        return vec![usable(&name)];
    }
    let labels: Vec<&str> = name.split('.').collect();
    let proposals = match labels.as_slice() {
        // a host, a place, a domain of two labels or more
        [host, place, _, _, ..] => {
            vec![(*place).to_owned(), (*host).to_owned(), format!("{place}-{host}"), name.clone()]
        }
        [host, ..] => vec![(*host).to_owned(), name.clone()],
        [] => vec![name.clone()],
    };
    proposals.iter().map(|proposal| usable(proposal)).collect()
}

/// A name as the mesh file takes it: letters, digits, `.`, `_` and `-`.
fn usable(text: &str) -> String {
    let text: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' }).collect();
    let text = text.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    if text.is_empty() { "cluster".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_is_called_after_its_place() {
        for (publishers, expected) in [
            (&["imp1.emea.example.com", "imp1.apac.example.com"][..], &["emea", "apac"][..]),
            (&["imp-emea.example.com", "imp-apac.example.com"], &["imp-emea", "imp-apac"]),
            // one domain, and the hosts differ
            (&["imp-a.uc.example.com", "imp-b.uc.example.com"], &["imp-a", "imp-b"]),
            (
                &["imp1.uc.example.com", "imp1.uc.example.org", "imp9.emea.example.com"],
                &["imp1.uc.example.com", "imp1.uc.example.org", "emea"],
            ),
            (&["10.10.0.11", "2001:db8::1", "imp1"], &["10.10.0.11", "2001-db8--1", "imp1"]),
            (&["imp1", "IMP1."], &["imp1", "imp1-2"]),
            (&["::"], &["cluster"]),
        ] {
            let names_of: Vec<NodeName> = publishers.iter().map(|p| NodeName::from(*p)).collect();
            let found = names(&names_of.iter().collect::<Vec<_>>(), &[]);
            assert_eq!(found.iter().map(ClusterName::as_str).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn a_name_that_is_taken_is_left() {
        let publisher = NodeName::from("imp1.emea.example.com");
        let found = names(&[&publisher], &[&"EMEA".into()]);
        assert_eq!(found, ["imp1".into()]);
    }
}
