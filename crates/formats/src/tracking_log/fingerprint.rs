//! The fingerprint by which the same line is known again: 128 bits of its bytes under a key that nobody who writes lines can know.
//!
//! It compares nothing and keeps nothing. A fingerprint without a key, or under a key that is known, is none: whoever knows the key can write
//! two lines with the same one, and the second would count as a repetition of the first.

use xxhash_rust::xxh3::xxh3_64_with_secret;

/// Bytes of the secret of one hash, as long as the default one of XXH3.
const SECRET_BYTES: usize = 192;

/// The key of a lake.
#[derive(Clone)]
pub struct FingerprintKey {
    secrets: [[u8; SECRET_BYTES]; 2],
}

/// What a line is known by: two hashes under secrets of their own, first and second half of 128 bits. Only fingerprints under one key can be
/// compared.
// Not the two halves of XXH3-128: they come from the same sums, so that lines which are alike in one half are alike in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    /// First half.
    pub first: i64,
    /// Second half.
    pub second: i64,
}

impl FingerprintKey {
    /// The key that follows from text which is as hard to guess as 128 random bits.
    #[must_use]
    pub fn derived_from(text: &str) -> Self {
        let mut secrets = [[0; SECRET_BYTES]; 2];
        let mut bytes = blake3::Hasher::new_derive_key("czar 2026 fingerprints of log lines").update(text.as_bytes()).finalize_xof();
        secrets.iter_mut().for_each(|secret| bytes.fill(secret));
        Self { secrets }
    }

    /// The fingerprint of a line; ASCII white space at its ends does not count.
    #[must_use]
    pub fn fingerprint(&self, line: &[u8]) -> Fingerprint {
        let line = line.trim_ascii();
        let [first, second] = self.secrets.each_ref().map(|secret| xxh3_64_with_secret(line, secret).cast_signed());
        Fingerprint { first, second }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_does_not_see_white_space_around_the_line() {
        let key = FingerprintKey::derived_from("a lake");
        assert_eq!(key.fingerprint(b"{\"a\": 1}"), key.fingerprint(b" {\"a\": 1}\r\n"));
        assert_ne!(key.fingerprint(b"{\"a\": 1}"), key.fingerprint(b"{\"a\":  1}"));
    }

    #[test]
    fn the_halves_and_the_keys_are_independent_and_the_same_in_every_release() {
        let line = b"{\"time\": 1}".repeat(100);
        let of = |text: &str| FingerprintKey::derived_from(text).fingerprint(&line);
        let (one, other) = (of("a lake"), of("another lake"));
        assert!(one.first != one.second && one.first != other.first && one.second != other.second);
        assert_eq!(one, of("a lake"));
    }

    /// Two lines that XXH3 without a key cannot tell apart: where it multiplies a word with its own secret of zero, the other half of the
    /// word does not count.
    #[test]
    fn lines_made_to_fall_together_under_a_known_key_are_told_apart() {
        let secret = [0_u8; SECRET_BYTES];
        // Under a secret of zeros the lower half of each word is multiplied with the upper one: swapping stripes changes no sum.
        let (mut line, mut other) = (vec![b'x'; 256], vec![b'x'; 256]);
        line[..64].fill(b'a');
        other[64..128].fill(b'a');
        assert_eq!(xxh3_64_with_secret(&line, &secret), xxh3_64_with_secret(&other, &secret));
        let key = FingerprintKey::derived_from("a lake");
        let (one, two) = (key.fingerprint(&line), key.fingerprint(&other));
        assert!(one.first != two.first && one.second != two.second);
    }
}
