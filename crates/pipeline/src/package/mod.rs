//! Finds the files of a delivery in a folder, whatever shape they are kept in: as on S3, flat, decrypted, unpacked, packed again. It opens
//! no file's content, but the list of members of a zip, and the head of a log that does not name its day.
//!
//! Files that are committed together form a [`Batch`]: one day's event file, or one data package. A tar [`Archive`] has no list: to know what
//! is in it, it has to be read, which is for the ingest to decide.

mod archive;
mod batch;
mod error;
mod find;
mod gather;
pub(crate) mod layers;
pub mod listing;
mod loose_log;
mod open;
mod tar_list;
mod tar_source;
pub(crate) mod tar_walk;
mod undated;
mod versions;
mod zip_list;
mod zip_walk;

pub use archive::Archive;
pub use batch::{Batch, BatchContent, Delivery};
pub use error::PackageError;
pub use find::find;
pub(crate) use find::{is_passed_over_name, modified_at};
pub(crate) use gather::member_of_package;
pub(crate) use loose_log::is_named_by_content;
pub use open::RawFile;
pub(crate) use open::{digest, ends_of};
pub(crate) use tar_list::list;
pub use tar_source::TarMember;
pub use versions::OtherVersion;

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
    /// A member of a tar archive.
    TarMember(Box<TarMember>),
}

impl DeliveredFile {
    /// The place for messages: `universityx-2013-10-27.zip!member.sql.gpg`, or the path.
    #[must_use]
    pub fn display_path(&self) -> String {
        match &self.place {
            Place::File(path) => path.display().to_string(),
            Place::Member { archive, name, .. } => format!("{}!{name}", archive.display()),
            Place::TarMember(member) => format!("{}!{}", member.source().archive().display_path(), member.name()),
        }
    }

    /// Sorts files of one tar archive as they lie in it, since going back in it means reading it again; other files stay as they are.
    #[must_use]
    pub fn reading_order(&self) -> Option<(&std::path::Path, u64)> {
        match &self.place {
            Place::TarMember(member) => member.order(),
            _ => None,
        }
    }
}
