//! The institution's own list of courses: names, departments, dates, free attributes, and which course runs belong to each. It comes from
//! a file that people keep, `courses.toml`; nothing in it is guessed from the data.

mod error;
mod store;

use std::collections::BTreeSet;
use std::path::Path;

use chrono::NaiveDate;
use serde::Deserialize;

pub use error::CoursesError;
pub use store::{REGISTERED_COURSE_COLUMNS, REGISTERED_COURSES, store};

/// A list of courses has no business to be larger.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// The sites of edX.
const SITES: [&str; 2] = ["edx", "edge"];

/// A course as the institution knows it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisteredCourse {
    /// The institution's own name for it, such as a number in its catalogue.
    pub id: String,
    /// Its title.
    pub name: Option<String>,
    /// The department responsible for it.
    pub department: Option<String>,
    /// Its first day.
    pub start: Option<toml::value::Datetime>,
    /// Its last day.
    pub end: Option<toml::value::Datetime>,
    /// Site of edX its runs are on: `edx` when not given.
    pub site: Option<String>,
    /// Keys of its course runs.
    #[serde(default)]
    pub course_run_keys: Vec<String>,
    /// Whatever else the institution wants to have at hand.
    #[serde(default)]
    pub attributes: toml::Table,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "course")]
    courses: Vec<RegisteredCourse>,
}

impl RegisteredCourse {
    /// The site its runs are on.
    #[must_use]
    pub fn site(&self) -> &str {
        self.site.as_deref().unwrap_or("edx")
    }

    /// Its first and last day.
    #[must_use]
    pub fn days(&self) -> (Option<NaiveDate>, Option<NaiveDate>) {
        (self.start.and_then(day_of), self.end.and_then(day_of))
    }
}

/// Reads the list. A file that does not exist is an empty list.
///
/// # Errors
/// The file cannot be read or understood, or one course run is in two courses.
pub fn read(path: &Path) -> Result<Vec<RegisteredCourse>, CoursesError> {
    let unreadable = |source| CoursesError::Unreadable { path: path.to_owned(), source };
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.len() > MAX_FILE_BYTES => return Err(CoursesError::TooLarge { path: path.to_owned() }),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    parse(&text).map_err(|reason| CoursesError::Content { path: path.to_owned(), reason })
}

fn parse(text: &str) -> Result<Vec<RegisteredCourse>, String> {
    let file: File = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text.as_bytes().iter().take(span.start).filter(|byte| **byte == b'\n').count() + 1);
        format!("line {line}: {}", error.message())
    })?;
    let mut ids = BTreeSet::new();
    let mut runs = BTreeSet::new();
    for course in &file.courses {
        if !ids.insert(&course.id) {
            return Err(format!("the course `{}` is there twice; one course may have several `course_run_keys`", course.id));
        }
        if !SITES.contains(&course.site()) {
            return Err(format!("the course `{}` has the site `{}`, which must be `edx` or `edge`", course.id, course.site()));
        }
        for day in [course.start, course.end].into_iter().flatten() {
            day_of(day).ok_or_else(|| format!("the course `{}` has `{day}`, which must be a day such as 2018-03-04", course.id))?;
        }
        for key in &course.course_run_keys {
            if !runs.insert((course.site(), key)) {
                return Err(format!("the course run `{key}` is there twice"));
            }
        }
    }
    Ok(file.courses)
}

fn day_of(datetime: toml::value::Datetime) -> Option<NaiveDate> {
    let day = datetime.date?;
    NaiveDate::from_ymd_opt(day.year.into(), day.month.into(), day.day.into())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot set up its data has failed")]

    use super::*;

    #[test]
    fn a_course_has_several_runs_and_attributes_of_its_own() {
        let text = "[[course]]\nid = \"DEMO\"\nname = \"Demonstration\"\nstart = 2018-03-04\n\
                    course_run_keys = [\"course-v1:UniversityX+DemoX+T1_2018\", \"course-v1:UniversityX+DemoX+T2_2018\"]\n\
                    attributes = { language = \"en\", credits = 5 }\n";
        let courses = parse(text).unwrap();
        assert_eq!((courses[0].site(), courses[0].course_run_keys.len()), ("edx", 2));
        assert_eq!(courses[0].days(), (NaiveDate::from_ymd_opt(2018, 3, 4), None));
        assert_eq!(courses[0].attributes["credits"].as_integer(), Some(5));
    }

    #[test]
    fn what_cannot_be_is_told() {
        for (text, reason) in [
            ("[[course]]\nid = \"A\"\n[[course]]\nid = \"A\"\n", "is there twice"),
            ("[[course]]\nid = \"A\"\nsite = \"prod\"\n", "must be `edx` or `edge`"),
            ("[[course]]\nid = \"A\"\nstart = 12:00:00\n", "must be a day"),
            ("[[course]]\nid = \"A\"\ncourse_run_keys = [\"x\", \"x\"]\n", "`x` is there twice"),
            ("[[course]]\nid = \"A\"\ndepartement = \"Physics\"\n", "line 3: unknown field `departement`"),
        ] {
            let told = parse(text).unwrap_err();
            assert!(told.contains(reason), "{told}");
        }
    }
}
