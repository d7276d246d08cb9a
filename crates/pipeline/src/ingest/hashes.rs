//! A set of 64-bit hashes that takes little more memory than they do: ten to thirteen bytes each. It refuses nothing and forgets nothing.
//!
//! A hash is its own place in order among all hashes, so a table may have any length, and grows by a quarter where sets with a length of two
//! to the power of something double. Hashes that fall together lie behind each other, which is why they must be hashes and not just numbers.

/// Parts among which hashes are spread by their first bits. Each grows by itself: a part is there twice while it grows, and never all of them.
const N_PARTS: usize = 64;
/// The first bits of a hash, which tell its part.
const PART_BITS: u32 = N_PARTS.trailing_zeros();
/// Places of a part that has its first hash.
const FIRST_PLACES: usize = 64;

/// A set of hashes.
pub struct Hashes {
    parts: [Part; N_PARTS],
    has_zero: bool,
}

/// Places in the order of hashes; 0 is a free one.
#[derive(Default)]
struct Part {
    places: Vec<u64>,
    n_taken: usize,
}

impl Default for Hashes {
    fn default() -> Self {
        Self { parts: std::array::from_fn(|_| Part::default()), has_zero: false }
    }
}

impl Hashes {
    /// Whether the hash is new; from then on it is not.
    pub fn insert(&mut self, hash: u64) -> bool {
        if hash == 0 {
            return !std::mem::replace(&mut self.has_zero, true);
        }
        let number = usize::try_from(hash >> (u64::BITS - PART_BITS)).unwrap_or_default();
        self.parts[number].insert(hash)
    }
}

impl Part {
    fn insert(&mut self, hash: u64) -> bool {
        // One place in five is free: with fewer, the way to a free one grows long.
        if self.n_taken * 5 >= self.places.len() * 4 {
            self.grow();
        }
        let is_new = put(&mut self.places, hash);
        self.n_taken += usize::from(is_new);
        is_new
    }

    fn grow(&mut self) {
        let mut places = vec![0; FIRST_PLACES.max(self.places.len() + self.places.len() / 4)];
        for &hash in self.places.iter().filter(|&&hash| hash != 0) {
            put(&mut places, hash);
        }
        self.places = places;
    }
}

/// Puts a hash where it belongs, or at the first free place behind; there is one. Whether it was not there.
fn put(places: &mut [u64], hash: u64) -> bool {
    let within_part = u128::from(hash << PART_BITS);
    let mut at = usize::try_from((within_part * places.len() as u128) >> u64::BITS).unwrap_or_default();
    loop {
        match places[at] {
            0 => {
                places[at] = hash;
                return true;
            }
            found if found == hash => return false,
            _ => at = if at + 1 == places.len() { 0 } else { at + 1 },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_put_in_is_there_and_nothing_else(hashes in proptest::collection::vec(prop_oneof![0..50_u64, any::<u64>(), (0..50_u64).prop_map(|hash| u64::MAX - hash)], 0..2000)) {
            let (mut set, mut expected) = (Hashes::default(), HashSet::new());
            for hash in hashes {
                prop_assert_eq!(set.insert(hash), expected.insert(hash), "{}", hash);
            }
        }
    }

    #[test]
    fn ten_to_thirteen_bytes_are_taken_for_a_hash() {
        let mut set = Hashes::default();
        // Odd multiples of the golden ratio spread as hashes do.
        for number in 1..=400_000_u64 {
            assert!(set.insert(number.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
            let n_bytes = set.parts.iter().map(|part| part.places.len() * 8).sum::<usize>() as u64;
            assert!(number < 100_000 || (n_bytes >= number * 10 && n_bytes <= number * 13), "{n_bytes} bytes for {number}");
        }
    }
}
