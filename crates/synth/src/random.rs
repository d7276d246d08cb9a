//! Random numbers that depend on the seed and a name only, so that any part of the world can be made again, anywhere and in any order.
//!
//! It reads no operating system randomness and no clock, and its draws use integer arithmetic that is the same on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// One step of the SplitMix64 generator, used to fold values into one number.
pub(crate) fn mix(state: u64, value: u64) -> u64 {
    let mut z = state ^ value.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23);
    z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Folds a text into a number (FNV-1a).
pub(crate) fn hash_text(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// The number that belongs to a seed, a name and some ids.
pub(crate) fn hash(seed: u64, name: &str, ids: &[u64]) -> u64 {
    ids.iter().fold(mix(seed, hash_text(name)), |state, &id| mix(state, id))
}

/// Lower-case hexadecimal text of `n_digits` digits that belongs to a number.
pub(crate) fn hex(mut state: u64, n_digits: usize) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(n_digits);
    while text.len() < n_digits {
        state = mix(state, 1);
        for shift in 0..16 {
            if text.len() < n_digits {
                text.push(char::from(DIGITS[((state >> (shift * 4)) & 15) as usize]));
            }
        }
    }
    text
}

/// A stream of draws.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream that belongs to a seed, a name and some ids.
    pub(crate) fn new(seed: u64, name: &str, ids: &[u64]) -> Self {
        Self(ChaCha8Rng::seed_from_u64(hash(seed, name, ids)))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from 0 to `n - 1`; 0 when `n` is 0.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0);
        low + self.below(span.saturating_add(1)) as i64
    }

    /// A number from 0 to below 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A skewed positive number with the given mean: most are small, the largest is three times the mean.
    pub(crate) fn skewed(&mut self, mean: f64) -> f64 {
        let u = self.unit();
        3.0 * mean * u * u
    }

    /// One of the items; the slice must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }
}

impl rand_core::RngCore for Dice {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }
    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }
    fn fill_bytes(&mut self, dest: &mut [u8]) {
        self.0.fill_bytes(dest);
    }
    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand_core::Error> {
        self.0.fill_bytes(dest);
        Ok(())
    }
}

impl rand_core::CryptoRng for Dice {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_seed_give_the_same_draws_for_good() {
        let mut first = Dice::new(7, "people", &[3]);
        let mut second = Dice::new(7, "people", &[3]);
        let mut other = Dice::new(7, "people", &[4]);
        let draws: Vec<u64> = (0..5).map(|_| first.below(1000)).collect();
        assert_eq!(draws, (0..5).map(|_| second.below(1000)).collect::<Vec<_>>());
        assert_ne!(draws, (0..5).map(|_| other.below(1000)).collect::<Vec<_>>());
    }

    #[test]
    fn between_includes_both_ends() {
        let mut dice = Dice::new(1, "ends", &[]);
        let draws: Vec<i64> = (0..200).map(|_| dice.between(-1, 1)).collect();
        assert!(draws.contains(&-1) && draws.contains(&1) && draws.iter().all(|d| (-1..=1).contains(d)));
    }
}
