//! The configuration: one TOML file, overridden by the environment, overridden by flags. It never holds a secret, only where one is.
//!
//! [`settings`] declares every setting once; [`catalogue`] reads that declaration; [`layers`] puts the values of all places together and
//! remembers where each came from; [`annotated`] writes the example file and the reference page.

pub(crate) mod annotated;
pub(crate) mod catalogue;
mod error;
mod file;
mod layers;
mod settings;
mod sync_settings;

pub(crate) use error::ConfigError;
pub(crate) use layers::{Configuration, Flag, Origin, Sources, load};
pub(crate) use settings::{KeySettings, ServeSettings, Settings};
pub(crate) use sync_settings::SyncSettings;

/// The name of the file that is looked for in the current folder.
pub(crate) const FILE_NAME: &str = "czar.toml";

#[cfg(test)]
mod tests;
