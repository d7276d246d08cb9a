//! Names that some program on their way took for Latin-1: UTF-8 encoded as UTF-8 once more.
//!
//! The same person has the same broken name in every file and package, as the database itself holds it so.

use std::borrow::Cow;

use super::Mess;
use crate::courses::Installation;

impl Mess {
    /// The name as the database holds it. A name of ASCII letters looks the same in both encodings and stays.
    pub(crate) fn stored_name<'a>(&self, installation: Installation, user_id: i64, name: &'a str) -> Cow<'a, str> {
        let Some(draw) = self.draw("mojibake", &[installation as u64, user_id as u64]) else { return Cow::Borrowed(name) };
        if name.is_ascii() {
            return Cow::Borrowed(name);
        }
        let once = encoded_again(name);
        // It can happen to a name more than once.
        Cow::Owned(if draw.is_multiple_of(4) { encoded_again(&once) } else { once })
    }
}

/// Each byte taken for a Latin-1 character.
fn encoded_again(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;

    /// Undoes one level.
    fn decoded(text: &str) -> Option<String> {
        let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
        String::from_utf8(bytes?).ok()
    }

    #[test]
    fn a_broken_name_can_be_mended_and_other_names_stay() {
        let messy = Mess::new(7, 0.2);
        let (mut n_once, mut n_twice) = (0, 0);
        for user_id in 0..400 {
            assert_eq!(messy.stored_name(Installation::Production, user_id, "Kim O'Neill"), "Kim O'Neill");
            let stored = messy.stored_name(Installation::Production, user_id, "Zoë Łukasik");
            if stored == "Zoë Łukasik" {
                continue;
            }
            let mended = decoded(&stored).unwrap();
            if mended == "Zoë Łukasik" {
                n_once += 1;
            } else {
                assert_eq!(decoded(&mended).unwrap(), "Zoë Łukasik");
                n_twice += 1;
            }
        }
        assert!(n_once > n_twice && n_twice > 0 && n_once + n_twice < 200, "{n_once} {n_twice}");
        assert_eq!(encoded_again("Zoë"), "Zo\u{c3}\u{ab}");
    }

    #[test]
    fn without_mess_every_name_stays() {
        let tidy = Mess::new(7, 0.0);
        assert!((0..400).all(|user_id| tidy.stored_name(Installation::Edge, user_id, "हरि") == "हरि"));
    }
}
