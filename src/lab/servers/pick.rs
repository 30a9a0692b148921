//! Choices that the seed makes, where public material does not tell what the product does.

/// One of the options, always the same for a seed and a purpose.
pub(super) fn pick<T: Copy, const N: usize>(seed: u64, purpose: &str, options: [T; N]) -> T {
    const { assert!(N > 0, "nothing to pick from") };
    options[index(seed, purpose, N)]
}

fn index(seed: u64, purpose: &str, len: usize) -> usize {
    // FNV-1a over the purpose, then SplitMix64's finish, so that neighbouring seeds differ in every choice.
    let hash = purpose.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let mut z: u64 = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ hash;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    usize::try_from(z % len.max(1) as u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::pick;

    #[test]
    fn every_option_is_picked_by_some_seed() {
        for purpose in ["a", "b", "control center rate"] {
            let mut seen: Vec<u8> = (0..64).map(|seed| pick(seed, purpose, [0, 1, 2])).collect();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen, [0, 1, 2], "{purpose}");
        }
    }
}
