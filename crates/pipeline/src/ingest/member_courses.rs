//! The course run of each member of a package: from its own content, from that of the members with the same stem, from other packages, and
//! only then from its name. It refuses to split a name of more parts than three.

use czar_formats::package_file::{FileKind, is_cut_name};

use super::known_courses::{KnownCourses, NamedBy, StemCourses};
use super::load_record::{COURSE_ARCHIVE, LoadRecord};
use super::row_courses::is_row_keyed;
use crate::package::DeliveredFile;

/// Which stem means which course run, while a package is read.
pub struct Courses<'a> {
    batch: &'a str,
    /// As the content of this package says.
    of_content: StemCourses,
    /// As the other packages say.
    of_others: &'a KnownCourses,
}

impl<'a> Courses<'a> {
    /// Begins with what other packages say.
    pub fn new(batch: &'a str, of_others: &'a KnownCourses) -> Self {
        Self { batch, of_content: StemCourses::default(), of_others }
    }

    /// The course runs that the content of this package has named so far.
    pub fn of_content(&self) -> StemCourses {
        self.of_content.clone()
    }

    /// Notes a course that a file named itself, or takes the one that others named for its stem.
    pub fn settle(&mut self, load: &mut LoadRecord) {
        if load.table_name.as_deref().is_some_and(is_row_keyed) {
            return;
        }
        let Some(stem) = load.stem.clone() else { return };
        let is_cut = is_cut_name(&load.file_key);
        let place = (load.site.clone(), stem);
        let known = self.of_content.course_of(&place, is_cut).cloned();
        let named = match (load.course_run_key.take(), known) {
            // An archive is told its course by others.
            (Some(own), Some(known)) if own == known && load.kind != COURSE_ARCHIVE => Some((own, NamedBy::Content)),
            (_, Some(known)) => Some((known, NamedBy::Package)),
            (Some(own), None) => {
                // A cut stem may be that of several course runs.
                if !is_cut {
                    self.of_content.note(place, own.clone());
                }
                Some((own, NamedBy::Content))
            }
            (None, None) => self.of_others.of_others(self.batch, &place, &load.file_key),
        };
        (load.course_run_key, load.course_named_by) = named.unzip();
    }

    /// Gives a file without rows the course that a later file of the package named. Rows that are written already get it with the books.
    pub fn settle_again(&mut self, load: &mut LoadRecord) {
        if load.n_rows == 0 && !matches!(load.course_named_by, Some(NamedBy::Content | NamedBy::Package)) {
            load.course_run_key = None;
            self.settle(load);
        }
    }
}

/// Tells a course archive its course: its own files do not say whether keys have the old or the new form, other files of the package do.
/// They tell its site too where its name does not, if all files of the course are of one.
pub fn name_course(load: &mut LoadRecord, file: &DeliveredFile, courses: &StemCourses) {
    if file.file.kind == FileKind::CourseArchive
        && let Some(stem) = &load.stem
    {
        if load.site.is_none() {
            load.site = courses.only_site_of(stem);
        }
        load.course_run_key = courses.course_of(&(load.site.clone(), stem.clone()), false).cloned();
    }
}
