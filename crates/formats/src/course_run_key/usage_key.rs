//! The key of one block of a course (a problem, a video, a chapter), in the new and the old form.
//! It refuses to say which run an old key belongs to, except for the course's own block: old keys do not hold the run.

use super::CourseRunKey;

/// A usage key, borrowed from where it stood: `block-v1:O+C+R+type@T+block@B`, `ccx-block-v1:...`, `lib-block-v1:...` or
/// `i4x://O/C/T/B` (docs/concepts/edx-files.md, "Course and block keys").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UsageKey<'a> {
    text: &'a str,
    category: &'a str,
    block_id: &'a str,
}

impl<'a> UsageKey<'a> {
    /// Reads a key; white space at both ends is dropped, and the `@draft` mark of an old key is not part of its block.
    pub fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let (category, block_id) = if let Some(rest) = text.strip_prefix("i4x://") {
            let mut parts = rest.splitn(4, '/');
            let (org, course) = (parts.next()?, parts.next()?);
            let (category, block) = (parts.next()?, parts.next()?);
            if org.is_empty() || course.is_empty() {
                return None;
            }
            (category, block.split_once('@').map_or(block, |(block, _)| block))
        } else {
            course_part_and_rest(text)?.1.split_once("+block@")?
        };
        (!category.is_empty() && !block_id.is_empty()).then_some(Self { text, category, block_id })
    }

    /// The whole key.
    pub fn as_str(&self) -> &'a str {
        self.text
    }

    /// The kind of block: `problem`, `video`, `chapter`, ...
    pub fn category(&self) -> &'a str {
        self.category
    }

    /// The block's own name inside its course and category, called `url_name` in course content.
    pub fn block_id(&self) -> &'a str {
        self.block_id
    }

    /// The run the key belongs to, where the key says so: every new key, and the old key of the course block itself.
    pub fn course_run_key(&self) -> Option<CourseRunKey> {
        if let Some(rest) = self.text.strip_prefix("i4x://") {
            if self.category != "course" {
                return None;
            }
            let mut parts = rest.split('/');
            let (org, course) = (parts.next()?, parts.next()?);
            return CourseRunKey::parse(&format!("{org}/{course}/{}", self.block_id));
        }
        let (course, _) = course_part_and_rest(self.text)?;
        let prefix = if self.text.starts_with("ccx-") { "ccx-v1" } else { "course-v1" };
        CourseRunKey::parse(&format!("{prefix}:{course}"))
    }
}

/// Splits `block-v1:O+C+R[+branch@..][+version@..]+type@T+block@B` into `O+C+R` and `T+block@B`.
fn course_part_and_rest(text: &str) -> Option<(&str, &str)> {
    let (prefix, rest) = text.split_once(':')?;
    if !matches!(prefix, "block-v1" | "ccx-block-v1" | "lib-block-v1") {
        return None;
    }
    let (course, rest) = rest.split_once("+type@")?;
    let course = course.split_once("+branch@").map_or(course, |(course, _)| course);
    let course = course.split_once("+version@").map_or(course, |(course, _)| course);
    Some((course, rest))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot read its own key should stop")]
    use super::*;

    fn read(text: &str) -> (&str, &str, Option<String>) {
        let key = UsageKey::parse(text).unwrap();
        (key.category(), key.block_id(), key.course_run_key().map(|key| key.to_string()))
    }

    #[test]
    fn a_new_key_names_category_block_and_run() {
        let run = Some("course-v1:O+C.x+R".to_owned());
        assert_eq!(read("block-v1:O+C.x+R+type@problem+block@ab12"), ("problem", "ab12", run.clone()));
        assert_eq!(read("block-v1:O+C.x+R+branch@draft+version@9+type@html+block@a"), ("html", "a", run));
        assert_eq!(read("ccx-block-v1:O+C+R+ccx@4+type@course+block@course"), ("course", "course", Some("ccx-v1:O+C+R+ccx@4".to_owned())));
        assert_eq!(read("lib-block-v1:O+L+type@html+block@a"), ("html", "a", None));
    }

    #[test]
    fn an_old_key_names_its_run_only_for_the_course_block() {
        assert_eq!(read("i4x://O/C/course/2012_Fall"), ("course", "2012_Fall", Some("O/C/2012_Fall".to_owned())));
        assert_eq!(read("i4x://O/C/problem/P1@draft"), ("problem", "P1", None));
    }

    #[test]
    fn other_text_is_no_usage_key() {
        for text in
            ["", "O/C/R", "course-v1:O+C+R", "block-v1:O+C+R", "block-v1:O+C+R+type@+block@", "i4x://O/C/problem", "i4x:///C/problem/x"]
        {
            assert_eq!(UsageKey::parse(text), None, "{text:?}");
        }
    }
}
