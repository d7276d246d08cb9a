//! Which of the files of a place are ours, and of which kind, told from their keys alone. Keys of other organisations are counted and
//! forgotten.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use czar_formats::package_file::{FileKind, classify};

/// What edX keeps in a place of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ContentKind {
    /// Daily event files, `{org}/{site}/events/{year}/`, and the collected logs of the time before 2014.
    Events,
    /// Weekly data packages, `{org}-{date}.zip`.
    Packages,
    /// E-mail opt-in lists, `email-opt-in/[email-opt-in-]{org}-{date}.zip`.
    EmailOptIn,
    /// Packages of approved research, `{org}/rdx/{request}/`.
    ResearchExchange,
    /// Reports on programmes, `reports_v2/{Org}/`.
    ProgramReports,
}

impl ContentKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Events, Self::Packages, Self::EmailOptIn, Self::ResearchExchange, Self::ProgramReports];

    /// The kind's name on the command line and in the settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Packages => "packages",
            Self::EmailOptIn => "email-opt-in",
            Self::ResearchExchange => "research-exchange",
            Self::ProgramReports => "program-reports",
        }
    }

    /// The setting that says where files of this kind are.
    #[must_use]
    pub fn setting(self) -> &'static str {
        match self {
            Self::Events => "sync.events",
            Self::Packages => "sync.packages",
            Self::EmailOptIn => "sync.email_opt_in",
            Self::ResearchExchange => "sync.research_exchange",
            Self::ProgramReports => "sync.program_reports",
        }
    }
}

impl fmt::Display for ContentKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for ContentKind {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.name() == name || kind.name().replace('-', "_") == name).ok_or(())
    }
}

/// What a key is to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    /// A file of ours.
    Ours {
        /// Its kind.
        kind: ContentKind,
        /// Whose it is, in lower case.
        organisation: String,
        /// The day in its name.
        date: Option<NaiveDate>,
    },
    /// Another organisation's.
    Foreign,
    /// Nothing that edX sends.
    Other,
}

/// Judges a key.
#[must_use]
pub fn judge(key: &str, organisations: &[Organisation]) -> Judged {
    let file = classify(key);
    let folders: Vec<&str> = key.split('/').collect();
    // Course keys in the names of a research exchange may have other organisations: the folder says whose it is. So with reports.
    let (kind, owner) = if let Some(at) = folders.iter().position(|folder| folder.eq_ignore_ascii_case("rdx")) {
        let owner = at.checked_sub(1).and_then(|before| folders.get(before)).map(|folder| folder.to_ascii_lowercase());
        // The description that lies beside the archives is theirs.
        (Some(ContentKind::ResearchExchange), owner)
    } else {
        let kind = match file.kind {
            FileKind::TrackingLog | FileKind::LogArchive => Some(ContentKind::Events),
            FileKind::DatabaseArchive => Some(ContentKind::Packages),
            FileKind::EmailOptInArchive => Some(ContentKind::EmailOptIn),
            FileKind::ProgramReport => Some(ContentKind::ProgramReports),
            _ => None,
        };
        (kind, file.org)
    };
    let (Some(kind), Some(owner)) = (kind, owner) else { return Judged::Other };
    if !organisations.iter().any(|organisation| organisation.key == owner) {
        return Judged::Foreign;
    }
    Judged::Ours { kind, organisation: owner, date: file.date }
}

/// The prefixes of a bucket below which all files of some kinds and organisations lie, as edX lays them out. Those of other organisations
/// are not even listed, but for names that begin alike. `address_prefix` may already lead into the first of these folders.
#[must_use]
pub fn prefixes(address_prefix: &str, kinds: &[ContentKind], organisations: &[Organisation]) -> Vec<String> {
    let mut prefixes = Vec::new();
    for Organisation { as_written, key } in organisations {
        for kind in kinds {
            match kind {
                ContentKind::Events | ContentKind::ResearchExchange => prefixes.push(format!("{key}/")),
                ContentKind::Packages => prefixes.push(format!("{key}-")),
                ContentKind::EmailOptIn => {
                    prefixes.push(format!("email-opt-in/{key}-"));
                    prefixes.push(format!("email-opt-in/email-opt-in-{key}-"));
                }
                ContentKind::ProgramReports => {
                    prefixes.push(format!("reports_v2/{as_written}/"));
                    prefixes.push(format!("reports_v2/{key}/"));
                }
            }
        }
    }
    let last_folder = address_prefix.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let below = |prefix: String| match prefix.split_once('/') {
        Some((first, rest)) if first == last_folder => format!("{address_prefix}{rest}"),
        _ => format!("{address_prefix}{prefix}"),
    };
    let mut prefixes: Vec<String> = prefixes.into_iter().map(below).collect();
    prefixes.sort();
    // What another one holds already would be listed twice.
    prefixes.dedup_by(|later, earlier| later.starts_with(earlier.as_str()));
    prefixes
}

