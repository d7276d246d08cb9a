//! What can go wrong while the files of a delivery are looked for.

use std::path::PathBuf;

use crate::error::ErrorKind;

/// A folder could not be searched.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// There is nothing at the path.
    #[error("there is no file or folder `{}`", path.display())]
    Missing {
        /// The path that was asked for.
        path: PathBuf,
    },
    /// A folder or file cannot be read.
    #[error("could not read `{}`", path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A bucket cannot be opened as it is written.
    #[error("could not open the bucket `{address}`: {reason}")]
    BucketAddress {
        /// As it was given.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The server cannot be reached, or refuses.
    #[error("could not read the bucket `{address}`: {reason}")]
    Bucket {
        /// As it was given.
        address: String,
        /// What the server said, or why it said nothing.
        reason: String,
        /// Whether the server answered and said no: another try will not help.
        is_refusal: bool,
    },
}

impl PackageError {
    /// The kind, see [`ErrorKind`].
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Missing { .. } | Self::Unreadable { .. } | Self::BucketAddress { .. } => ErrorKind::Config,
            Self::Bucket { is_refusal: true, .. } => ErrorKind::Config,
            Self::Bucket { .. } => ErrorKind::Remote,
        }
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Missing { .. } | Self::Unreadable { .. } => "give the folder into which the files of edX were downloaded",
            Self::BucketAddress { .. } => "write it as `s3://bucket` or `s3://bucket/prefix`",
            Self::Bucket { is_refusal: true, .. } => {
                "check the name of the bucket, and the credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            }
            Self::Bucket { .. } => "check the network and AWS_ENDPOINT_URL, and that AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set",
        })
    }
}
