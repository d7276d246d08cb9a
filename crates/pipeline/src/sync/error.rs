//! Why nothing, or nothing of one place, can be fetched. The failure of a single object is no error: it is in the summary.

use std::path::PathBuf;

use crate::control::ControlError;
use crate::error::ErrorKind;
use crate::remote::s3::CredentialsError;

/// Files cannot be fetched.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The settings cannot be.
    #[error("{reason}")]
    Settings {
        /// In what way.
        reason: String,
        /// The next step.
        hint: String,
    },
    /// Access keys cannot be had.
    #[error("there are no access keys for S3")]
    Credentials(#[from] CredentialsError),
    /// A place cannot be listed.
    #[error("could not list {}: {reason}", quoted(addresses))]
    Place {
        /// As they are in the settings. Several are told at once when they have the same trouble.
        addresses: Vec<String>,
        /// What the server said, or why it said nothing.
        reason: String,
        /// The next step.
        hint: String,
        /// Whether there was an answer, so that another try will not help.
        is_refusal: bool,
    },
    /// Not enough room.
    #[error("there is no room for {needed_bytes} bytes in `{}`: {free_bytes} are free, of which {kept_bytes} are to stay free", folder.display())]
    NoRoom {
        /// The delivery folder.
        folder: PathBuf,
        /// What is to be fetched.
        needed_bytes: u64,
        /// What is free.
        free_bytes: u64,
        /// What is not to be used.
        kept_bytes: u64,
    },
    /// The disk is full, or the folder may not be written.
    #[error("could not write `{}`", path.display())]
    Disk {
        /// What was to be written.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// What was asked for is not there.
    #[error("no object fits `{pattern}`")]
    NoSuchObject {
        /// As it was typed.
        pattern: String,
    },
    /// The record of what was fetched cannot be used.
    #[error(transparent)]
    Control(#[from] ControlError),
}

impl SyncError {
    /// What the error means to the caller.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Settings { .. } | Self::Place { is_refusal: true, .. } | Self::NoSuchObject { .. } => ErrorKind::Config,
            Self::Credentials(error) => error.kind(),
            Self::Place { .. } => ErrorKind::Remote,
            Self::NoRoom { .. } | Self::Disk { .. } => ErrorKind::Input,
            Self::Control(error) => error.kind(),
        }
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Settings { hint, .. } | Self::Place { hint, .. } => Some(hint.clone()),
            Self::Credentials(error) => error.hint().map(str::to_owned),
            Self::NoRoom { .. } => Some("make room, or fetch a part with `--since`, `--only` or the setting `sync.max_bytes`".to_owned()),
            Self::Disk { source, .. } => Some(match source.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded | std::io::ErrorKind::FileTooLarge => {
                    "make room on the disk of the delivery folder: the next run goes on where this one stopped".to_owned()
                }
                _ => "`delivery_folder` in czar.toml says where it is; it has to be writable".to_owned(),
            }),
            Self::NoSuchObject { .. } => {
                Some("`czar sync --dry-run --again '*'` lists all keys; a pattern without a slash is about the name alone".to_owned())
            }
            Self::Control(error) => error.hint().map(str::to_owned),
        }
    }

    /// Puts the errors of several places together that say the same.
    #[must_use]
    pub(super) fn joined(errors: Vec<Self>) -> Vec<Self> {
        let mut joined: Vec<Self> = Vec::new();
        for error in errors {
            let same = joined.iter_mut().find_map(|other| match (other, &error) {
                (Self::Place { addresses, reason, hint, .. }, Self::Place { reason: its_reason, hint: its_hint, .. })
                    if reason == its_reason && hint == its_hint =>
                {
                    Some(addresses)
                }
                _ => None,
            });
            match (same, error) {
                (Some(addresses), Self::Place { addresses: more, .. }) => addresses.extend(more),
                (_, error) => joined.push(error),
            }
        }
        joined
    }
}

fn quoted(addresses: &[String]) -> String {
    addresses.iter().map(|address| format!("`{address}`")).collect::<Vec<_>>().join(", ")
}
