//! Lists what lies in a folder or a bucket: names, sizes, times. It opens no file and judges no name.

mod bucket;
mod folder;

pub use bucket::Bucket;
pub use folder::list_folder;

/// One file or object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Path below the folder, or key in the bucket, with `/` between the parts.
    pub key: String,
    /// Size as kept, in bytes.
    pub n_bytes: u64,
    /// When it was last changed; microseconds since 1970, 0 when unknown.
    pub modified_at: i64,
    /// The store's tag of the content. A folder has none.
    pub etag: Option<String>,
}

/// All that was found, in order of key.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Files and objects.
    pub entries: Vec<Entry>,
    /// Folders and files that could not be looked at, with the reason.
    pub unreadable: Vec<(String, String)>,
}
