//! A set of fingerprints that keeps twelve bytes of each and takes fifteen to twenty. It refuses nothing and forgets nothing; of two fingerprints
//! with the same first 96 bits it takes the second for the first (docs/decisions/0022).
//!
//! A fingerprint is its own place in order among all, so a table may have any length, and grows by a quarter where sets with a length of two to
//! the power of something double. Those that fall together lie behind each other, which is why they must be hashes and not just numbers.

use czar_formats::tracking_log::Fingerprint;

/// What is kept of a fingerprint, its first bits in front.
type Kept = [u32; 3];
/// A place without a fingerprint.
const FREE: Kept = [0; 3];

/// Parts among which fingerprints are spread by their first bits. Each grows by itself: a part is there twice while it grows, and never all of them.
const N_PARTS: usize = 64;
/// The first bits of a fingerprint, which tell its part.
const PART_BITS: u32 = N_PARTS.trailing_zeros();
/// Places of a part that has its first fingerprint.
const FIRST_PLACES: usize = 64;

/// A set of fingerprints.
pub struct Hashes {
    parts: [Part; N_PARTS],
    has_free: bool,
}

/// Places in the order of fingerprints.
#[derive(Default)]
struct Part {
    places: Vec<Kept>,
    n_taken: usize,
}

impl Default for Hashes {
    fn default() -> Self {
        Self { parts: std::array::from_fn(|_| Part::default()), has_free: false }
    }
}

impl Hashes {
    /// Whether the fingerprint is new; from then on it is not.
    pub fn insert(&mut self, fingerprint: Fingerprint) -> bool {
        let (first, second) = (fingerprint.first.cast_unsigned(), fingerprint.second.cast_unsigned());
        let kept = [(first >> 32) as u32, first as u32, (second >> 32) as u32];
        if kept == FREE {
            return !std::mem::replace(&mut self.has_free, true);
        }
        self.parts[kept[0] as usize >> (u32::BITS - PART_BITS)].insert(kept)
    }
}

impl Part {
    fn insert(&mut self, kept: Kept) -> bool {
        // One place in five is free: with fewer, the way to a free one grows long.
        if self.n_taken * 5 >= self.places.len() * 4 {
            self.grow();
        }
        let is_new = put(&mut self.places, kept);
        self.n_taken += usize::from(is_new);
        is_new
    }

    fn grow(&mut self) {
        let mut places = vec![FREE; FIRST_PLACES.max(self.places.len() + self.places.len() / 4)];
        for &kept in self.places.iter().filter(|&&kept| kept != FREE) {
            put(&mut places, kept);
        }
        self.places = places;
    }
}

/// Puts a fingerprint where it belongs, or at the first free place behind; there is one. Whether it was not there.
fn put(places: &mut [Kept], kept: Kept) -> bool {
    let within_part = ((u64::from(kept[0]) << 32) | u64::from(kept[1])) << PART_BITS;
    let mut at = usize::try_from((u128::from(within_part) * places.len() as u128) >> u64::BITS).unwrap_or_default();
    loop {
        match places[at] {
            FREE => {
                places[at] = kept;
                return true;
            }
            found if found == kept => return false,
            _ => at = if at + 1 == places.len() { 0 } else { at + 1 },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn half() -> impl Strategy<Value = i64> {
        prop_oneof![0..50_i64, any::<i64>(), -50..0_i64]
    }

    proptest! {
        #[test]
        fn what_was_put_in_is_there_and_nothing_else(halves in proptest::collection::vec((half(), half()), 0..400)) {
            let (mut set, mut expected) = (Hashes::default(), HashSet::new());
            for (first, second) in halves {
                let is_new = expected.insert((first, second >> 32));
                prop_assert_eq!(set.insert(Fingerprint { first, second }), is_new, "{} {}", first, second);
            }
        }
    }

    #[test]
    fn fifteen_to_twenty_bytes_are_taken_for_a_fingerprint() {
        let mut set = Hashes::default();
        // Odd multiples of the golden ratio spread as hashes do.
        for number in 1..=400_000_u64 {
            let hash = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).cast_signed();
            assert!(set.insert(Fingerprint { first: hash, second: hash }));
            let n_bytes = set.parts.iter().map(|part| part.places.len() * size_of::<Kept>()).sum::<usize>() as u64;
            assert!(number < 100_000 || (n_bytes >= number * 15 && n_bytes <= number * 20), "{n_bytes} bytes for {number}");
        }
    }
}
