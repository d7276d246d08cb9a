//! Why a whole file could not be read: named, explained, and the run goes on. It is not for records; those are rejects.

use std::io;

use crate::package::{Batch, DeliveredFile};
use crate::vault::VaultError;

/// A file that was not loaded. Nothing of it is visible.
#[derive(Debug, Clone)]
pub struct FileFailure {
    /// The file.
    pub file_key: String,
    /// Where it lies.
    pub path: String,
    /// A stable name for the reason.
    pub code: &'static str,
    /// The reason, in words.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
}

impl FileFailure {
    /// A failure with a message of ours.
    pub fn new(file: &DeliveredFile, code: &'static str, message: impl ToString, hint: Option<&str>) -> Self {
        Self {
            file_key: file.file.file_key.clone(),
            path: file.display_path(),
            code,
            message: message.to_string(),
            hint: hint.map(ToOwned::to_owned),
        }
    }

    /// A file that failed in an earlier run and has not changed since.
    pub fn known(file: &DeliveredFile, code: &str) -> Self {
        Self::known_at(&file.file.file_key, &file.display_path(), code)
    }

    /// The same of a file that is known by its key and place only, in an archive that was not opened.
    pub fn known_at(file_key: &str, path: &str, code: &str) -> Self {
        let code = KNOWN_CODES.iter().copied().find(|known| *known == code).unwrap_or("file.unreadable");
        let message = format!("file could not be read when it came, and has not changed since ({code})");
        let hint = "fetch it again, or ask edX for it; `czar ingest --again` reads it once more";
        Self { file_key: file_key.to_owned(), path: path.to_owned(), code, message, hint: Some(hint.to_owned()) }
    }

    /// A package of which a part is missing that was loaded before.
    pub fn of_package(batch: &Batch, n_missing: usize) -> Self {
        Self {
            file_key: batch.key.clone(),
            path: batch.files().first().map(DeliveredFile::display_path).unwrap_or_default(),
            code: "package.incomplete",
            message: format!("package is not replaced: {n_missing} of its files that were loaded before are not here now"),
            hint: Some("give the whole package, or `--again` to keep only what is here".to_owned()),
        }
    }

    /// Explains an error of a stream.
    pub fn of_stream(file: &DeliveredFile, error: &io::Error) -> Self {
        match VaultError::find_in(error) {
            Some(error) => Self::of_vault(file, error),
            None if error.kind() == io::ErrorKind::FileTooLarge => {
                Self::new(file, "file.too_large", error, Some("raise `ingest.max_clear_bytes` in czar.toml if the file is to be trusted"))
            }
            None if error.kind() == io::ErrorKind::InvalidData => {
                Self::new(file, "file.damaged", error, Some("fetch the file again and ingest it once more"))
            }
            None => Self::new(file, "file.unreadable", error, Some("check that the file is still there and may be read")),
        }
    }

    /// Explains an error of the vault.
    pub fn of_vault(file: &DeliveredFile, error: &VaultError) -> Self {
        Self::new(file, vault_code(error), error, error.hint())
    }
}

/// The codes of failures that stay until the file changes.
const KNOWN_CODES: [&str; 22] = [
    "course_archive.damaged",
    "course_archive.no_course",
    "course_archive.too_large",
    "course_archive.too_many_records",
    "course_structure.not_readable",
    "database_file.column_type",
    "database_file.empty_column_name",
    "database_file.no_header",
    "database_file.not_a_header",
    "database_file.repeated_column_name",
    "file.damaged",
    "file.empty",
    "file.no_site",
    "file.unreadable",
    "gzip.damaged",
    "openpgp.damaged",
    "openpgp.malformed",
    "openpgp.not_a_message",
    "openpgp.not_encrypted",
    "openpgp.trailing_data",
    "openpgp.unprotected",
    "openpgp.unsupported",
];

fn vault_code(error: &VaultError) -> &'static str {
    match error {
        VaultError::EmptyFile => "file.empty",
        VaultError::NotOpenPgp { .. } => "openpgp.not_a_message",
        VaultError::NotEncrypted { .. } => "openpgp.not_encrypted",
        VaultError::OtherRecipients { .. } => "openpgp.other_recipients",
        VaultError::Damaged => "openpgp.damaged",
        VaultError::TrailingData => "openpgp.trailing_data",
        VaultError::Unprotected => "openpgp.unprotected",
        VaultError::Unsupported { .. } => "openpgp.unsupported",
        VaultError::Malformed { .. } => "openpgp.malformed",
        VaultError::TooLarge { .. } => "file.too_large",
        VaultError::GzipDamaged => "gzip.damaged",
        VaultError::Read(_) => "file.unreadable",
        _ => "openpgp.key",
    }
}
