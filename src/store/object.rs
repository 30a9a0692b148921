//! An object: what kind it is and in which format, what it says, and a checksum of both.
//!
//! Three lines of JSON, so that `jq` and a person can read it, and so that a cut at any byte is seen:
//!
//! ```text
//! {"intermesh":"journal","format":1,"number":7,"writer":"9d1c…"}
//! {"at":"2026-11-22T12:07:05Z","record":{"step-started":{"step":"add-peer/emea/apac"}}}
//! {"sha256":"…"}
//! ```

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What an object is: its word, and the newest format that is known here. Older ones are read as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) word: &'static str,
    pub(super) format: u32,
}

#[derive(Serialize, Deserialize)]
struct Head {
    intermesh: String,
    format: u32,
    number: u64,
    /// Who wrote it: two writers of the same words never write the same bytes.
    writer: String,
}

#[derive(Serialize, Deserialize)]
struct Tail {
    sha256: String,
}

/// Why bytes are not an object of the kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It was cut off or changed: the words say how it is seen.
    Damaged(String),
    /// A newer format.
    Newer(u32),
    /// It is whole, and says what is not known here.
    NotKnown(String),
}

pub(super) fn seal(kind: Kind, number: u64, writer: &str, body: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let head = Head { intermesh: kind.word.into(), format: kind.format, number, writer: writer.into() };
    let mut text = serde_json::to_string(&head)? + "\n" + &serde_json::to_string(body)? + "\n";
    let tail = serde_json::to_string(&Tail { sha256: checksum(text.as_bytes()) })?;
    text = text + &tail + "\n";
    Ok(text.into_bytes())
}

pub(super) fn open<T: DeserializeOwned>(kind: Kind, number: u64, bytes: &[u8]) -> Result<T, Unusable> {
    let damaged = |why: &str| Unusable::Damaged(why.to_owned());
    let text = std::str::from_utf8(bytes).map_err(|_| damaged("it is not text"))?;
    let (head_line, rest) = text.split_once('\n').ok_or_else(|| damaged("it is cut off in its first line"))?;
    let head: Head = serde_json::from_str(head_line).map_err(|_| damaged("its first line cannot be read"))?;
    if head.intermesh != kind.word {
        return Err(Unusable::Damaged(format!("it is a `{}`, not a `{}`", head.intermesh, kind.word)));
    }
    // before the checksum: a newer format may have another
    if head.format > kind.format {
        return Err(Unusable::Newer(head.format));
    }
    let (body, tail) = rest.split_once('\n').ok_or_else(|| damaged("it is cut off in its second line"))?;
    let tail = tail.strip_suffix('\n').ok_or_else(|| damaged("it is cut off before its end"))?;
    let tail: Tail = serde_json::from_str(tail).map_err(|_| damaged("its checksum cannot be read"))?;
    let summed = head_line.len() + body.len() + 2;
    if tail.sha256 != checksum(&bytes[..summed]) {
        return Err(damaged("it does not fit its checksum"));
    }
    if head.number != number {
        return Err(Unusable::Damaged(format!("it is number {} under another name", head.number)));
    }
    serde_json::from_str(body).map_err(|e| Unusable::NotKnown(e.to_string()))
}

/// SHA-256 in hexadecimal.
pub(super) fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KIND: Kind = Kind { word: "test", format: 2 };

    #[test]
    fn formats_up_to_the_known_one_are_read() {
        for (format, expected) in
            [(1, Ok("words".to_owned())), (2, Ok("words".to_owned())), (3, Err(Unusable::Newer(3)))]
        {
            let bytes = seal(Kind { word: "test", format }, 7, "w", &"words").unwrap();
            assert_eq!(open::<String>(KIND, 7, &bytes), expected);
        }
    }

    #[test]
    fn an_object_of_another_kind_or_number_is_damaged() {
        let bytes = seal(KIND, 7, "w", &"words").unwrap();
        assert!(matches!(open::<String>(KIND, 8, &bytes), Err(Unusable::Damaged(_))));
        let other = Kind { word: "lease", format: 2 };
        assert!(matches!(open::<String>(other, 7, &bytes), Err(Unusable::Damaged(_))));
    }

    /// What is whole was written so, and is never taken for torn.
    #[test]
    fn words_that_are_not_known_are_no_damage() {
        let bytes = seal(KIND, 7, "w", &"words").unwrap();
        assert!(matches!(open::<u32>(KIND, 7, &bytes), Err(Unusable::NotKnown(_))));
    }

    proptest! {
        #[test]
        fn a_cut_at_any_byte_is_seen(words in ".{0,40}", cut in any::<prop::sample::Index>()) {
            let bytes = seal(KIND, 7, "w", &words).unwrap();
            prop_assert_eq!(open::<String>(KIND, 7, &bytes), Ok(words));
            let cut = cut.index(bytes.len());
            prop_assert!(matches!(open::<String>(KIND, 7, &bytes[..cut]), Err(Unusable::Damaged(_))));
        }

        #[test]
        fn a_changed_byte_is_seen(at in any::<prop::sample::Index>(), change in 1u8..=255) {
            let mut bytes = seal(KIND, 7, "w", &"some words").unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= change;
            prop_assert!(open::<String>(KIND, 7, &bytes).is_err());
        }
    }
}
