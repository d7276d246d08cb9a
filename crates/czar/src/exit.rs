//! Exit codes: 0 done, 1 done but something was set aside or a check failed, 2 not done, 3 remote unreachable, 130 interrupted.

use std::process::ExitCode;

use czar_pipeline::error::ErrorKind;

use crate::failure;

/// Interrupted, as a shell reports it.
pub(crate) const INTERRUPTED: i32 = 130;

/// How a command that came to its end, ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All done.
    Done,
    /// Done, but a file failed or a check did not hold. It has been told.
    WithTrouble,
    /// A part was not done, for a reason of this kind. It has been told.
    NotDone(ErrorKind),
}

impl Outcome {
    /// Trouble if there was any.
    pub(crate) fn with_trouble_if(has_trouble: bool) -> Self {
        if has_trouble { Self::WithTrouble } else { Self::Done }
    }

    /// The exit code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::WithTrouble => 1,
            Self::NotDone(kind) => code_of_kind(kind),
        }
    }
}

pub(crate) fn of_outcome(outcome: Outcome) -> ExitCode {
    ExitCode::from(outcome.code())
}

pub(crate) fn of_error(error: &anyhow::Error) -> ExitCode {
    ExitCode::from(code_of_kind(failure::kind(error)))
}

fn code_of_kind(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Remote => 3,
        ErrorKind::Input | ErrorKind::Config | ErrorKind::Bug => 2,
    }
}

/// Asking for help is no failure.
pub(crate) fn of_arguments(error: &clap::Error) -> ExitCode {
    if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS }
}
