//! Trust in a node's host key: by its fingerprint, given beforehand.

use std::fmt;
use std::str::FromStr;

use russh::keys::ssh_key::Fingerprint;
use russh::keys::{HashAlg, PublicKey};

/// A host key by its fingerprint, as `ssh-keygen -l` prints it: `SHA256:…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostKeyPin(Fingerprint);

/// Text that is no fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no SHA-256 fingerprint of a host key, such as `SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU`")]
pub struct BadPin(String);

impl FromStr for HostKeyPin {
    type Err = BadPin;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fingerprint = Fingerprint::from_str(text.trim()).ok().filter(|f| f.is_sha256());
        fingerprint.map(HostKeyPin).ok_or_else(|| BadPin(text.to_owned()))
    }
}

impl fmt::Display for HostKeyPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<&PublicKey> for HostKeyPin {
    fn from(key: &PublicKey) -> Self {
        HostKeyPin(key.fingerprint(HashAlg::Sha256))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

    #[test]
    fn a_pin_is_the_fingerprint_that_openssh_prints() {
        let pin = HostKeyPin::from(&PublicKey::from_openssh(KEY).unwrap());
        assert_eq!(pin.to_string().parse(), Ok(pin.clone()));
        assert!(pin.to_string().starts_with("SHA256:"), "{pin}");
    }

    #[test]
    fn only_sha256_is_a_pin() {
        for bad in ["", "SHA256:", "SHA256:short", "MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48", KEY] {
            assert!(bad.parse::<HostKeyPin>().is_err(), "{bad}");
        }
    }
}
