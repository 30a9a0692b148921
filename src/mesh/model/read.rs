//! How values are read where serde's own way would accept more, or less, than the schema.

use std::fmt;

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};

/// An optional value that is there: nothing is left out by writing null.
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A count. JSON Schema takes `5.0` for a whole number, and so must this.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    Count::deserialize(deserializer).map(|count| count.0)
}

/// A count that is there.
pub(super) fn given_count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    count(deserializer).map(Some)
}

/// A list that holds something.
pub(super) fn at_least_one<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<Vec<T>, D::Error> {
    let list = Vec::deserialize(d)?;
    if list.is_empty() { Err(D::Error::custom("the list is empty")) } else { Ok(list) }
}

#[derive(Serialize)]
struct Count(u32);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Count, D::Error> {
        struct Whole;
        impl Visitor<'_> for Whole {
            type Value = Count;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a whole number from 0 to {}", u32::MAX)
            }
            fn visit_u64<E: Error>(self, v: u64) -> Result<Count, E> {
                u32::try_from(v).map(Count).map_err(|_| E::custom("the number is too large"))
            }
            fn visit_i64<E: Error>(self, v: i64) -> Result<Count, E> {
                u32::try_from(v).map(Count).map_err(|_| E::custom("the number is out of range"))
            }
            fn visit_f64<E: Error>(self, v: f64) -> Result<Count, E> {
                // a whole number below 2^32 has an exact text, which is the shortest way from a float without a cast
                let whole = v.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&v);
                let parsed = whole.then(|| format!("{:.0}", v.abs()).parse().ok()).flatten();
                parsed.map(Count).ok_or_else(|| E::custom("the number is not whole"))
            }
        }
        deserializer.deserialize_any(Whole)
    }
}