/// An institution by the name it has in edX's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// As in its course run keys.
    pub as_written: String,
    /// In lower case, as in the names of objects.
    pub key: String,
}

impl Organisation {
    /// A name that can be part of a key; `None` for any other.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let is_plain = name.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c)) && name.chars().any(char::is_alphanumeric);
        (is_plain && !name.starts_with('.')).then(|| Self { as_written: name.to_owned(), key: name.to_lowercase() })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot write its own date should stop")]

    use super::*;

    fn judged(key: &str) -> Judged {
        judge(key, &[Organisation::new("UniversityX").unwrap()])
    }

    #[test]
    fn files_of_ours_are_told_by_name_and_folder() {
        let day = |text: &str| Some(text.parse().unwrap());
        for (key, kind, date) in [
            ("universityx/edx/events/2014/universityx-edx-events-2014-07-26.log.gz.gpg", ContentKind::Events, day("2014-07-26")),
            ("universityx/patches/events/2014/universityx-edx-events-2014-07-26.log.gz.gpg", ContentKind::Events, day("2014-07-26")),
            ("anywhere/universityx-edge-events-2014-07-26.log.gz.gpg", ContentKind::Events, day("2014-07-26")),
            ("universityx-2014-07-27.zip", ContentKind::Packages, day("2014-07-27")),
            ("email-opt-in/universityx-2014-07-27.zip", ContentKind::EmailOptIn, day("2014-07-27")),
            ("email-opt-in/email-opt-in-universityx-2014-07-27.zip", ContentKind::EmailOptIn, day("2014-07-27")),
            ("universityx/rdx/17/collegey_Demo_2014.tar.gz.gpg", ContentKind::ResearchExchange, None),
            ("universityx/rdx/17/metadata_file.json", ContentKind::ResearchExchange, None),
            ("reports_v2/UniversityX/enrolments.csv", ContentKind::ProgramReports, None),
        ] {
            let expected = Judged::Ours { kind, organisation: "universityx".to_owned(), date };
            assert_eq!(judged(key), expected, "{key}");
        }
    }

    #[test]
    fn files_of_others_are_foreign_also_when_their_names_begin_like_ours() {
        for key in [
            "universityx-online-2014-07-27.zip",
            "collegey-2014-07-27.zip",
            "email-opt-in/collegey-2014-07-27.zip",
            "universityx-online/edx/events/2014/universityx-online-edx-events-2014-07-26.log.gz.gpg",
            "collegey/rdx/17/universityx_Demo_2014.tar.gz.gpg",
            "reports_v2/CollegeY/enrolments.csv",
        ] {
            assert_eq!(judged(key), Judged::Foreign, "{key}");
        }
        for key in ["readme.txt", "universityx/notes.docx", "index.html", ""] {
            assert_eq!(judged(key), Judged::Other, "{key}");
        }
    }

    #[test]
    fn only_prefixes_of_ours_are_listed() {
        let ours = [Organisation::new("UniversityX").unwrap()];
        let of = |address_prefix: &str, kinds: &[ContentKind]| prefixes(address_prefix, kinds, &ours);
        assert_eq!(of("", &[ContentKind::Events, ContentKind::ResearchExchange]), ["universityx/"]);
        assert_eq!(of("", &[ContentKind::Packages]), ["universityx-"]);
        assert_eq!(of("", &[ContentKind::ProgramReports]), ["reports_v2/UniversityX/", "reports_v2/universityx/"]);
        let opt_in = ["mirror/email-opt-in/email-opt-in-universityx-", "mirror/email-opt-in/universityx-"];
        assert_eq!(of("mirror/", &[ContentKind::EmailOptIn]), opt_in);
        assert_eq!(of("mirror/email-opt-in/", &[ContentKind::EmailOptIn]), opt_in);
        assert_eq!(of("copy/universityx/", &[ContentKind::Events]), ["copy/universityx/"]);
    }

    #[test]
    fn a_name_that_could_lead_elsewhere_is_no_organisation() {
        for name in ["", "..", "a/b", "a*", ".a", "-"] {
            assert_eq!(Organisation::new(name), None, "{name}");
        }
    }
}
