//! What the seed decides: a small hash in place of a random number generator, so that a decision depends on what
//! is decided and never on the order of the questions.

/// A source of decisions that are the same for the same seed and key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Chance {
        Chance(mix(seed ^ 0x6c61_6220_7365_6564))
    }

    /// A number that the key decides.
    pub(super) fn of(self, key: &[&str]) -> u64 {
        let mut hash = self.0;
        for part in key {
            for byte in part.bytes() {
                hash = mix(hash ^ u64::from(byte));
            }
            hash = mix(hash ^ 0x100);
        }
        hash
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(self, low: u64, high: u64, key: &[&str]) -> u64 {
        low + self.of(key) % (high.saturating_sub(low) + 1)
    }

    /// True in about one of `n` cases.
    pub(super) fn one_in(self, n: u64, key: &[&str]) -> bool {
        self.of(key).is_multiple_of(n)
    }

    /// One of the values.
    pub(super) fn pick<T: Copy>(self, first: T, others: &[T], key: &[&str]) -> T {
        let at = self.between(0, others.len() as u64, key) as usize;
        at.checked_sub(1).and_then(|i| others.get(i)).copied().unwrap_or(first)
    }

    /// A database key in the product's form: lower case, without braces (field-notes 3.3).
    pub(super) fn uuid(self, key: &[&str]) -> String {
        let (a, b) = (self.of(key), mix(self.of(key)));
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xffff,
            b >> 48,
            b & 0xffff_ffff_ffff
        )
    }
}

/// The finalizer of splitmix64.
fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_depends_on_seed_and_key_only() {
        let chance = Chance::new(7);
        assert_eq!(chance.of(&["a", "b"]), Chance::new(7).of(&["a", "b"]));
        assert_ne!(chance.of(&["a", "b"]), chance.of(&["ab"]));
        assert_ne!(chance.of(&["a"]), Chance::new(8).of(&["a"]));
    }

    #[test]
    fn every_value_of_a_range_comes_up() {
        let seen: std::collections::BTreeSet<u64> = (0..200).map(|s| Chance::new(s).between(3, 6, &["x"])).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [3, 4, 5, 6]);
        let picked: std::collections::BTreeSet<_> = (0..200).map(|s| Chance::new(s).pick(1, &[2, 3], &["y"])).collect();
        assert_eq!(picked.len(), 3);
    }

    #[test]
    fn a_key_has_the_form_of_the_database() {
        let uuid = Chance::new(1).uuid(&["n"]);
        assert_eq!(uuid.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    }
}
