//! What can go wrong while a delivery is written, and whose fault it is.

use std::path::PathBuf;

/// Who can mend a fault; decides the exit code of the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The folder or file cannot be used.
    Input,
    /// The plan asks for something impossible.
    Config,
    /// A fault of this program.
    Bug,
}

/// A delivery could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// The plan asks for something that cannot be made.
    #[error("cannot make this delivery: {reason}")]
    Plan {
        /// What is wrong with it.
        reason: String,
    },
    /// A file could not be written.
    #[error("could not write `{path}`")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// An archive could not be written.
    #[error("could not write archive `{path}`")]
    Archive {
        /// The archive.
        path: PathBuf,
        /// What the archive writer said.
        #[source]
        source: zip::result::ZipError,
    },
    /// Encryption or the making of a key failed.
    #[error("could not encrypt `{path}`")]
    Encrypt {
        /// The file, or the key's name.
        path: PathBuf,
        /// What the OpenPGP library said.
        #[source]
        source: Box<pgp::errors::Error>,
    },
    /// A rule of the generator itself was broken.
    #[error("the generator broke its own rule: {rule}")]
    Bug {
        /// The rule.
        rule: &'static str,
    },
}

impl SynthError {
    /// Who can mend it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Plan { .. } => ErrorKind::Config,
            Self::Write { .. } | Self::Archive { .. } => ErrorKind::Input,
            Self::Encrypt { .. } | Self::Bug { .. } => ErrorKind::Bug,
        }
    }
}
