//! One place that is looked at: its listing, and bytes of its files where they are asked for. It reads a few KiB of a file, never all.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::value::{PlaceSummary, Unreadable};
use crate::package::PackageError;
use crate::package::listing::{Bucket, Entry, Listing, list_folder};

/// A file or object that can be read at any position.
pub(super) trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// A place and what it lists.
pub(super) struct Place {
    name: String,
    source: Source,
    is_deep: bool,
    listing: Listing,
}

enum Source {
    /// The folder that keys are relative to.
    Folder(PathBuf),
    Bucket(Box<Bucket>),
}

impl Place {
    /// Lists a folder, a file or a bucket. What is in a folder is always worth a look; a bucket's bytes are paid for.
    pub(super) fn list(address: &str, is_deep: bool) -> Result<Self, PackageError> {
        if Bucket::is_address(address) {
            let bucket = Bucket::open(address)?;
            let listing = bucket.list()?;
            return Ok(Self { name: bucket.address().to_owned(), source: Source::Bucket(Box::new(bucket)), is_deep, listing });
        }
        let path = Path::new(address);
        let listing = list_folder(path)?;
        let root = path.canonicalize().map_err(|source| PackageError::Unreadable { path: path.to_owned(), source })?;
        let base = root.parent().unwrap_or(&root).to_owned();
        Ok(Self { name: address.to_owned(), source: Source::Folder(base), is_deep: true, listing })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn is_bucket(&self) -> bool {
        matches!(self.source, Source::Bucket(_))
    }

    pub(super) fn is_deep(&self) -> bool {
        self.is_deep
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.listing.entries
    }

    pub(super) fn summary(&self) -> PlaceSummary {
        PlaceSummary {
            place: self.name.clone(),
            n_files: self.entries().len() as u64,
            n_bytes: self.entries().iter().map(|entry| entry.n_bytes).sum(),
            is_deep: self.is_deep,
        }
    }

    pub(super) fn unreadable(&self) -> impl Iterator<Item = Unreadable> {
        self.listing.unreadable.iter().map(|(place, reason)| Unreadable { place: place.clone(), reason: reason.clone() })
    }

    /// Opens a file to look at some of it.
    pub(super) fn open(&self, entry: &Entry) -> io::Result<Box<dyn ReadSeek>> {
        Ok(match &self.source {
            Source::Folder(base) => Box::new(BufReader::new(File::open(base.join(&entry.key))?)),
            Source::Bucket(bucket) => Box::new(Object {
                bucket: bucket.as_ref().clone(),
                key: entry.key.clone(),
                n_bytes: entry.n_bytes,
                at: 0,
                block: (0, Vec::new()),
            }),
        })
    }

    /// The first bytes of a file.
    pub(super) fn head(&self, entry: &Entry, n_bytes: u64) -> io::Result<Vec<u8>> {
        match &self.source {
            Source::Folder(base) => {
                let mut head = Vec::new();
                File::open(base.join(&entry.key))?.take(n_bytes).read_to_end(&mut head)?;
                Ok(head)
            }
            Source::Bucket(bucket) => bucket.read_range(&entry.key, 0..n_bytes.min(entry.n_bytes)).map_err(io::Error::other),
        }
    }
}

/// An object read in blocks. The last block is kept: the list of an archive stands at its end and is read in small pieces.
struct Object {
    bucket: Bucket,
    key: String,
    n_bytes: u64,
    at: u64,
    block: (u64, Vec<u8>),
}

/// A list of members of 5,000 files has about this size.
const BLOCK_BYTES: u64 = 1 << 20;

impl Read for Object {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.n_bytes || buffer.is_empty() {
            return Ok(0);
        }
        let is_kept = self.at >= self.block.0 && self.at < self.block.0 + self.block.1.len() as u64;
        if !is_kept {
            let start = self.at / BLOCK_BYTES * BLOCK_BYTES;
            let end = (start + BLOCK_BYTES).min(self.n_bytes);
            self.block = (start, self.bucket.read_range(&self.key, start..end).map_err(io::Error::other)?);
        }
        let kept = usize::try_from(self.at - self.block.0).ok().and_then(|offset| self.block.1.get(offset..)).unwrap_or_default();
        let n_bytes = kept.len().min(buffer.len());
        buffer[..n_bytes].copy_from_slice(&kept[..n_bytes]);
        self.at += n_bytes as u64;
        Ok(n_bytes)
    }
}

impl Seek for Object {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(offset) => self.n_bytes.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        self.at = at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a position before the start"))?;
        Ok(self.at)
    }
}
