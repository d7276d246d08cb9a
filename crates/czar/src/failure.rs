//! What an error means to the user: its kind, its next step, its one line. It prints nothing.

use std::io;

use czar_pipeline::control::ControlError;
use czar_pipeline::courses::CoursesError;
use czar_pipeline::engine::EngineError;
use czar_pipeline::error::ErrorKind;
use czar_pipeline::ingest::IngestError;
use czar_pipeline::inventory::InventoryError;
use czar_pipeline::lake::LakeError;
use czar_pipeline::marts::MartError;
use czar_pipeline::notify::NotifyError;
use czar_pipeline::originals::OriginalError;
use czar_pipeline::package::PackageError;
use czar_pipeline::sync::SyncError;
use czar_pipeline::unpack::UnpackError;
use czar_pipeline::vault::{self, VaultError};
use czar_synth::SynthError;

use crate::config::ConfigError;
use crate::truth::TruthError;

/// An error of the command line itself: what could not be done, and the next step.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Refusal {
    message: String,
    hint: Option<String>,
}

/// Refuses, without a next step.
pub(crate) fn refusal(message: impl Into<String>) -> anyhow::Error {
    Refusal { message: message.into(), hint: None }.into()
}

/// Refuses and says what to do.
pub(crate) fn refusal_with_hint(message: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    Refusal { message: message.into(), hint: Some(hint.into()) }.into()
}

/// The kind of the first cause that has one.
pub(crate) fn kind(error: &anyhow::Error) -> ErrorKind {
    meaning(error).map_or(ErrorKind::Input, |meaning| meaning.0)
}

/// The next step of the first cause that has one.
pub(crate) fn hint(error: &anyhow::Error) -> Option<String> {
    meaning(error).and_then(|meaning| meaning.1)
}

/// The chain of causes on one line. A cause that only says again what its predecessor said is left out.
pub(crate) fn one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain() {
        // Libraries like to spread a message over several lines.
        let text = cause.to_string().lines().map(str::trim).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
        if line.is_empty() {
            line = text;
        } else if !is_told(&line, &text) {
            line.push_str(": ");
            line.push_str(&text);
        }
    }
    line
}

/// Whether the line has what the cause says, with or without the prefixes of either.
fn is_told(line: &str, cause: &str) -> bool {
    let endings = line.match_indices(": ").map(|(at, _)| &line[at + 2..]);
    let without_prefix = cause.split_once(": ").map_or(cause, |(_, rest)| rest);
    line.ends_with(cause)
        || (without_prefix.len() > 8 && line.contains(without_prefix))
        || endings.filter(|ending| ending.len() > 8).any(|ending| cause.contains(ending))
}

/// Whether the reader of our output went away, as `head` does.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe))
}

fn meaning(error: &anyhow::Error) -> Option<(ErrorKind, Option<String>)> {
    error.chain().find_map(|cause| {
        if let Some(refusal) = cause.downcast_ref::<Refusal>() {
            return Some((ErrorKind::Config, refusal.hint.clone()));
        }
        if let Some(error) = cause.downcast_ref::<ConfigError>() {
            return Some((ErrorKind::Config, error.hint()));
        }
        if let Some(error) = cause.downcast_ref::<VaultError>() {
            return Some((vault_kind(error), error.hint().map(str::to_owned)));
        }
        if let Some(error) = cause.downcast_ref::<SynthError>() {
            return Some((synth_kind(error), None));
        }
        if let Some(error) = cause.downcast_ref::<TruthError>() {
            return Some((error.kind(), None));
        }
        if let Some(error) = cause.downcast_ref::<SyncError>() {
            return Some((error.kind(), error.hint()));
        }
        if let Some(error) = cause.downcast_ref::<ControlError>() {
            return Some((error.kind(), error.hint().map(str::to_owned)));
        }
        if let Some(error) = cause.downcast_ref::<CoursesError>() {
            return Some((error.kind(), error.hint().map(str::to_owned)));
        }
        if let Some(error) = cause.downcast_ref::<UnpackError>() {
            return Some((error.kind(), error.hint().map(str::to_owned)));
        }
        if let Some(error) = cause.downcast_ref::<NotifyError>() {
            return Some((error.kind(), error.hint().map(str::to_owned)));
        }
        if let Some(error) = cause.downcast_ref::<PackageError>() {
            return Some((error.kind(), error.hint().map(str::to_owned)));
        }
        if let Some(error) = cause.downcast_ref::<InventoryError>() {
            return Some((error.kind(), error.hint().map(str::to_owned)));
        }
        if let Some(error) = cause.downcast_ref::<OriginalError>() {
            return Some((error.kind(), error.hint().map(str::to_owned)));
        }
        if let Some(error) = cause.downcast_ref::<LakeError>() {
            return Some((error.kind(), error.hint().map(str::to_owned)));
        }
        if let Some(error) = cause.downcast_ref::<IngestError>() {
            return Some((error.kind(), error.hint().map(str::to_owned)));
        }
        if let Some(error) = cause.downcast_ref::<EngineError>() {
            return Some((error.kind(), error.hint().map(str::to_owned)));
        }
        if let Some(error) = cause.downcast_ref::<MartError>() {
            return Some((error.kind(), error.hint().map(str::to_owned)));
        }
        None
    })
}

fn vault_kind(error: &VaultError) -> ErrorKind {
    match error.kind() {
        vault::ErrorKind::Input => ErrorKind::Input,
        vault::ErrorKind::Config => ErrorKind::Config,
        vault::ErrorKind::Remote => ErrorKind::Remote,
        vault::ErrorKind::Bug => ErrorKind::Bug,
    }
}

fn synth_kind(error: &SynthError) -> ErrorKind {
    match error.kind() {
        czar_synth::ErrorKind::Input => ErrorKind::Input,
        czar_synth::ErrorKind::Config => ErrorKind::Config,
        czar_synth::ErrorKind::Bug => ErrorKind::Bug,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_of_causes_is_one_line_without_repetition() {
        let inner = io::Error::other("no room\n  on the disk");
        let error = anyhow::Error::from(inner).context("could not write `x`: no room on the disk").context("could not ingest");
        assert_eq!(one_line(&error), "could not ingest: could not write `x`: no room on the disk");
    }

    #[test]
    fn a_refusal_keeps_its_next_step_under_added_context() {
        let error = refusal_with_hint("no", "say please").context("asked");
        assert_eq!((kind(&error), hint(&error).as_deref()), (ErrorKind::Config, Some("say please")));
    }
}
