//! What a file of a data package is, told from its name alone: kind, site, organisation, date, course, wrapping.
//! It refuses to split a course out of a name: parts may hold dashes, so the course comes from the content
//! (docs/concepts/edx-files.md, "Names of members").

mod log;
mod member;
mod program_report;
mod research_exchange;
mod table_name;

use chrono::NaiveDate;

use crate::course_run_key::CourseRunKey;
use crate::site::Site;

/// A file of a delivery, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageFile {
    /// The logical name: the same for the encrypted, the clear and the unpacked shape of one file.
    ///
    /// Event files: `universityx-edx-events-2014-07-26`. Members: `universityx-2014-07-27/[ora/]` and the member's name without `.gpg`,
    /// `.failed` and an added `.gz`. Archives: their name without `.zip`. Unknown files: their path as it stands.
    pub file_key: String,
    /// What the file holds.
    pub kind: FileKind,
    /// The site the name tells.
    pub site: Option<Site>,
    /// The organisation of the delivery, in lower case: from an event file's or archive's name, or from a member's package directory.
    pub org: Option<String>,
    /// The day of an event file, or the day of the package.
    pub date: Option<NaiveDate>,
    /// `{org}-{course}-{run}` of a member as it stands in the name; see [`naive_course_run_key`].
    pub stem: Option<String>,
    /// What has to be taken off before the content can be read.
    pub wrapping: Wrapping,
    /// edX could not produce the file and shipped the error text of its own job in its place. Never parse it.
    pub failed: bool,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// One day of events of one site.
    TrackingLog,
    /// A log that does not say in its name which day, or which site, it is of: a self-hosted `tracking.log`, or any other `.log`. Only
    /// its first event tells; a log without one is none of ours.
    LooseLog,
    /// The weekly zip of a whole organisation, or a tar somebody made of one.
    DatabaseArchive,
    /// A tar of all event files of an organisation, as edX sent them until 2014.
    LogArchive,
    /// The tar of one course of a research exchange.
    ResearchExchangeArchive,
    /// A `.sql` file, by the table's name in the lake. A name edX added since is carried as it is.
    Table(String),
    /// A `.mongo` export of a course's forum.
    Forum,
    /// A `course_structure` file.
    CourseStructure,
    /// A course's content as a tar archive of XML.
    CourseArchive,
    /// The zip that holds the e-mail opt-in list.
    EmailOptInArchive,
    /// The e-mail opt-in list of an organisation.
    EmailOptIn,
    /// A report on learners of programmes; which one, the header tells ([`crate::database_file::Header::recognize_csv`]).
    ProgramReport,
    /// Another `.csv` file of a package, by the table's name in the lake.
    Csv(String),
    /// A file of a package that may be a tab-separated table, by the name that would have in the lake: `.tsv`, `.tab`, `.txt`, or `.sql`
    /// named otherwise than by edX. Its content tells.
    TabSeparated(String),
    /// A `.sql` file whose cut name lost its table; its header tells it ([`crate::database_file::Header::recognize`]).
    UnnamedTable,
    /// Nothing we know. In a package, which gives it a date, it is read as text ([`crate::other_file`]).
    Unknown,
}

/// The layers around the content, from the outside in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wrapping {
    /// An OpenPGP message.
    pub encrypted: bool,
    /// A gzip stream, inside the message if there is one.
    pub gzip: bool,
    /// A zstd stream, likewise; edX sends none, people keep logs so.
    pub zstd: bool,
}

/// Tells what a file is from its path below the download folder, with `/` between the parts.
///
/// A member of a zip is given as if the zip were a directory of its name: `universityx-2014-07-27/UniversityX-...sql.gpg`.
pub fn classify(relative_path: &str) -> PackageFile {
    let (directory, name) = relative_path.rsplit_once('/').unwrap_or(("", relative_path));
    let (name, encrypted) = without_suffix(name, ".gpg");
    let (name, zstd) = without_suffix(name, ".zst");
    let (name, failed) = without_suffix(name, ".failed");
    let shape = Shape { relative_path, directory, name, encrypted, zstd, failed };
    if name.starts_with('.') {
        return shape.unknown();
    }
    if let Some(file) = research_exchange::file(&shape) {
        return file;
    }
    // What lies among files of a research exchange is not edX's ordinary delivery, whatever its name.
    if research_exchange::is_of_one(shape.directory) {
        return shape.unknown();
    }
    event_file(&shape)
        .or_else(|| log::legacy(&shape))
        .or_else(|| archive(&shape))
        .or_else(|| log::loose(&shape))
        .or_else(|| member::member(&shape))
        .or_else(|| program_report::program_report(&shape))
        .unwrap_or_else(|| shape.unknown())
}

impl PackageFile {
    /// Whether edX cut the name, so that its last word may be the beginning of another table's name.
    pub fn has_cut_name(&self) -> bool {
        is_cut_name(&self.file_key)
    }

    /// A log of a package that turned out to hold no event, as what it is then: another file of the package.
    #[must_use]
    pub fn as_other_member(&self) -> Option<Self> {
        (self.kind == FileKind::LooseLog).then(|| member::log_without_events(self))?
    }
}

/// Whether a name, with or without `.gpg` behind it, is that of a tar archive, packed or not.
pub fn is_tar_name(name: &str) -> bool {
    let (name, _) = without_suffix(name, ".gpg");
    tar_stem(without_suffix(name, ".zst").0).is_some()
}

