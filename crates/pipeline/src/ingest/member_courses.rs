//! The course run of each member of a package: from its own content, from that of the members with the same stem, from earlier packages,
//! and only then from its name. It refuses to split a name of more parts than three.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use czar_formats::package_file::{is_cut_name, naive_course_run_key};
use deltalake_core::arrow::array::{Array as _, AsArray as _, RecordBatch};
use deltalake_core::arrow::datatypes::Date32Type;

use super::load_record::LoadRecord;
use super::row_courses::is_row_keyed;
use crate::lake::schema::LOADS;
use crate::lake::{Lake, LakeError};

/// Site and stem of a file name.
type Place = (Option<String>, String);

/// Course runs that the content of a package has named.
#[derive(Default)]
pub struct CoursesOfContent(BTreeMap<Place, String>);

impl CoursesOfContent {
    /// The site of a stem, when only one has it.
    pub fn only_site_of(&self, stem: &str) -> Option<String> {
        let mut sites = self.0.keys().filter(|(_, named)| named == stem).filter_map(|(site, _)| site.as_ref());
        match (sites.next(), sites.next()) {
            (Some(site), None) => Some(site.clone()),
            _ => None,
        }
    }

    /// The course run of a stem.
    pub fn of_stem(&self, site: Option<&str>, stem: &str) -> Option<String> {
        self.0.get(&(site.map(ToOwned::to_owned), stem.to_owned())).cloned()
    }
}

/// Which stem means which course run.
#[derive(Default)]
pub struct Courses {
    /// As the content of this package says.
    of_content: BTreeMap<Place, String>,
    /// As earlier packages said; read when it is first needed.
    of_earlier: Option<HashMap<Place, String>>,
}

impl Courses {
    /// The course runs that the content of this package has named so far.
    pub fn of_content(&self) -> CoursesOfContent {
        CoursesOfContent(self.of_content.clone())
    }

    /// Notes a course that a file named itself, or takes the one that others named for its stem.
    ///
    /// # Errors
    /// `loads` cannot be read.
    pub fn settle(&mut self, lake: &Lake, load: &mut LoadRecord) -> Result<(), LakeError> {
        if load.table_name.as_deref().is_some_and(is_row_keyed) {
            return Ok(());
        }
        let Some(stem) = load.stem.clone() else { return Ok(()) };
        let is_cut = is_cut_name(&load.file_key);
        let place = (load.site.clone(), stem);
        let known = self.of_content.get(&place).cloned().or_else(|| if is_cut { self.of_cut_stem(&place) } else { None });
        match (&load.course_run_key, known) {
            (_, Some(known)) => load.course_run_key = Some(known),
            // A cut stem may be that of several course runs.
            (Some(_), None) if is_cut => {}
            (Some(own), None) => {
                self.of_content.insert(place, own.clone());
            }
            (None, None) => {
                if self.of_earlier.is_none() {
                    self.of_earlier = Some(earlier_courses(lake)?);
                }
                let earlier = self.of_earlier.as_ref().and_then(|earlier| earlier.get(&place)).cloned();
                let naive = || naive_course_run_key(&place.1).filter(|_| !is_cut).map(|key| key.as_str().to_owned());
                load.course_run_key = earlier.or_else(naive);
            }
        }
        Ok(())
    }

    /// The one course run whose stem a cut stem begins with, or is the beginning of.
    fn of_cut_stem(&self, (site, cut): &Place) -> Option<String> {
        let fits = |stem: &str| stem.starts_with(cut.as_str()) || cut.strip_prefix(stem).is_some_and(|rest| rest.starts_with('-'));
        let mut keys: Vec<&String> =
            self.of_content.iter().filter(|((of_site, stem), _)| of_site == site && fits(stem)).map(|(_, key)| key).collect();
        keys.dedup();
        match keys.as_slice() {
            [only] => Some((*only).clone()),
            _ => None,
        }
    }
}

/// What the newest package with a stem said.
fn earlier_courses(lake: &Lake) -> Result<HashMap<Place, String>, LakeError> {
    let mut newest: HashMap<Place, (NaiveDate, String)> = HashMap::new();
    let Some(table) = lake.table(LOADS)? else { return Ok(HashMap::new()) };
    let columns = ["site", "stem", "course_run_key", "package_date"];
    for path in table.data_files()? {
        for rows in lake.read_data_file(&table, &path, Some(&columns))? {
            take(&rows?, &mut newest);
        }
    }
    Ok(newest.into_iter().map(|(place, (_, key))| (place, key)).collect())
}

fn take(rows: &RecordBatch, newest: &mut HashMap<Place, (NaiveDate, String)>) {
    let text = |name: &str, row: usize| {
        let column = rows.column_by_name(name)?.as_string_opt::<i32>()?;
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    let date = |row: usize| {
        let column = rows.column_by_name("package_date")?.as_primitive_opt::<Date32Type>()?;
        NaiveDate::from_epoch_days(Some(row).filter(|&row| column.is_valid(row)).map(|row| column.value(row))?)
    };
    for row in 0..rows.num_rows() {
        let (Some(stem), Some(key), Some(date)) = (text("stem", row), text("course_run_key", row), date(row)) else { continue };
        let said = newest.entry((text("site", row), stem)).or_insert_with(|| (date, key.clone()));
        // Of one package the smaller key, so that the order of rows is of no account.
        if date > said.0 || (date == said.0 && key < said.1) {
            *said = (date, key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn courses(known: &[(&str, &str)]) -> Courses {
        let place = |stem: &str| (Some("edx".to_owned()), stem.to_owned());
        let of_content = known.iter().map(|(stem, key)| (place(stem), (*key).to_owned())).collect();
        Courses { of_content, of_earlier: None }
    }

    #[test]
    fn a_cut_stem_is_the_course_of_the_one_stem_it_fits() {
        let courses = courses(&[("O-Long-Run1", "O/Long/Run1"), ("O-Long-Run2", "O/Long/Run2"), ("O-L", "O/L/x")]);
        let found = |cut: &str| courses.of_cut_stem(&(Some("edx".to_owned()), cut.to_owned()));
        assert_eq!(found("O-Long-Run1-auth_us").as_deref(), Some("O/Long/Run1"));
        assert_eq!(found("O-Long-Run2").as_deref(), Some("O/Long/Run2"));
        assert_eq!(found("O-Long-Ru"), None);
        assert_eq!(found("P"), None);
    }
}
