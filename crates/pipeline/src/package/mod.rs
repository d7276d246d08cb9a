//! Finds the files of a delivery in a folder, whatever shape they are kept in: as on S3, flat, decrypted, unpacked. It opens no file's
//! content; only the list of members of an archive is read.
//!
//! Files that are committed together form a [`Batch`]: one day's event file, or one data package.

mod archive;
mod batch;
mod error;
mod find;
pub mod listing;
mod open;

pub(crate) use archive::classify_member;
pub use batch::{Batch, BatchContent, Delivery};
pub use error::PackageError;
pub use find::find;
pub use open::RawFile;
pub(crate) use open::{digest, ends_of};

use std::path::PathBuf;

use czar_formats::package_file::PackageFile;

/// One file of a delivery: what it is and where its bytes lie.
#[derive(Debug, Clone)]
pub struct DeliveredFile {
    /// What the name says.
    pub file: PackageFile,
    /// Where the bytes are.
    pub place: Place,
    /// Size as kept, in bytes.
    pub n_bytes: u64,
    /// When the file, or the archive it lies in, was last changed; microseconds since 1970, 0 when unknown.
    pub modified_at: i64,
}

/// Where the bytes of a file are.
#[derive(Debug, Clone)]
pub enum Place {
    /// A file of its own.
    File(PathBuf),
    /// A member of a zip archive.
    Member {
        /// The archive.
        archive: PathBuf,
        /// The member's name in it.
        name: String,
        /// Where the member's bytes start in the archive.
        offset: u64,
        /// How many bytes the archive keeps for it.
        stored_bytes: u64,
        /// Whether they are deflated.
        deflated: bool,
        /// Checksum of the member's content.
        crc32: u32,
    },
}

impl DeliveredFile {
    /// The place for messages: `universityx-2013-10-27.zip!member.sql.gpg`, or the path.
    #[must_use]
    pub fn display_path(&self) -> String {
        match &self.place {
            Place::File(path) => path.display().to_string(),
            Place::Member { archive, name, .. } => format!("{}!{name}", archive.display()),
        }
    }
}
