//! The package doctor: what is wrong with configuration, keys, disk, loads, packages, days and learners, and what to do about it.
//!
//! A check is data: what should hold ([`Check::rule`]), the SQL that finds where it does not, words for the place, the next step, and what
//! to ask edX for. It changes nothing, and no message names a learner: user ids are only in the rows that [`detail_sql`] lists.

mod catalogue;
mod days;
mod enrollment;
mod facts;
mod joins;
mod key_checks;
mod learners;
mod loads;
mod oddities;
mod packages;
mod place_checks;
mod report;
mod rows;
mod run;
mod surroundings;
mod wording;

use serde::Serialize;

pub use catalogue::{all, by_id};
pub use facts::Facts;
pub use report::{Answer, Finding, Report, State};
pub use run::{Selection, detail_sql, run};
pub use surroundings::{DiskFacts, FolderFacts, KeyState, OpenedFile, Surroundings, open_newest_files};

/// How bad it is when a rule does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gravity {
    /// Worth knowing; nothing to repair.
    Note,
    /// Numbers may be wrong, or something is about to go wrong.
    Warning,
    /// Data is missing or cannot be trusted.
    Error,
}

impl Gravity {
    /// As it is printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Settings, folders and research tables.
    Configuration,
    /// The data czar's secret keys.
    Keys,
    /// Room for what is still to be loaded.
    Disk,
    /// Each file that was loaded, or was not.
    Loads,
    /// Each data package against the one before.
    Packages,
    /// The days of the tracking log.
    Days,
    /// Rows that should find their counterpart in another table.
    Joins,
    /// The enrolment as the log tells it against the table.
    Enrollment,
    /// Accounts that need attention.
    Learners,
    /// What is known to be odd in edX's data.
    Oddities,
}

impl Group {
    /// All groups, in the order of a report.
    pub const ALL: [Self; 10] = [
        Self::Configuration,
        Self::Keys,
        Self::Disk,
        Self::Loads,
        Self::Packages,
        Self::Days,
        Self::Joins,
        Self::Enrollment,
        Self::Learners,
        Self::Oddities,
    ];

    /// The stable name, with which the ids of its checks begin.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Keys => "keys",
            Self::Disk => "disk",
            Self::Loads => "loads",
            Self::Packages => "packages",
            Self::Days => "days",
            Self::Joins => "joins",
            Self::Enrollment => "enrollment",
            Self::Learners => "learners",
            Self::Oddities => "oddities",
        }
    }

    /// As a heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Configuration => "Configuration",
            Self::Keys => "Keys",
            Self::Disk => "Disk",
            Self::Loads => "Loads",
            Self::Packages => "Data packages",
            Self::Days => "Days of the log",
            Self::Joins => "Counterparts in other tables",
            Self::Enrollment => "Enrolment by log and by table",
            Self::Learners => "Learners",
            Self::Oddities => "Known oddities",
        }
    }
}

/// One check.
#[derive(Debug)]
pub struct Check {
    /// The stable name: `days.missing`.
    pub id: &'static str,
    /// What it is about.
    pub group: Group,
    /// How bad a finding is, unless it has a known reason: then it is a note.
    pub gravity: Gravity,
    /// What holds when there is no finding.
    pub rule: &'static str,
    /// What exactly is compared, and where the rule comes from.
    pub meaning: &'static str,
    /// What to do about a finding.
    pub next_step: &'static str,
    /// Without which there is nothing to look at: loaded tables, or names of `surroundings`.
    needs: &'static [&'static str],
    work: Work,
}

impl Check {
    /// Whether the places it finds can be listed row by row.
    #[must_use]
    pub fn has_detail(&self) -> bool {
        matches!(self.work, Work::Sql(_))
    }
}

/// How a check finds something.
#[derive(Debug)]
enum Work {
    /// By a query.
    Sql(Query),
    /// From what surrounds the lake.
    Surroundings(fn(&Surroundings) -> Vec<Finding>),
}

/// The query of a check, and the words for a row of its result.
#[derive(Debug)]
struct Query {
    /// One row for each single thing that is not as it should be. May hold user ids.
    detail: &'static str,
    /// Makes findings of the relation `detail`; without it each of its rows is one. A true `is_explained` makes a finding a note.
    findings: Option<&'static str>,
    /// The words for a finding; `{column}` stands for a value, `{column|noun}` for a number with its noun. Names no learner.
    message: &'static str,
    /// What to ask edX for, in the same way.
    ask: Option<&'static str>,
}
