//! What can go wrong before an inventory is there.

use crate::error::ErrorKind;
use crate::package::PackageError;

/// An inventory could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    /// A place cannot be listed.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// Buckets of edX show the names of all institutions' files. Which are the user's cannot be guessed.
    #[error("`{place}` holds the files of {n_organisations} organisations")]
    SeveralOrganisations {
        /// The bucket.
        place: String,
        /// How many.
        n_organisations: usize,
    },
}

impl InventoryError {
    /// The kind, see [`ErrorKind`].
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Package(error) => error.kind(),
            Self::SeveralOrganisations { .. } => ErrorKind::Config,
        }
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Package(error) => error.hint(),
            Self::SeveralOrganisations { .. } => {
                Some("say which is yours with `--org NAME`, as in the names of its files; the others are counted, not named")
            }
        }
    }
}
