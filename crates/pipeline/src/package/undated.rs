//! Gives files of a package that lie in no folder `{org}-{date}` a day, and files whose names tell no site a site. Both are assumptions, and
//! are said aloud.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate};
use czar_formats::package_file::FileKind;
use czar_formats::site::Site;

use super::DeliveredFile;

/// A file without a day.
pub(super) struct Undated {
    pub(super) file: DeliveredFile,
    /// Its path, for the names of its folders.
    pub(super) relative_path: String,
    /// When its content was changed, microseconds since 1970.
    pub(super) modified_at: i64,
}

/// Takes the day from the nearest folder that names one; else a folder's files are all of the day on which the newest of them was changed.
/// Gives back the files that have a day now, and the paths of those that have none.
pub(super) fn date_them(undated: Vec<Undated>, notes: &mut Vec<String>) -> (Vec<DeliveredFile>, Vec<String>) {
    let mut dated = Vec::new();
    let mut lost = Vec::new();
    let mut n_by_name = 0;
    let mut by_folder: BTreeMap<String, Vec<Undated>> = BTreeMap::new();
    for one in undated {
        let folder = folder_of(&one.relative_path);
        match (date_in(folder), org_of(&one.file)) {
            // As if it lay in the package's own folder: the same file in both shapes is one file.
            (Some(date), org) => {
                n_by_name += 1;
                dated.push(of_package(one.file, &format!("{}-{date}", org.as_deref().unwrap_or("package")), date));
            }
            (None, _) => by_folder.entry(folder.to_owned()).or_default().push(one),
        }
    }
    if n_by_name > 0 {
        let n = count(n_by_name, "file");
        notes.push(format!("no package is named around {n}: taken as of the day that a folder above names"));
    }
    for (folder, files) in by_folder {
        let newest = files.iter().map(|one| one.modified_at).max().unwrap_or_default();
        let Some(date) = DateTime::from_timestamp_micros(newest).filter(|_| newest > 0).map(|time| time.date_naive()) else {
            lost.extend(files.iter().map(|one| one.file.display_path()));
            continue;
        };
        notes.push(format!(
            "no folder names the day of {} in `{folder}`: taken as of {date}, when the newest of them was changed",
            count(files.len(), "file")
        ));
        let name = folder.rsplit('/').next().unwrap_or_default().to_lowercase();
        dated.extend(files.into_iter().map(|one| of_package(one.file, &format!("{name}-{date}"), date)));
    }
    (dated, lost)
}

/// A file that names no site is of edX itself, unless its package has files of the same course from edge: then nobody knows. One that edX
/// did not name is of the only site of its package, or else of edX.
pub(super) fn assume_sites(files: &mut [DeliveredFile], notes: &mut Vec<String>) {
    let package = |file: &DeliveredFile| file.file.file_key.split('/').next().unwrap_or_default().to_owned();
    let on_edge: BTreeSet<(String, Option<String>)> =
        files.iter().filter(|file| file.file.site == Some(Site::EDGE)).map(|file| (package(file), file.file.stem.clone())).collect();
    let mut assumed = Vec::new();
    for file in files.iter_mut() {
        let has_site = matches!(
            file.file.kind,
            FileKind::Table(_) | FileKind::Forum | FileKind::CourseStructure | FileKind::CourseArchive | FileKind::EmailOptIn
        );
        if has_site && file.file.site.is_none() && !on_edge.contains(&(package(file), file.file.stem.clone())) {
            file.file.site = Some(Site::EDX);
            assumed.push(file.file.file_key.clone());
        }
    }
    let mut sites: BTreeMap<String, BTreeSet<Site>> = BTreeMap::new();
    for (package, site) in files.iter().filter_map(|file| Some((package(file), file.file.site.clone()?))) {
        sites.entry(package).or_default().insert(site);
    }
    // A file that edX did not name is of the site of all other files of its package.
    for file in files.iter_mut().filter(|file| matches!(file.file.kind, FileKind::Unknown | FileKind::TabSeparated(_) | FileKind::Csv(_))) {
        if file.file.site.is_some() {
            continue;
        }
        file.file.site = match sites.get(&package(file)).map(|sites| sites.iter().collect::<Vec<_>>()).as_deref() {
            Some([only]) => Some((*only).clone()),
            _ => {
                assumed.push(file.file.file_key.clone());
                Some(Site::EDX)
            }
        };
    }
    if let Some(first) = assumed.first() {
        notes.push(format!("{} no site in the name: taken as edX's own site, as `{first}`", tell(assumed.len())));
    }
}

fn tell(n: usize) -> String {
    format!("{} {}", count(n, "file"), if n == 1 { "has" } else { "have" })
}

fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

fn of_package(mut file: DeliveredFile, package: &str, date: NaiveDate) -> DeliveredFile {
    file.file.file_key = format!("{package}/{}", file.file.file_key);
    file.file.org = org_of(&file);
    file.file.date = Some(date);
    file
}

fn org_of(file: &DeliveredFile) -> Option<String> {
    let of_stem = || file.file.stem.as_deref()?.split('-').next().map(str::to_lowercase);
    file.file.org.clone().or_else(of_stem)
}

/// The folder a file lies in, without the `ora/` of open response assessment.
fn folder_of(path: &str) -> &str {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    folder.strip_suffix("/ora").unwrap_or(folder)
}

/// The day that the nearest folder names, as `2015-03-08` or `20150308`.
fn date_in(folder: &str) -> Option<NaiveDate> {
    folder.rsplit('/').find_map(|name| {
        let bytes = name.as_bytes();
        let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        (0..bytes.len()).filter(|at| is_digit(*at) && (*at == 0 || !is_digit(at - 1))).find_map(|at| {
            let written = |length: usize, form: &str| {
                let text = name.get(at..at + length).filter(|_| !is_digit(at + length))?;
                let date = NaiveDate::parse_from_str(text, form).ok()?;
                // edX began in 2012; other numbers of eight digits are no days.
                (text.len() == length && (NaiveDate::from_ymd_opt(2012, 1, 1)..NaiveDate::from_ymd_opt(2100, 1, 1)).contains(&Some(date)))
                    .then_some(date)
            };
            written(10, "%Y-%m-%d").or_else(|| written(8, "%Y%m%d"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_folder_with_a_day_in_its_name_dates_a_file() {
        let on = |folder: &str| date_in(folder).map(|date| date.to_string());
        for (folder, date) in [
            ("data/2015-03-08/DemoX", Some("2015-03-08")),
            ("2014-01-01/x20150308", Some("2015-03-08")),
            ("McGillX_2015-03-08_clear/sql", Some("2015-03-08")),
            ("data/20150308", Some("2015-03-08")),
            ("data/120150308", None),
            ("data/20151308", None),
            ("data/201503081", None),
            ("data/19000101", None),
            ("latest", None),
            ("", None),
            ("é2015-03-08é", Some("2015-03-08")),
        ] {
            assert_eq!(on(folder).as_deref(), date, "{folder}");
        }
        assert_eq!(folder_of("a/b/ora/x.sql"), "a/b");
    }
}
