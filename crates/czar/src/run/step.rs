//! The steps of a run: their names, their order, what each needs. It does none of them.

use crate::failure::refusal_with_hint;
use crate::words;

/// A step of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Sync,
    Unpack,
    Ingest,
    Build,
    Reports,
    Retention,
    Notify,
}

impl Step {
    /// In the order in which they are done.
    pub(crate) const ALL: [Self; 7] = [Self::Sync, Self::Unpack, Self::Ingest, Self::Build, Self::Reports, Self::Retention, Self::Notify];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Unpack => "unpack",
            Self::Ingest => "ingest",
            Self::Build => "build",
            Self::Reports => "reports",
            Self::Retention => "retention",
            Self::Notify => "notify",
        }
    }

    /// Steps without which this one makes no sense. Without a sync, what was delivered before can still be loaded.
    pub(crate) fn needs(self) -> &'static [Self] {
        match self {
            Self::Sync | Self::Unpack | Self::Ingest | Self::Retention | Self::Notify => &[],
            Self::Build => &[Self::Ingest],
            Self::Reports => &[Self::Ingest, Self::Build],
        }
    }

    /// The steps that a setting or an option names.
    ///
    /// # Errors
    /// A name is none of a step.
    pub(crate) fn of_names(names: &[String], place: &str) -> anyhow::Result<Vec<Self>> {
        let known = || Self::ALL.map(Self::name);
        let of_name = |name: &String| {
            Self::ALL.into_iter().find(|step| step.name() == name).ok_or_else(|| {
                let hint = match words::nearest(name, known()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the steps are {}", known().join(", ")),
                };
                refusal_with_hint(format!("{place} names `{name}`, which is no step of a run"), hint)
            })
        };
        names.iter().map(of_name).collect()
    }
}
