//! What all packages of the lake say about which course run the stem of a file name means. It is a function of `loads` alone: whatever
//! package came first, a file that does not name its course has the one that the newest package names.
//!
//! Only what the content of a package named counts; a course that was itself taken from elsewhere is no evidence.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use czar_formats::package_file::{is_cut_name, naive_course_run_key};

use super::row_courses::is_row_keyed;

/// Site and stem of a file name.
pub type Place = (Option<String>, String);

/// Who named the course run of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedBy {
    /// Its own content.
    Content,
    /// The content of another file of its package.
    Package,
    /// The content of another package.
    OtherPackage,
    /// Nobody: it is guessed from the file's name.
    FileName,
}

impl NamedBy {
    /// The value of the column `course_named_by`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Package => "package",
            Self::OtherPackage => "other_package",
            Self::FileName => "file_name",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn of(text: &str) -> Option<Self> {
        [Self::Content, Self::Package, Self::OtherPackage, Self::FileName].into_iter().find(|named_by| named_by.as_str() == text)
    }
}

/// A course run, and who named it; `None` for one that nobody names.
pub type Named = Option<(String, NamedBy)>;

/// Course runs by stem, as the content of one package names them.
#[derive(Debug, Default, Clone)]
pub struct StemCourses(BTreeMap<Place, String>);

impl StemCourses {
    /// Notes what a file said first of a stem.
    pub fn note(&mut self, place: Place, key: String) {
        self.0.entry(place).or_insert(key);
    }

    /// The course run of a stem. A cut stem is that of the one course run whose stem it fits.
    pub fn course_of(&self, place: &Place, is_cut: bool) -> Option<&String> {
        self.0.get(place).or_else(|| if is_cut { self.of_cut_stem(place) } else { None })
    }

    /// The site of a stem, when only one has it.
    pub fn only_site_of(&self, stem: &str) -> Option<String> {
        let mut sites = self.0.keys().filter(|(_, named)| named == stem).filter_map(|(site, _)| site.as_ref());
        match (sites.next(), sites.next()) {
            (Some(site), None) => Some(site.clone()),
            _ => None,
        }
    }

