//! What a node shows, and what that is worth: against its pins, and against the certificate authorities.

use jiff::Timestamp;
use serde::Serialize;

use crate::cluster::{Certificate, ClusterName, Error, NodeName};
use crate::imp::{HostKeyPin, NodePins, Pins, Shown};

/// A node that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Looked {
    /// Its cluster.
    pub cluster: ClusterName,
    /// Its name.
    pub node: NodeName,
    /// Its HTTPS certificate.
    pub https: Https,
    /// The host key of its platform CLI, where the mesh file has an account for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh: Option<Ssh>,
}

/// A node's certificate.
#[derive(Clone, Debug, Serialize)]
pub struct Https {
    /// What it says; none where the node was not reached.
    pub certificate: Option<Certificate>,
    /// SHA-256 of the whole certificate, in hexadecimal digits.
    pub fingerprint: Option<String>,
    /// Why no trusted authority verifies it; none where one does.
    pub not_verified: Option<String>,
    /// What it is worth.
    pub standing: Standing,
}

/// A node's host key.
#[derive(Clone, Debug, Serialize)]
pub struct Ssh {
    /// Its fingerprint; none where the node was not reached.
    pub host_key: Option<String>,
    /// What it is worth.
    pub standing: Standing,
}

/// What a key that was shown is worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Standing {
    /// A trusted authority verifies it; it needs no pin.
    Verified,
    /// It is pinned.
    Pinned,
    /// It is to be pinned.
    New,
    /// Another one is pinned.
    Changed {
        /// The pins that it does not have.
        pinned: Vec<String>,
    },
    /// Not to be trusted, pinned or not.
    Unfit {
        /// Why.
        why: String,
    },
    /// The node showed none.
    NotSeen {
        /// Why.
        why: String,
    },
}

impl Standing {
    /// Whether it is for a person to decide about.
    pub fn is_open(&self) -> bool {
        matches!(self, Standing::New | Standing::Changed { .. })
    }

    /// Whether a connection will be made.
    pub fn is_trusted(&self) -> bool {
        matches!(self, Standing::Verified | Standing::Pinned)
    }
}

impl Https {
    /// What was shown, judged.
    pub fn judge(shown: Result<Shown, Error>, pins: &[String], now: Timestamp, pin_all: bool) -> Https {
        match shown {
            Ok(Shown { certificate, der, verified }) => Https {
                standing: standing(&certificate, verified.is_ok() && !pin_all, pins, now),
                fingerprint: Some(fingerprint(&der)),
                not_verified: verified.err(),
                certificate: Some(certificate),
            },
            Err(error) => {
                let standing = Standing::NotSeen { why: error.kind.to_string() };
                Https { certificate: None, fingerprint: None, not_verified: None, standing }
            }
        }
    }
}

/// Pins come first, as they do when a connection is made: a pinned node must show a pinned key, whatever an authority
/// says of another one.
fn standing(certificate: &Certificate, verified: bool, pins: &[String], now: Timestamp) -> Standing {
    if now > certificate.not_after {
        Standing::Unfit { why: "it has expired; make a new one on the node, a pin does not help".to_owned() }
    } else if now < certificate.not_before {
        Standing::Unfit { why: "it is not valid yet; check this machine's clock and the node's".to_owned() }
    } else if pins.contains(&certificate.pin) {
        Standing::Pinned
    } else if !pins.is_empty() {
        Standing::Changed { pinned: pins.to_vec() }
    } else if verified {
        Standing::Verified
    } else {
        Standing::New
    }
}

impl Ssh {
    /// What was shown, judged.
    pub fn judge(shown: Result<HostKeyPin, Error>, pins: &[String]) -> Ssh {
        let key = match shown {
            Ok(key) => key.to_string(),
            Err(error) => return Ssh { host_key: None, standing: Standing::NotSeen { why: error.kind.to_string() } },
        };
        let standing = if pins.contains(&key) {
            Standing::Pinned
        } else if pins.is_empty() {
            Standing::New
        } else {
            Standing::Changed { pinned: pins.to_vec() }
        };
        Ssh { host_key: Some(key), standing }
    }
}

