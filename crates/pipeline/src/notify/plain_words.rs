//! One line of words that may leave the house: that of an error or of its next step. Errors of `czar` name places, never what a record
//! says; here what could still be a person's or a secret is taken out as well, should a library's text bring it along.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longer texts are cut: a library's answer may be a whole page.
const MOST_CHARACTERS: usize = 600;
const HIDDEN: &str = "[hidden]";

/// A line without line ends, e-mail addresses and user names in URLs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlainWords(String);

impl PlainWords {
    /// Cleans a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let words: Vec<String> =
            text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).map(clean).collect();
        let line = words.join(" ");
        if line.chars().count() <= MOST_CHARACTERS {
            return Self(line);
        }
        Self(line.chars().take(MOST_CHARACTERS).chain(['…']).collect())
    }

    /// The line.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The line without what stands between backticks and without digits: the same fault with another file has the same.
    pub(super) fn without_names(&self) -> String {
        let outside = self.0.split('`').step_by(2);
        outside.collect::<Vec<_>>().join("`").chars().filter(|c| !c.is_ascii_digit()).collect()
    }
}

impl fmt::Display for PlainWords {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Hides a word with an address in it, leaving the signs around it. Block keys such as `type@problem+block@x` have no dot behind the sign.
fn clean(word: &str) -> String {
    let Some((before, after)) = word.split_once('@') else { return word.to_owned() };
    let is_in_url = before.contains("://");
    let domain: String = after.chars().take_while(|c| c.is_alphanumeric() || ".-".contains(*c)).collect();
    let is_address = domain.trim_end_matches('.').contains('.') && !before.is_empty();
    if !is_in_url && !is_address {
        return word.to_owned();
    }
    let is_sign = |c: char| "`'\"<>()[]{},;".contains(c);
    let start = &word[..word.len() - word.trim_start_matches(is_sign).len()];
    let end = &word[word.trim_end_matches(is_sign).len()..];
    format!("{start}{HIDDEN}{end}")
}

#[cfg(test)]
mod tests {
    use super::PlainWords;

    #[test]
    fn an_address_and_a_user_in_a_url_are_hidden_and_a_place_stays() {
        for (text, clean) in [
            ("could not read `x/y.gpg`:\n  damaged", "could not read `x/y.gpg`: damaged"),
            ("key of <ada@example.org>, expired", "key of <[hidden]>, expired"),
            ("`s3://me:hunter2@host/bucket` refuses", "`[hidden]` refuses"),
            ("block-v1:X+Y+Z+type@problem+block@a1 is unknown", "block-v1:X+Y+Z+type@problem+block@a1 is unknown"),
            ("\u{7}bell", "bell"),
        ] {
            assert_eq!(PlainWords::of(text).as_str(), clean);
        }
        assert_eq!(PlainWords::of(&"x".repeat(5000)).as_str().chars().count(), 601);
    }

    #[test]
    fn the_same_fault_with_another_file_is_the_same() {
        let one = PlainWords::of("could not read `x-2014-07-26.log`: it has 12 bytes").without_names();
        let other = PlainWords::of("could not read `y.log`: it has 7 bytes").without_names();
        assert_eq!(one, other);
        assert_ne!(one, PlainWords::of("could not write `y.log`").without_names());
    }
}
