//! The key of a course run in each form edX writes it, repaired from what addresses and old tools did to it.
//! It refuses to guess: text that is not one of the known forms is no key.

pub mod usage_key;

use std::borrow::Cow;
use std::fmt;

use crate::percent_decoded;
pub use usage_key::UsageKey;

/// The key of one course run: `course-v1:O+C+R`, the older `O/C/R`, or `ccx-v1:O+C+R+ccx@N` for a custom course made from a run.
///
/// It keeps the form it came in. `O/C/R` and `course-v1:O+C+R` are different keys, and edX never changes the form of a run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CourseRunKey(Box<str>);

impl CourseRunKey {
    /// Reads a key, after [`normalize`].
    pub fn parse(text: &str) -> Option<Self> {
        normalize(text).map(|key| Self(key.into()))
    }

    /// The key in the form it came in.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The organisation, in the case edX wrote it.
    pub fn org(&self) -> &str {
        self.parts().org
    }

    /// The course number.
    pub fn course(&self) -> &str {
        self.parts().course
    }

    /// The run.
    pub fn run(&self) -> &str {
        self.parts().run
    }

    /// The number of the custom course, for a `ccx-v1:` key.
    pub fn ccx(&self) -> Option<&str> {
        self.parts().ccx
    }

    /// `O/C/R`, the form of the community's tables; a custom course adds `/ccx@N`, so that it does not fall together with its master.
    pub fn slash_form(&self) -> String {
        let Parts { org, course, run, ccx } = self.parts();
        match ccx {
            Some(number) => format!("{org}/{course}/{run}/ccx@{number}"),
            None => format!("{org}/{course}/{run}"),
        }
    }

    /// What stands for the run in the file names of a package (docs/concepts/edx-files.md, "Names of members"): the parts joined by `-`,
    /// characters above 128 as `_`. Different runs can have the same stem.
    pub fn file_stem(&self) -> String {
        let Parts { org, course, run, ccx } = self.parts();
        let stem = match ccx {
            Some(number) => format!("{org}-{course}-{run}-ccx-{number}"),
            None => format!("{org}-{course}-{run}"),
        };
        stem.chars().map(|character| if u32::from(character) > 128 { '_' } else { character }).collect()
    }

    fn parts(&self) -> Parts<'_> {
        // A key was checked when it was made, so the empty parts are never seen.
        parts(&self.0).unwrap_or(Parts { org: "", course: "", run: "", ccx: None })
    }
}

impl fmt::Display for CourseRunKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Checks and repairs the text of a key without owning it: white space at both ends is dropped, percent escapes of an address are
/// decoded, and the spaces that an address reader made of `+` become `+` again. Borrows unless something was decoded.
pub fn normalize(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    // Nothing that needs repair passes as a key, so the sound ones, nearly all, are checked once and no more.
    if parts(text).is_some() {
        return Some(Cow::Borrowed(text));
    }
    let mut key = Cow::Borrowed(text);
    if key.contains('%') {
        key = Cow::Owned(percent_decoded(text)?.trim().to_owned());
    }
    if key.contains(' ') && (key.starts_with("course-v1:") || key.starts_with("ccx-v1:")) {
        key = Cow::Owned(key.replace(' ', "+"));
    }
    parts(&key).is_some().then_some(key)
}

/// The organisation of a key that was checked.
pub(crate) fn org_of(key: &str) -> Option<&str> {
    parts(key).map(|parts| parts.org)
}

struct Parts<'a> {
    org: &'a str,
    course: &'a str,
    run: &'a str,
    ccx: Option<&'a str>,
}

