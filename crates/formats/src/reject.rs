//! Why a record was set aside, as a value that can be counted, stored and looked up.
//! It never carries what the record said: a reject names its place, and the bytes stay in the vault.

use std::fmt;

/// Every reason for which a reader sets a record aside. The list is the source of the reference page on reject codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RejectCode {
    /// A record longer than the reader is allowed to hold.
    RecordTooLong,
    /// A database file's record that has more or fewer fields than the header.
    DatabaseFileWrongNumberOfFields,
    /// A forum line that is cut, or is not JSON at all.
    ForumNotJson,
    /// A forum line that is JSON, but not an object.
    ForumNotAJsonObject,
    /// A course structure entry whose value is not an object.
    CourseStructureBlockNotAnObject,
    /// A course structure entry whose usage key stood earlier in the same file.
    CourseStructureRepeatedUsageKey,
    /// A member of a course archive that is not XML.
    CourseArchiveNotXml,
    /// A member of a course archive that is nested deeper than a course can be.
    CourseArchiveTooDeep,
    /// A member of a course archive that is longer than a block can be.
    CourseArchiveMemberTooLarge,
    /// A member of a course archive whose name is too long or leads out of it.
    CourseArchiveUnusableName,
    /// A member of a course archive of which a later one has the name.
    CourseArchiveRepeatedMember,
    /// A reference to a file that is not in the course archive.
    CourseArchiveMissingMember,
    /// A reference to a block that has its place in the course already.
    CourseArchiveRepeatedBlock,
    /// A policy of a course archive that is no JSON object.
    CourseArchivePolicyNotJson,
    /// An entry of a grading policy that is no assignment type and no share.
    CourseArchivePolicyEntry,
    /// A log line without a JSON object in it.
    TrackingLogNotAJsonObject,
    /// A log line that ends before its object does.
    TrackingLogCut,
    /// A log line whose object is not JSON, even after mending.
    TrackingLogNotJson,
    /// A log record without a usable `time`.
    TrackingLogNoTime,
    /// A log record nested deeper than any reader can follow.
    TrackingLogTooDeep,
}

/// What the reference page says of one code.
struct Description {
    id: &'static str,
    meaning: &'static str,
    next_step: &'static str,
}

