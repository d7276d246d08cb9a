//! Reports on learners of programmes, which lie in a bucket of their own: `reports_v2/{Org}/{any name}.csv`.
//! It refuses to tell one report from another: names vary, headers do not.

use chrono::NaiveDate;

use super::{FileKind, PackageFile, Shape, Wrapping, without_suffix};
use crate::site::Site;

/// A `.csv` file in a folder of reports, or with `program` in its name. Its day is a date in the name or in a folder's; without one the
/// caller may know when the file was written. Each report is delivered alone.
pub(super) fn program_report(shape: &Shape<'_>) -> Option<PackageFile> {
    let (name, gzip) = without_suffix(shape.name, ".gz");
    name.strip_suffix(".csv")?;
    let mut folders = shape.directory.split('/').skip_while(|folder| *folder != "reports_v2");
    let is_in_folder = folders.next().is_some();
    if !is_in_folder && !name.to_ascii_lowercase().contains("program") {
        return None;
    }
    let org = folders.next().map(str::to_ascii_lowercase);
    // Two folders may hold a report of one name: of two organisations, or of two days.
    let folder_date = shape.directory.rsplit('/').find_map(date_in);
    let date = date_in(name).or(folder_date);
    let mut file_key = "program-reports-".to_owned();
    if let Some(org) = &org {
        file_key = format!("{file_key}{org}-");
    }
    if let Some(date) = folder_date {
        file_key = format!("{file_key}{date}-");
    }
    file_key.push_str(name);
    Some(PackageFile {
        file_key,
        kind: FileKind::ProgramReport,
        site: Some(Site::EDX),
        org,
        date,
        wrapping: Wrapping { encrypted: shape.encrypted, gzip, zstd: false },
        ..shape.unknown()
    })
}

/// The last `YYYY-MM-DD` or `YYYYMMDD` in a name.
fn date_in(name: &str) -> Option<NaiveDate> {
    let bytes = name.as_bytes();
    (0..bytes.len()).rev().find_map(|start| {
        let rest = name.get(start..)?;
        // Eight digits within a longer number are no date.
        if start.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(u8::is_ascii_digit) {
            return None;
        }
        let (text, format) = match rest.as_bytes().get(4)? {
            b'-' => (rest.get(..10)?, "%Y-%m-%d"),
            _ => (rest.get(..8)?, "%Y%m%d"),
        };
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let goes_on = rest.as_bytes().get(text.len()).is_some_and(u8::is_ascii_digit);
        (digits == 8 && !goes_on).then(|| NaiveDate::parse_from_str(text, format).ok())?
    })
}