fn parts(key: &str) -> Option<Parts<'_>> {
    let (separator, rest, ccx) = if let Some(rest) = key.strip_prefix("course-v1:") {
        (b'+', rest, None)
    } else if let Some(rest) = key.strip_prefix("ccx-v1:") {
        let (rest, number) = rest.rsplit_once("+ccx@")?;
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        (b'+', rest, Some(number))
    } else {
        (b'/', key, None)
    };
    let (org, rest) = split_at_byte(rest, separator)?;
    let (course, run) = split_at_byte(rest, separator)?;
    // A fourth part would put a separator into the run.
    if !(is_part(org) && is_part(course) && is_part(run)) {
        return None;
    }
    // `library-v1:`, `block-v1:` and addresses are not organisations.
    if separator == b'/' && org.contains(':') {
        return None;
    }
    Some(Parts { org, course, run, ccx })
}

fn split_at_byte(text: &str, separator: u8) -> Option<(&str, &str)> {
    let at = memchr::memchr(separator, text.as_bytes())?;
    Some((&text[..at], &text[at + 1..]))
}

/// The characters the platform allows in a part of a key.
fn is_part(part: &str) -> bool {
    let is_allowed = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | '~' | '.' | ':');
    // Nearly every key is ASCII, whose bytes need no decoding.
    !part.is_empty() && (part.bytes().all(|byte| IS_IN_PART[usize::from(byte)]) || part.chars().all(is_allowed))
}

/// The ASCII characters allowed in a part.
const IS_IN_PART: [bool; 256] = {
    let mut is_allowed = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        is_allowed[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'~' | b'.' | b':');
        byte += 1;
    }
    is_allowed
};

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot read its own key should stop")]
    use super::*;

    #[test]
    fn each_form_of_a_key_has_the_same_parts() {
        for text in ["course-v1:MITx+6.00x+2012_Fall", "MITx/6.00x/2012_Fall", "ccx-v1:MITx+6.00x+2012_Fall+ccx@7"] {
            let key = CourseRunKey::parse(text).unwrap();
            assert_eq!((key.org(), key.course(), key.run()), ("MITx", "6.00x", "2012_Fall"));
            assert_eq!(key.as_str(), text);
        }
    }

    #[test]
    fn a_custom_course_differs_from_its_master_in_every_form() {
        let key = CourseRunKey::parse("ccx-v1:O+C+R+ccx@12").unwrap();
        assert_eq!(key.ccx(), Some("12"));
        assert_eq!(key.slash_form(), "O/C/R/ccx@12");
        assert_eq!(key.file_stem(), "O-C-R-ccx-12");
    }

    /// docs/concepts/edx-files.md, "Course and block keys".
    #[test]
    fn white_space_escapes_and_lost_plus_signs_are_repaired() {
        for text in [
            "course-v1:O+C+R\n",
            "  course-v1:O+C+R ",
            "course-v1%3AO%2BC%2BR",
            "course-v1%3aO%2bC%2bR",
            "course-v1:O C R",
            "course-v1:O%20C%20R",
        ] {
            assert_eq!(CourseRunKey::parse(text).unwrap().as_str(), "course-v1:O+C+R", "{text:?}");
        }
        assert_eq!(CourseRunKey::parse("O%2FC%2FR").unwrap().as_str(), "O/C/R");
    }

    #[test]
    fn text_that_is_no_course_run_is_no_key() {
        for text in [
            "",
            "course-v1:",
            "course-v1:O+C",
            "course-v1:O+C+R+X",
            "course-v1:O++R",
            "O/C",
            "O/C/R/S",
            "O/C/",
            "library-v1:O+L",
            "block-v1:O+C+R+type@video+block@a",
            "i4x://O/C/course/R",
            "https://a/b",
            "ccx-v1:O+C+R",
            "ccx-v1:O+C+R+ccx@x",
            "O/C/R%2",
            "O/C/R%FF",
            "O C/D/E",
            "O/C/R?x=1",
        ] {
            assert_eq!(CourseRunKey::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_stem_has_no_character_above_128() {
        let key = CourseRunKey::parse("course-v1:UniversitéX+Été-1.2+2015").unwrap();
        assert_eq!(key.file_stem(), "Universit_X-_t_-1.2-2015");
        assert_eq!(key.slash_form(), "UniversitéX/Été-1.2/2015");
    }
}
