//! What can go wrong with a query, in words for the one who wrote it.

use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::parser::ParserError;

use crate::error::ErrorKind;
use crate::lake::LakeError;

/// A query could not be run.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The lake cannot be read.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// Another process committed all the time.
    #[error("could not open the lake: another process keeps changing it")]
    Busy,
    /// The engine did not start.
    #[error("could not open the query engine")]
    Setup {
        /// What DataFusion said.
        #[source]
        source: Box<DataFusionError>,
    },
    /// The statement is wrong.
    #[error("could not run the query: {}", first_sentence(.source))]
    Query {
        /// The statement.
        sql: String,
        /// What DataFusion said; its message is already in ours.
        source: Box<DataFusionError>,
    },
}

impl EngineError {
    pub(super) fn setup(source: DataFusionError) -> Self {
        Self::Setup { source: Box::new(source) }
    }

    pub(super) fn query(sql: &str, source: DataFusionError) -> Self {
        Self::Query { sql: sql.to_owned(), source: Box::new(source) }
    }

    /// The kind, see [`ErrorKind`].
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Lake(error) => error.kind(),
            Self::Busy => ErrorKind::Remote,
            Self::Setup { .. } => ErrorKind::Bug,
            Self::Query { source, .. } => match source.find_root() {
                DataFusionError::ObjectStore(_) | DataFusionError::IoError(_) => ErrorKind::Remote,
                DataFusionError::Internal(_) => ErrorKind::Bug,
                _ => ErrorKind::Config,
            },
        }
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Lake(error) => error.hint(),
            Self::Busy => Some("try again when the other run has ended"),
            Self::Setup { .. } => None,
            Self::Query { source, .. } => match source.find_root() {
                DataFusionError::Plan(message) if message.contains("not found") => {
                    Some("see which tables there are with `czar query '\\d'`; a mart is there after `czar build`")
                }
                DataFusionError::SchemaError(..) => {
                    Some("see a table's columns with `czar query '\\d TABLE'`; names with capitals need double quotes")
                }
                DataFusionError::ResourcesExhausted(_) => Some("give queries more memory: `query.memory_bytes` in czar.toml"),
                _ => None,
            },
        }
    }
}

/// The library's message without its own prefixes and back traces.
fn first_sentence(error: &DataFusionError) -> String {
    let root = error.find_root();
    let message = match root {
        DataFusionError::SQL(fault, _) => match fault.as_ref() {
            ParserError::ParserError(message) | ParserError::TokenizerError(message) => message.clone(),
            ParserError::RecursionLimitExceeded => "the statement is nested too deep".to_owned(),
        },
        _ => root.strip_backtrace(),
    };
    let message = message.lines().next().unwrap_or_default().trim_end_matches('.');
    let known = ["Error during planning: ", "SQL error: ", "Schema error: ", "This feature is not implemented: "];
    let message = known.iter().find_map(|prefix| message.strip_prefix(prefix)).unwrap_or(message);
    message.to_owned()
}
