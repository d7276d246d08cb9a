//! Why notices cannot be sent at all: the settings. What happens on the way to a server is in [`super::trouble`].

use std::path::PathBuf;

use crate::control::ControlError;
use crate::error::ErrorKind;

/// The settings cannot be used, or the control database cannot.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// A text that is no address.
    #[error("`{setting}`: `{text}` is not an e-mail address in plain ASCII")]
    Address {
        /// The setting.
        setting: String,
        /// What it says.
        text: String,
    },
    /// A setting has a value that cannot be.
    #[error("`{setting}` must be {expected}")]
    Value {
        /// The setting.
        setting: &'static str,
        /// What it may be.
        expected: String,
    },
    /// A setting that another one asks for.
    #[error("`{because}` is set, and `{missing}` is not")]
    Missing {
        /// The setting that is there.
        because: String,
        /// The one that is not.
        missing: &'static str,
    },
    /// A password would be readable on its way.
    #[error("`mail.security` is \"none\": the password of `mail.user` would go over the network in clear")]
    PasswordInClear,
    /// A secret cannot be had from where it should be.
    #[error("could not read the secret that `{setting}` names, from {place}: {reason}")]
    Secret {
        /// The setting.
        setting: &'static str,
        /// The place.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file that a setting names cannot be used.
    #[error("could not use `{}`, which `{setting}` names: {reason}", path.display())]
    File {
        /// The setting.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A webhook's address that is none. It is not repeated: it may hold a token.
    #[error("`{setting}`: address {number} of a webhook is not a URL that begins with https:// or http://")]
    WebhookAddress {
        /// The setting.
        setting: &'static str,
        /// Which one, from 1.
        number: usize,
    },
    /// No encrypted connection can be prepared.
    #[error("could not prepare encrypted connections: {reason}")]
    Tls {
        /// Why.
        reason: String,
    },
    /// The control database.
    #[error(transparent)]
    Control(#[from] ControlError),
}

impl NotifyError {
    /// What the error means to the caller.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Control(error) => error.kind(),
            _ => ErrorKind::Config,
        }
    }

    /// The next step, when we know one.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Missing { .. } => Some("set both or neither; `czar config show` tells which values are in force"),
            Self::PasswordInClear => {
                Some("set `mail.security` to \"starttls\" or \"tls\", or leave `mail.user` out if the server asks for no login")
            }
            Self::Secret { .. } => Some("see `czar config show` for where this place is set"),
            Self::File { setting: "mail.ca_file", .. } => Some("it must be a PEM file with the certificate of who signed the server's"),
            Self::WebhookAddress { .. } => {
                Some("addresses that hold a token belong into the file that `webhooks.urls_file` names, one a line")
            }
            Self::Control(error) => error.hint(),
            _ => None,
        }
    }
}
