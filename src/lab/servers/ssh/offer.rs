//! What a node offers to who knocks: algorithms, older ones among them, and ways to log in.

use std::borrow::Cow;

use russh::keys::{Algorithm, EcdsaCurve, HashAlg};
use russh::{MethodKind, MethodSet, Preferred, cipher, kex, mac};

use super::super::here::Here;

const OLD_KEX: [kex::Name; 3] = [kex::DH_GEX_SHA1, kex::DH_G14_SHA1, kex::DH_G1_SHA1];
const OLD_CIPHERS: [cipher::Name; 4] =
    [cipher::AES_256_CBC, cipher::AES_192_CBC, cipher::AES_128_CBC, cipher::TRIPLE_DES_CBC];
const OLD_MACS: [mac::Name; 2] = [mac::HMAC_SHA1_ETM, mac::HMAC_SHA1];

/// The algorithms: today's and the older ones, or (by seed, for nobody has published a list) older ones only.
pub(super) fn algorithms(here: &Here) -> Preferred {
    let today = Preferred::DEFAULT;
    let old = here.pick("ssh only old algorithms", [false, false, true]);
    let (kex, cipher, mac) = if old {
        (OLD_KEX.to_vec(), OLD_CIPHERS.to_vec(), OLD_MACS.to_vec())
    } else {
        let curves = [kex::ECDH_SHA2_NISTP256, kex::ECDH_SHA2_NISTP384, kex::ECDH_SHA2_NISTP521];
        (
            [&today.kex[..], &curves, &OLD_KEX].concat(),
            [&today.cipher[..], &OLD_CIPHERS].concat(),
            [&today.mac[..], &OLD_MACS].concat(),
        )
    };
    // with an RSA key, an old node signs by SHA-1 alone
    let hashes = if old { &[None][..] } else { &[Some(HashAlg::Sha512), Some(HashAlg::Sha256), None] };
    let mut key = vec![Algorithm::Ed25519, Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 }];
    key.extend(hashes.iter().map(|hash| Algorithm::Rsa { hash: *hash }));
    Preferred {
        kex: Cow::Owned(kex),
        cipher: Cow::Owned(cipher),
        mac: Cow::Owned(mac),
        key: Cow::Owned(key),
        ..Preferred::DEFAULT
    }
}

/// The ways to log in. Which of the two a node offers is not published.
pub(super) fn methods(here: &Here) -> MethodSet {
    use MethodKind::{KeyboardInteractive, Password};
    let ways: [&[MethodKind]; 3] = [&[Password, KeyboardInteractive], &[Password], &[KeyboardInteractive]];
    MethodSet::from(here.pick("ssh login methods", ways))
}
