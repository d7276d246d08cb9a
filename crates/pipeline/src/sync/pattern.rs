//! Names with `*` and `?`, as a shell knows them. A pattern without a slash is about the name, one with a slash about the whole key.

/// A pattern of names.
#[derive(Debug, Clone)]
pub struct Pattern(String);

impl Pattern {
    /// Takes a pattern as it was typed.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// As it was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether a key fits.
    #[must_use]
    pub fn fits(&self, key: &str) -> bool {
        let about = if self.0.contains('/') { key } else { key.rsplit('/').next().unwrap_or(key) };
        fits(&self.0.chars().collect::<Vec<_>>(), &about.chars().collect::<Vec<_>>())
    }
}

/// Goes back to the last star only, so that the work grows with the product of the lengths and no further.
fn fits(pattern: &[char], text: &[char]) -> bool {
    let (mut at_pattern, mut at_text) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while at_text < text.len() {
        match pattern.get(at_pattern) {
            Some('*') => {
                last_star = Some((at_pattern, at_text));
                at_pattern += 1;
            }
            Some(c) if *c == '?' || Some(c) == text.get(at_text) => {
                at_pattern += 1;
                at_text += 1;
            }
            _ => match last_star {
                Some((star, from)) => {
                    last_star = Some((star, from + 1));
                    at_pattern = star + 1;
                    at_text = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(at_pattern..).unwrap_or_default().iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_a_shell() {
        let key = "universityx/edx/events/2014/universityx-edx-events-2014-07-26.log.gz.gpg";
        for (pattern, is_fit) in [
            ("universityx-edx-events-2014-07-26.log.gz.gpg", true),
            ("*2014-07-2?.log*", true),
            ("*", true),
            ("universityx/*/2014/*", true),
            (key, true),
            ("universityx-edx-events-2014-07-26", false),
            ("*2014-07-2?", false),
            ("edge/*", false),
            ("", false),
        ] {
            assert_eq!(Pattern::new(pattern).fits(key), is_fit, "{pattern}");
        }
        assert!(!Pattern::new(&"a*".repeat(40)).fits(&"a".repeat(30)), "many stars end in time");
    }
}