impl Looked {
    /// The standings of its keys.
    pub fn standings(&self) -> impl Iterator<Item = &Standing> {
        std::iter::once(&self.https.standing).chain(self.ssh.iter().map(|ssh| &ssh.standing))
    }

    /// Pins what is new and what has changed; says how many keys that were. A pin that the node no longer has is
    /// dropped: whoever holds the old key is trusted no longer.
    pub fn pin(&mut self, pins: &mut Pins) -> usize {
        let mut written = 0;
        let mut put = |standing: &mut Standing, key: Option<&String>, list: fn(&mut NodePins) -> &mut Vec<String>| {
            if let (true, Some(key)) = (standing.is_open(), key) {
                *list(pins.entry(&self.node)) = vec![key.clone()];
                *standing = Standing::Pinned;
                written += 1;
            }
        };
        let key = self.https.certificate.as_ref().map(|certificate| &certificate.pin);
        put(&mut self.https.standing, key, |pins| &mut pins.https);
        if let Some(ssh) = &mut self.ssh {
            put(&mut ssh.standing, ssh.host_key.as_ref(), |pins| &mut pins.ssh);
        }
        written
    }
}

fn fingerprint(der: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate() -> Certificate {
        Certificate {
            subject: "CN=imp1.example.com".to_owned(),
            issuer: "CN=imp1.example.com".to_owned(),
            names: Vec::new(),
            addresses: Vec::new(),
            not_before: "2020-01-01T00:00:00Z".parse().unwrap(),
            not_after: "2030-01-01T00:00:00Z".parse().unwrap(),
            self_signed: true,
            authority: true,
            pin: "sha256/now".to_owned(),
        }
    }

    #[test]
    fn what_a_certificate_is_worth() {
        let expected = |pins: &[&str], verified: bool, at: &str, expected: &str| {
            let pins: Vec<String> = pins.iter().map(ToString::to_string).collect();
            let found = standing(&certificate(), verified, &pins, at.parse().unwrap());
            let found = serde_json::to_value(&found).unwrap()["is"].as_str().unwrap().to_owned();
            assert_eq!(found, expected, "{pins:?} verified {verified} at {at}");
        };
        let now = "2026-01-01T00:00:00Z";
        expected(&[], true, now, "verified");
        expected(&[], false, now, "new");
        expected(&["sha256/now"], false, now, "pinned");
        expected(&["sha256/backup", "sha256/now"], true, now, "pinned");
        expected(&["sha256/old"], false, now, "changed");
        // a pinned node must show a pinned key, though an authority verifies another one
        expected(&["sha256/old"], true, now, "changed");
        for pins in [&[][..], &["sha256/now"], &["sha256/old"]] {
            expected(pins, false, "2031-01-01T00:00:00Z", "unfit");
            expected(pins, false, "2019-01-01T00:00:00Z", "unfit");
        }
    }

    #[test]
    fn a_changed_key_replaces_the_old_one_and_nothing_else() {
        let mut pins = Pins::default();
        *pins.entry(&"imp1".into()) = NodePins { https: vec!["sha256/old".into()], ssh: vec!["SHA256:key".into()] };
        pins.entry(&"imp2".into()).https.push("sha256/other".into());
        let https = |standing| Https {
            certificate: Some(certificate()),
            fingerprint: None,
            not_verified: Some("no".to_owned()),
            standing,
        };
        let changed = Standing::Changed { pinned: vec!["sha256/old".into()] };
        let looked = |https| Looked { cluster: "emea".into(), node: "imp1".into(), https, ssh: None };
        assert_eq!(looked(https(Standing::Verified)).pin(&mut pins), 0);
        assert_eq!(pins.of(&"imp1".into()).unwrap().https, ["sha256/old"]);
        let mut node = looked(https(changed));
        assert_eq!(node.pin(&mut pins), 1);
        assert_eq!(node.https.standing, Standing::Pinned);
        assert_eq!(pins.of(&"imp1".into()).unwrap().https, ["sha256/now"]);
        assert_eq!(pins.of(&"imp1".into()).unwrap().ssh, ["SHA256:key"]);
        assert_eq!(pins.of(&"imp2".into()).unwrap().https, ["sha256/other"]);
    }
}
