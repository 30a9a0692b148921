//! The names of the field, as types: a cluster, a node and a credential are never mixed up. A plan says each of them many
//! times, so copies share one text.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! name {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $type(Arc<str>);

        impl $type {
            /// The name as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $type {
            fn from(name: &str) -> Self {
                Self(name.into())
            }
        }

        impl From<String> for $type {
            fn from(name: String) -> Self {
                Self(name.into())
            }
        }

        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string"})
            }
        }
    };
}

name!(
    /// A cluster's name in the mesh file; ours, not the product's.
    ClusterName
);
name!(
    /// A node's name as System > Presence Topology shows it: IP address, host name or FQDN.
    NodeName
);
name!(
    /// The name of a credential reference in the mesh file.
    CredentialName
);

impl NodeName {
    /// The name with the differences removed that the product does not mean: letter case and a trailing dot.
    pub fn normal(&self) -> String {
        self.bare().to_ascii_lowercase()
    }

    fn bare(&self) -> &str {
        self.0.trim().trim_end_matches('.')
    }

    /// Whether both names mean the same node.
    pub fn same(&self, other: &NodeName) -> bool {
        self.bare().eq_ignore_ascii_case(other.bare())
    }

    /// Whether one of the two is the other's host name: its first label.
    pub fn is_short_or_long_for(&self, other: &NodeName) -> bool {
        let (a, b) = (self.normal(), other.normal());
        let is_name = |name: &str| name.parse::<IpAddr>().is_err();
        let host =
            |short: &str, long: &str| !short.contains('.') && long.split_once('.').is_some_and(|(h, _)| h == short);
        is_name(&a) && is_name(&b) && (host(&a, &b) || host(&b, &a))
    }

    /// What keeps the name from being a node's, by the product's own rules; none where nothing does.
    pub fn problem(&self) -> Option<String> {
        super::rules::problem_of_node_name(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::NodeName;

    #[test]
    fn a_host_name_is_the_first_label() {
        for (a, b, expected) in [
            ("imp1", "imp1.emea.example.com", true),
            ("IMP1.emea.example.com.", "imp1", true),
            ("imp1", "imp10.emea.example.com", false),
            ("imp1.apac.example.com", "imp1.emea.example.com", false),
            ("10", "10.1.1.1", false),
            ("imp1", "imp1", false),
        ] {
            assert_eq!(NodeName::from(a).is_short_or_long_for(&b.into()), expected, "{a} and {b}");
        }
    }
}