/// A name without `.tar`, `.tar.gz` or `.tgz`.
fn tar_stem(name: &str) -> Option<&str> {
    [".tar", ".tar.gz", ".tgz"].iter().find_map(|end| name.strip_suffix(end)).filter(|stem| !stem.is_empty())
}

/// Whether edX cut the name in a file's key: then its stem may be cut as well.
pub fn is_cut_name(file_key: &str) -> bool {
    member::is_cut(file_key)
}

/// The course run key of a stem of exactly three parts, and `-ccx-{n}` where there is one. It is a guess (the parts may hold
/// underscores that were letters, and the run may still have the old form of key): for files without content, when no other file of
/// the package tells better.
pub fn naive_course_run_key(stem: &str) -> Option<CourseRunKey> {
    match stem.split('-').collect::<Vec<_>>().as_slice() {
        [org, course, run] => CourseRunKey::parse(&format!("course-v1:{org}+{course}+{run}")),
        [org, course, run, "ccx", number] => CourseRunKey::parse(&format!("ccx-v1:{org}+{course}+{run}+ccx@{number}")),
        _ => None,
    }
}

/// A path with its outermost layers taken off the name.
struct Shape<'a> {
    relative_path: &'a str,
    directory: &'a str,
    name: &'a str,
    encrypted: bool,
    zstd: bool,
    failed: bool,
}

impl Shape<'_> {
    fn unknown(&self) -> PackageFile {
        PackageFile {
            file_key: self.relative_path.to_owned(),
            kind: FileKind::Unknown,
            site: None,
            org: None,
            date: None,
            stem: None,
            wrapping: self.wrapping(false),
            failed: self.failed,
        }
    }

    fn wrapping(&self, gzip: bool) -> Wrapping {
        Wrapping { encrypted: self.encrypted, gzip, zstd: self.zstd }
    }
}

/// `{org}-{site}-events-{date}.log[.gz]`, wherever it lies.
fn event_file(shape: &Shape<'_>) -> Option<PackageFile> {
    let (name, gzip) = without_suffix(shape.name, ".gz");
    let (org_and_site, date) = dated(name.strip_suffix(".log")?)?;
    let (org, token) = split_site(org_and_site.strip_suffix("-events")?)?;
    let site = Site::from_token(token)?;
    let org = org.to_ascii_lowercase();
    let mut file_key = format!("{org}-{}-events-{date}", token.to_ascii_lowercase());
    // Re-deliveries lie in a folder `patches/events/{year}` and may keep the name of the file they correct: they are files of their own.
    if let Some(folder) = folder_above_events(shape.directory)
        && Site::from_token(folder).is_some_and(|folder_site| folder_site != site)
    {
        file_key = format!("{}/{file_key}", folder.to_ascii_lowercase());
    }
    Some(PackageFile {
        file_key,
        kind: FileKind::TrackingLog,
        site: Some(site),
        org: Some(org),
        date: Some(date),
        wrapping: shape.wrapping(gzip),
        ..shape.unknown()
    })
}

fn folder_above_events(directory: &str) -> Option<&str> {
    let mut folders = directory.rsplit('/').skip_while(|folder| *folder != "events");
    folders.nth(1)
}

/// `{org}-{date}.zip` or a tar of that name, and the opt-in zip under both its names: in a folder `email-opt-in/`, or with that before the
/// organisation.
fn archive(shape: &Shape<'_>) -> Option<PackageFile> {
    let package = Package::of(shape.name.strip_suffix(".zip").or_else(|| tar_stem(shape.name))?)?;
    let package = Package { opt_in: package.opt_in || shape.directory.rsplit('/').next() == Some("email-opt-in"), ..package };
    Some(PackageFile {
        file_key: package.key(),
        kind: if package.opt_in { FileKind::EmailOptInArchive } else { FileKind::DatabaseArchive },
        org: Some(package.org),
        date: Some(package.date),
        ..shape.unknown()
    })
}

/// A package's own name, as a zip or a directory carries it.
struct Package {
    org: String,
    date: NaiveDate,
    opt_in: bool,
}

impl Package {
    fn of(name: &str) -> Option<Self> {
        let (org, date) = dated(name)?;
        let (org, opt_in) = match org.strip_prefix("email-opt-in-") {
            Some(org) => (org, true),
            None => (org, false),
        };
        (!org.is_empty()).then(|| Self { org: org.to_ascii_lowercase(), date, opt_in })
    }

    fn key(&self) -> String {
        format!("{}{}-{}", if self.opt_in { "email-opt-in-" } else { "" }, self.org, self.date)
    }
}

/// Splits `{rest}-{YYYY-MM-DD}`.
fn dated(name: &str) -> Option<(&str, NaiveDate)> {
    let (rest, date) = name.split_at_checked(name.len().checked_sub(10)?)?;
    let well_formed = date.bytes().enumerate().all(|(index, byte)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if !well_formed {
        return None;
    }
    Some((rest.strip_suffix('-')?, date.parse().ok()?))
}

/// Splits `{rest}-{site}`; `prod-edge` is one token.
fn split_site(name: &str) -> Option<(&str, &str)> {
    let (rest, token) = match name.strip_suffix("-prod-edge") {
        Some(rest) => (rest, "prod-edge"),
        None => name.rsplit_once('-')?,
    };
    (!rest.is_empty()).then_some((rest, token))
}

fn without_suffix<'a>(name: &'a str, suffix: &str) -> (&'a str, bool) {
    match name.strip_suffix(suffix) {
        Some(rest) if !rest.is_empty() => (rest, true),
        _ => (name, false),
    }
}

#[cfg(test)]
mod tests;
