//! What can be wrong with the configuration. No message repeats a value: someone may have written a secret where it does not belong.

use std::path::PathBuf;

/// The configuration cannot be used; nothing has been started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file that was asked for is not there.
    #[error("there is no configuration file `{}`", path.display())]
    Missing { path: PathBuf },
    /// The file cannot be read.
    #[error("could not read configuration file `{}`", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{place}: not valid TOML: {reason}")]
    Syntax { place: String, reason: String },
    /// A setting that does not exist.
    #[error("{place}: there is no setting `{key}`")]
    UnknownKey { place: String, key: String, nearest: Option<String> },
    /// A setting with a value that cannot be.
    #[error("{place}: `{key}` must be {expected}")]
    WrongValue { place: String, key: String, expected: String },
    /// Two places for one thing.
    #[error("`{first}` ({first_origin}) and `{second}` ({second_origin}) are both set, and only one can count")]
    Both { first: &'static str, first_origin: String, second: &'static str, second_origin: String },
    /// The declaration of the settings and the loader disagree; a bug.
    #[error("the settings could not be put together")]
    Assembly(#[source] toml::de::Error),
}

impl ConfigError {
    /// The next step, when we know one.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => Some("write one with `czar init`".to_owned()),
            Self::UnknownKey { key, nearest, .. } => {
                let last = key.rsplit('.').next().unwrap_or(key).to_ascii_lowercase();
                if ["pass_phrase", "passphrase", "password", "secret", "secret_key"].contains(&last.as_str()) {
                    return Some(
                        "secrets are not written into the configuration; set a place instead, such as `keys.pass_phrase_file`".to_owned(),
                    );
                }
                Some(match nearest {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => "all settings are listed by `czar config show`".to_owned(),
                })
            }
            Self::Both { .. } => Some("take one of them out; an empty environment variable counts as not set".to_owned()),
            _ => None,
        }
    }
}