    /// The one course run whose stem a cut stem begins with, or is the beginning of.
    fn of_cut_stem(&self, (site, cut): &Place) -> Option<&String> {
        let fits = |stem: &str| stem.starts_with(cut.as_str()) || cut.strip_prefix(stem).is_some_and(|rest| rest.starts_with('-'));
        let mut keys: Vec<&String> =
            self.0.iter().filter(|((of_site, stem), _)| of_site == site && fits(stem)).map(|(_, key)| key).collect();
        keys.dedup();
        match keys.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

/// What one load says of its course run.
#[derive(Debug, Clone)]
pub struct Said {
    /// The batch it is of.
    pub batch: String,
    /// Site and stem.
    pub place: Place,
    /// The day of its package.
    pub date: Option<NaiveDate>,
    /// Its table.
    pub table: Option<String>,
    /// Whether it has rows.
    pub has_rows: bool,
    /// Whether it is a course archive: its own files do not say which form the course's key has.
    pub is_archive: bool,
    /// Its course run.
    pub named: Named,
}

/// What the content of one package names.
#[derive(Debug, Default)]
struct Package {
    date: Option<NaiveDate>,
    of_files: StemCourses,
    of_archives: StemCourses,
}

impl Package {
    fn course_of(&self, place: &Place, is_cut: bool) -> Option<(bool, &String)> {
        let of_files = self.of_files.course_of(place, is_cut).map(|key| (true, key));
        of_files.or_else(|| self.of_archives.course_of(place, is_cut).map(|key| (false, key)))
    }
}

/// What all packages say, and whose course run was taken from elsewhere.
#[derive(Debug, Default)]
pub struct KnownCourses {
    packages: BTreeMap<String, Package>,
    /// Files whose package does not name their course, by key.
    guessed: BTreeMap<String, Said>,
}

impl KnownCourses {
    /// Takes what a load says.
    pub fn take(&mut self, file_key: &str, said: Said) {
        if said.table.as_deref().is_some_and(is_row_keyed) {
            return;
        }
        match &said.named {
            // A cut stem may be that of several course runs.
            Some((key, NamedBy::Content)) if !is_cut_name(file_key) => {
                let package = self.packages.entry(said.batch).or_default();
                package.date = package.date.max(said.date);
                let courses = if said.is_archive { &mut package.of_archives } else { &mut package.of_files };
                courses.note(said.place, key.clone());
            }
            Some((_, NamedBy::Content | NamedBy::Package)) => {}
            Some((_, NamedBy::OtherPackage | NamedBy::FileName)) | None => {
                self.guessed.insert(file_key.to_owned(), said);
            }
        }
    }

    /// Forgets what a batch said.
    pub fn forget<'a>(&mut self, batch: &str, file_keys: impl Iterator<Item = &'a String>) {
        self.packages.remove(batch);
        for file_key in file_keys {
            self.guessed.remove(file_key);
        }
    }

    /// The course run of a file of a package that does not name it: as the newest other package says that does, of one day the smaller key;
    /// else as its name has it.
    pub fn of_others(&self, batch: &str, place: &Place, file_key: &str) -> Named {
        let is_cut = is_cut_name(file_key);
        let others = self.packages.iter().filter(|(key, _)| key.as_str() != batch);
        let said = others.filter_map(|(_, package)| {
            let (is_stated, key) = package.course_of(place, is_cut)?;
            Some((is_stated, package.date, Reverse(key)))
        });
        if let Some((_, _, Reverse(key))) = said.max() {
            return Some((key.clone(), NamedBy::OtherPackage));
        }
        // A guess at a cut stem would make a course run of its own.
        let naive = naive_course_run_key(&place.1).filter(|_| !is_cut);
        naive.map(|key| (key.as_str().to_owned(), NamedBy::FileName))
    }

    /// The files whose course run is another by now, with what it is.
    pub fn changed(&self) -> BTreeMap<String, Said> {
        let named = |file_key: &str, said: &Said| {
            let own = self.packages.get(&said.batch).and_then(|package| package.course_of(&said.place, is_cut_name(file_key)));
            match own {
                Some((_, key)) => Some((key.clone(), NamedBy::Package)),
                None => self.of_others(&said.batch, &said.place, file_key),
            }
        };
        let changed = self.guessed.iter().filter_map(|(file_key, said)| {
            let named = named(file_key, said);
            (named != said.named).then(|| (file_key.clone(), Said { named, ..said.clone() }))
        });
        changed.collect()
    }

    /// Notes that files have other course runs now.
    pub fn settled(&mut self, changed: &BTreeMap<String, Said>) {
        for (file_key, said) in changed {
            self.guessed.remove(file_key);
            self.take(file_key, said.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(stem: &str) -> Place {
        (Some("edx".to_owned()), stem.to_owned())
    }

    fn said(batch: &str, day: u32, stem: &str, named: Named) -> Said {
        let date = NaiveDate::from_ymd_opt(2015, 3, day);
        Said {
            batch: batch.to_owned(),
            place: place(stem),
            date,
            table: Some("auth_user".to_owned()),
            has_rows: true,
            is_archive: false,
            named,
        }
    }

    fn by_content(key: &str) -> Named {
        Some((key.to_owned(), NamedBy::Content))
    }

    #[test]
    fn a_cut_stem_is_the_course_of_the_one_stem_it_fits() {
        let mut courses = StemCourses::default();
        for (stem, key) in [("O-Long-Run1", "O/Long/Run1"), ("O-Long-Run2", "O/Long/Run2"), ("O-L", "O/L/x")] {
            courses.note(place(stem), key.to_owned());
        }
        let found = |cut: &str| courses.course_of(&place(cut), true).map(String::as_str);
        assert_eq!(found("O-Long-Run1-auth_us"), Some("O/Long/Run1"));
        assert_eq!(found("O-Long-Run2"), Some("O/Long/Run2"));
        assert_eq!(found("O-Long-Ru"), None);
        assert_eq!(found("P"), None);
        assert_eq!(courses.course_of(&place("O-Long-Run1-x"), false), None);
    }

    #[test]
    fn whatever_order_packages_come_in_the_newest_that_names_a_course_counts() {
        let loads = [
            ("p1/f", said("p1", 1, "O-C-R", None)),
            ("p2/f", said("p2", 8, "O-C-R", by_content("O/C/R"))),
            ("p3/f", said("p3", 15, "O-C-R", by_content("O/C/newer"))),
            ("p4/f", said("p4", 15, "O-C-R", by_content("O/C/later"))),
            ("p5/f", said("p5", 22, "O-C-R", Some(("O/C/guess".to_owned(), NamedBy::OtherPackage)))),
        ];
        for rotation in 0..loads.len() {
            let mut known = KnownCourses::default();
            for (file_key, said) in loads.iter().cycle().skip(rotation).take(loads.len()) {
                known.take(file_key, said.clone());
            }
            let expected = Some(("O/C/later".to_owned(), NamedBy::OtherPackage));
            let changed = known.changed();
            assert_eq!(changed.values().map(|said| said.named.clone()).collect::<Vec<_>>(), [expected.clone(), expected]);
            known.settled(&changed);
            assert!(known.changed().is_empty());
        }
    }

    #[test]
    fn a_course_is_guessed_again_when_the_package_that_named_it_no_longer_does() {
        let mut known = KnownCourses::default();
        known.take("p1/f", said("p1", 1, "O-C-R", Some(("O/C/R".to_owned(), NamedBy::OtherPackage))));
        known.take("p2/f", said("p2", 8, "O-C-R", by_content("O/C/R")));
        assert!(known.changed().is_empty());
        known.forget("p2", std::iter::once(&"p2/f".to_owned()));
        let changed = known.changed();
        assert_eq!(changed["p1/f"].named, Some(("course-v1:O+C+R".to_owned(), NamedBy::FileName)));
    }

    #[test]
    fn an_archive_names_a_course_only_where_no_other_file_of_any_package_does() {
        let mut known = KnownCourses::default();
        known.take("p2/a", Said { is_archive: true, ..said("p2", 8, "O-C-R", by_content("course-v1:O+C+R")) });
        let found = |known: &KnownCourses| known.of_others("p1", &place("O-C-R"), "p1/f").map(|(key, _)| key);
        assert_eq!(found(&known).as_deref(), Some("course-v1:O+C+R"));
        known.take("p0/f", said("p0", 1, "O-C-R", by_content("O/C/R")));
        assert_eq!(found(&known).as_deref(), Some("O/C/R"));
    }
}
