//! What `utils network host` printed, as addresses and names. The headings are published, the lines below them are not
//! (field-notes 7): addresses and names are found by their form, and what has neither is told in its own words.

use std::net::IpAddr;

use super::answers::last_line;
use crate::cluster::{ErrorKind, NodeName};

/// More addresses than this no node has.
const MOST: usize = 16;

/// How a node resolves a name or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The lines below `Local Resolution:`.
    pub local: Vec<String>,
    /// The lines below `External Resolution:`; none when DNS knows nothing.
    pub external: Vec<String>,
}

impl Lookup {
    /// Whether DNS, which ICSA and the peers ask, knew an answer.
    pub fn is_resolved(&self) -> bool {
        !self.external.is_empty()
    }

    /// The addresses that DNS gave for a name, each once.
    pub fn addresses(&self) -> Vec<IpAddr> {
        let mut found: Vec<IpAddr> = Vec::new();
        for address in self.words().filter_map(|word| word.parse().ok()) {
            if !found.contains(&address) && found.len() < MOST {
                found.push(address);
            }
        }
        found
    }

    /// The names that DNS gave for an address, each once. A name has a domain, or is the first label of the name that
    /// is expected: any other word is none.
    pub fn names(&self, expected: &str) -> Vec<String> {
        let label = expected.split('.').next().unwrap_or(expected);
        let host = |word: &str| {
            let lower = word.to_ascii_lowercase();
            let of_address = lower.ends_with(".in-addr.arpa") || lower.ends_with(".ip6.arpa");
            let letters = lower.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
            let domain = lower.contains('.') && lower.contains(|c: char| c.is_ascii_alphabetic());
            letters && !of_address && word.parse::<IpAddr>().is_err() && (domain || lower.eq_ignore_ascii_case(label))
        };
        let mut found: Vec<String> = Vec::new();
        for word in self.words().filter(|word| host(word)) {
            if !found.iter().any(|known| NodeName::from(known.as_str()).same(&NodeName::from(word))) {
                found.push(word.to_owned());
            }
        }
        found
    }

    /// What DNS said, for people.
    pub(super) fn said(&self) -> String {
        last_line(&self.external.join("\n"))
    }

    /// The words of DNS's answer, the lines aside that tell which server was asked.
    fn words(&self) -> impl Iterator<Item = &str> {
        let answers = self.external.iter().filter(|line| !line.to_ascii_lowercase().starts_with("server"));
        answers
            .flat_map(|line| line.split_whitespace())
            .map(|word| word.trim_start_matches(['(', '[']).trim_end_matches([')', ']', ',', ';', '.']))
    }
}

/// Reads the answer of `utils network host`.
pub(super) fn read(text: &str) -> Result<Lookup, ErrorKind> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let heading = |name: &str| lines.iter().position(|line| line.to_ascii_lowercase().starts_with(name));
    let (Some(local), Some(external)) = (heading("local resolution:"), heading("external resolution:")) else {
        let detail = format!("no `Local Resolution:` and `External Resolution:`, but `{}`", last_line(text));
        return Err(ErrorKind::Malformed { detail });
    };
    let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    let mut found = Lookup {
        local: owned(lines.get(local + 1..external).unwrap_or_default()),
        external: owned(lines.get(external + 1..).unwrap_or_default()),
    };
    found.external.retain(|line| !line.to_ascii_lowercase().contains("no external servers found"));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_resolved_when_dns_says_anything() {
        let text =
            "Local Resolution:\nimp1 resolves locally to 10.1.0.1\n\nExternal Resolution:\nNo external servers found\n";
        let found = read(text).unwrap();
        assert!(!found.is_resolved() && found.addresses().is_empty());
        assert_eq!(found.local, ["imp1 resolves locally to 10.1.0.1"]);
        let found = read("Local Resolution:\n\nExternal Resolution:\nimp1 has address 10.1.0.1\n").unwrap();
        assert!(found.is_resolved() && found.local.is_empty());
        assert!(matches!(read("No valid command entered"), Err(ErrorKind::Malformed { .. })));
    }

    #[test]
    fn addresses_and_names_are_found_by_their_form() {
        let external = |lines: &[&str]| Lookup {
            local: vec!["imp9.example.com resolves locally to 10.9.9.9".to_owned()],
            external: lines.iter().map(|line| (*line).to_owned()).collect(),
        };
        for (lines, addresses, names) in [
            (&["imp1.example.com has address 10.1.0.1"][..], "10.1.0.1", "imp1.example.com"),
            (&["Server: 10.0.0.53", "Address: 10.0.0.53#53", "Name: imp1", "Address: 10.1.0.1"], "10.1.0.1", "imp1"),
            (&["1.0.1.10.in-addr.arpa domain name pointer IMP1.example.com."], "", "IMP1.example.com"),
            (
                &["10.1.0.1 resolves to imp1", "10.1.0.1 resolves to imp1.example.com."],
                "10.1.0.1",
                "imp1 imp1.example.com",
            ),
            (&["imp1 has IPv6 address fd00::1", "imp1 has IPv6 address fd00::1"], "fd00::1", "imp1"),
            (&["Host not found."], "", ""),
        ] {
            let found = external(lines);
            let shown: Vec<String> = found.addresses().iter().map(ToString::to_string).collect();
            assert_eq!((shown.join(" "), found.names("imp1.example.com").join(" ")), (addresses.into(), names.into()));
        }
    }
}
