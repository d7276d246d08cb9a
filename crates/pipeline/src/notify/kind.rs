//! The kinds of notices, by the names that settings, templates and the control database share. It does not say who hears of them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Files were loaded.
    NewData,
    /// A step of a run failed.
    Failure,
    /// A step that had failed was done again.
    Recovered,
    /// A secret key expires soon, or has expired.
    KeyExpiring,
    /// Days or weeks are missing in what edX delivered.
    GapFound,
    /// A report was written.
    Report,
}

impl NoticeKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [Self::NewData, Self::Failure, Self::Recovered, Self::KeyExpiring, Self::GapFound, Self::Report];

    /// The name of the kind, which never changes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NewData => "new_data",
            Self::Failure => "failure",
            Self::Recovered => "recovered",
            Self::KeyExpiring => "key_expiring",
            Self::GapFound => "gap_found",
            Self::Report => "report",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What the kind is for, for help texts.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::NewData => "files were loaded",
            Self::Failure => "a step of a run failed",
            Self::Recovered => "a step that had failed was done again",
            Self::KeyExpiring => "a secret key expires soon, or has expired",
            Self::GapFound => "days or weeks are missing in what edX delivered",
            Self::Report => "a report was written",
        }
    }
}

impl fmt::Display for NoticeKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
