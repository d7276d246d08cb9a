//! What can go wrong with a model.

use crate::engine::EngineError;
use crate::error::ErrorKind;
use crate::lake::LakeError;

use super::key_check::KeyFault;

/// A research table could not be built.
#[derive(Debug, thiserror::Error)]
pub enum MartError {
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The model's SQL failed.
    #[error("could not build `{model}`")]
    Query {
        /// The model.
        model: String,
        /// What went wrong.
        #[source]
        source: EngineError,
    },
    /// The engine did not open.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// There is no such model.
    #[error("there is no model `{name}`")]
    Unknown {
        /// The name that was asked for.
        name: String,
    },
    /// A key is null or not unique; the table was left as it was.
    #[error("could not build `{model}`: its key ({}) {}", .key.join(", "), if *.fault == KeyFault::Null { "has a null" } else { "is not unique" })]
    Key {
        /// The model.
        model: String,
        /// Its key.
        key: Vec<String>,
        /// What is wrong.
        fault: KeyFault,
    },
    /// Columns could not be made; a bug.
    #[error("could not make the columns of `{model}`")]
    Columns {
        /// The model.
        model: String,
        /// What the Arrow library said.
        #[source]
        source: datafusion::arrow::error::ArrowError,
    },
}

impl MartError {
    /// The kind, see [`ErrorKind`].
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Lake(error) => error.kind(),
            Self::Engine(error) | Self::Query { source: error, .. } => error.kind(),
            Self::Unknown { .. } => ErrorKind::Config,
            Self::Key { .. } | Self::Columns { .. } => ErrorKind::Bug,
        }
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Lake(error) => error.hint(),
            Self::Engine(error) | Self::Query { source: error, .. } => error.hint(),
            Self::Unknown { .. } => Some("`czar build --list` names the models"),
            Self::Key { .. } => Some("the table is as it was before; please report this with the model's name"),
            Self::Columns { .. } => None,
        }
    }
}