impl RejectCode {
    /// All codes, in the order of the reference page.
    pub const ALL: &'static [Self] = &[
        Self::RecordTooLong,
        Self::DatabaseFileWrongNumberOfFields,
        Self::ForumNotJson,
        Self::ForumNotAJsonObject,
        Self::CourseStructureBlockNotAnObject,
        Self::CourseStructureRepeatedUsageKey,
        Self::CourseArchiveNotXml,
        Self::CourseArchiveTooDeep,
        Self::CourseArchiveMemberTooLarge,
        Self::CourseArchiveUnusableName,
        Self::CourseArchiveRepeatedMember,
        Self::CourseArchiveMissingMember,
        Self::CourseArchiveRepeatedBlock,
        Self::CourseArchivePolicyNotJson,
        Self::CourseArchivePolicyEntry,
        Self::TrackingLogNotAJsonObject,
        Self::TrackingLogCut,
        Self::TrackingLogNotJson,
        Self::TrackingLogNoTime,
        Self::TrackingLogTooDeep,
    ];

    /// The stable name that stands in the lake's `rejects` table, in messages and in the documentation.
    pub fn id(self) -> &'static str {
        self.description().id
    }

    /// One sentence on what was found.
    pub fn meaning(self) -> &'static str {
        self.description().meaning
    }

    /// One sentence on what to do about it.
    pub fn next_step(self) -> &'static str {
        self.description().next_step
    }

    /// The code of a stable name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.id() == id)
    }

    const fn description(self) -> Description {
        match self {
            Self::RecordTooLong => Description {
                id: "record.too_long",
                meaning: "the record is longer than `ingest.max_record_bytes` allows",
                next_step: "raise the limit and ingest the file again if the record is to be trusted",
            },
            Self::DatabaseFileWrongNumberOfFields => Description {
                id: "database_file.wrong_number_of_fields",
                meaning: "the record does not have as many fields as the header has columns",
                next_step: "look at the record and the one before it: a raw line end or tab in a free-text field splits a record",
            },
            Self::ForumNotJson => Description {
                id: "forum.not_json",
                meaning: "the line is not JSON, or was cut before its end",
                next_step: "compare the line with the same post in the next weekly package",
            },
            Self::ForumNotAJsonObject => Description {
                id: "forum.not_a_json_object",
                meaning: "the line is JSON, but not an object, so it is no forum post",
                next_step: "nothing, unless many lines of a file are affected: then the file is not a forum export",
            },
            Self::CourseStructureBlockNotAnObject => Description {
                id: "course_structure.block_not_an_object",
                meaning: "the entry of a usage key is not a readable JSON object, so it describes no block",
                next_step: "look at the block in Studio; its children are kept as orphans",
            },
            Self::CourseStructureRepeatedUsageKey => Description {
                id: "course_structure.repeated_usage_key",
                meaning: "the usage key stood earlier in the same file; the first entry counts",
                next_step: "compare both entries with the course in Studio",
            },
            Self::CourseArchiveNotXml => Description {
                id: "course_archive.not_xml",
                meaning: "the member is not well-formed XML, or defines entities, so the block in it is not known",
                next_step: "look at the member at the column given, and mend the block in Studio; blocks inside it are kept as orphans",
            },
            Self::CourseArchiveTooDeep => Description {
                id: "course_archive.too_deep",
                meaning: "elements of the member are nested more than 200 deep",
                next_step: "look at the member: no block of a course is built like this",
            },
            Self::CourseArchiveMemberTooLarge => Description {
                id: "course_archive.member_too_large",
                meaning: "the member has more than 32 MiB",
                next_step: "look at the member: no block of a course is that long",
            },
            Self::CourseArchiveUnusableName => Description {
                id: "course_archive.unusable_name",
                meaning: "the name of the member is longer than 512 bytes, or leads out of the archive",
                next_step: "ask whoever packed the archive: edX writes no such names",
            },
            Self::CourseArchiveRepeatedMember => Description {
                id: "course_archive.repeated_member",
                meaning: "a later member of the archive has the same name; the later one counts",
                next_step: "ask whoever packed the archive: edX writes each member once",
            },
            Self::CourseArchiveMissingMember => Description {
                id: "course_archive.missing_member",
                meaning: "the member refers to a block whose file is not in the archive",
                next_step: "look for the block in the course structure of the same package; it may be gone from the course",
            },
            Self::CourseArchiveRepeatedBlock => Description {
                id: "course_archive.repeated_block",
                meaning: "the member refers to a block that has its place in the course already, above it or elsewhere; the first place counts",
                next_step: "nothing, unless many blocks are affected: then look at the outline of the course in Studio",
            },
            Self::CourseArchivePolicyNotJson => Description {
                id: "course_archive.policy_not_json",
                meaning: "the policy is not a JSON object, so its settings are not known",
                next_step: "look at the member at the column given; without a grading policy no pass mark is known",
            },
            Self::CourseArchivePolicyEntry => Description {
                id: "course_archive.policy_entry",
                meaning: "the entry of the grading policy is no assignment type, or a cutoff that is no number",
                next_step: "compare the grading policy with the course's settings in Studio",
            },
            Self::TrackingLogNotAJsonObject => Description {
                id: "tracking_log.not_a_json_object",
                meaning: "the line holds no JSON object, so it is no event",
                next_step: "nothing, unless many lines of a file are affected: then the file is not a tracking log",
            },
            Self::TrackingLogCut => Description {
                id: "tracking_log.cut",
                meaning: "the line ends before its JSON object does; old log shippers cut long records",
                next_step: "nothing if only long lines are affected; if it is the last line of the file, fetch the file again",
            },
            Self::TrackingLogNotJson => Description {
                id: "tracking_log.not_json",
                meaning: "the line has an object in it that is not JSON, and mending did not help",
                next_step: "look at the line at the column given: two records on one line, or damage on a disk, look like this",
            },
            Self::TrackingLogNoTime => Description {
                id: "tracking_log.no_time",
                meaning: "the record has no `time`, or one that is neither a date nor seconds since 1970",
                next_step: "look at the record: without a time it cannot be placed, and it may not be an event at all",
            },
            Self::TrackingLogTooDeep => Description {
                id: "tracking_log.too_deep",
                meaning: "objects and lists are nested more than 128 deep",
                next_step: "look at the record: no event of the platform is built like this",
            },
        }
    }
}

impl fmt::Display for RejectCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

/// One record that was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reject {
    /// Why.
    pub code: RejectCode,
    /// The byte of the record, counted from 1, at which reading stopped, where that is known.
    pub column: Option<u32>,
}

impl Reject {
    /// A reject of a record as a whole.
    pub fn new(code: RejectCode) -> Self {
        Self { code, column: None }
    }

    /// A reject at a byte of the record, counted from 1; 0 means the place is unknown.
    pub fn at(code: RejectCode, column: usize) -> Self {
        Self { code, column: u32::try_from(column).ok().filter(|&column| column > 0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_is_listed_once_and_found_by_its_id() {
        let ids: BTreeSet<_> = RejectCode::ALL.iter().map(|code| code.id()).collect();
        assert_eq!(ids.len(), RejectCode::ALL.len());
        for &code in RejectCode::ALL {
            assert_eq!(RejectCode::from_id(code.id()), Some(code));
            assert!(code.id().bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'.')), "{code}");
        }
    }

    #[test]
    fn every_code_says_what_it_means_and_what_to_do() {
        for &code in RejectCode::ALL {
            for sentence in [code.meaning(), code.next_step()] {
                assert!(sentence.starts_with(|first: char| first.is_lowercase()) && !sentence.ends_with('.'), "{code}: {sentence}");
            }
        }
    }
}
