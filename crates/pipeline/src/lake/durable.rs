//! What makes a commit outlast a power cut. It decides nothing about what is written, or when.
//!
//! The store of the Delta library leaves it to the system when its files reach the disk. [`DurableLog`] is that store, but a file of a table's
//! log has its name only when its bytes are on the disk. Data files are many and nobody sees them before a commit: [`sync_data_files`] brings
//! all of them to the disk at once, with the folders they are in, before the commit that names them.

use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use futures::FutureExt as _;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode, PutMultipartOptions,
    PutOptions, PutPayload, PutResult, Result, UploadPart,
};

use crate::atomic_file;

/// Files of the local machine, of which those in the logs of tables are on the disk when they have a name.
#[derive(Debug, Default)]
pub(super) struct DurableLog {
    files: LocalFileSystem,
}

impl DurableLog {
    fn file_of(&self, location: &Path) -> Result<Option<PathBuf>> {
        let is_log = location.parts().any(|part| part.as_ref() == "_delta_log");
        is_log.then(|| self.files.path_to_filesystem(location)).transpose()
    }
}

impl std::fmt::Display for DurableLog {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.files.fmt(formatter)
    }
}

#[async_trait]
impl ObjectStore for DurableLog {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        match self.file_of(location)? {
            Some(file) => write_log_file(file, payload, options.mode).await,
            None => self.files.put_opts(location, payload, options).await,
        }
    }

    async fn put_multipart_opts(&self, location: &Path, options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        match self.file_of(location)? {
            Some(file) => Ok(Box::new(LogUpload { file, parts: Vec::new() })),
            None => self.files.put_multipart_opts(location, options).await,
        }
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.files.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.files.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.files.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.files.list(prefix)
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        self.files.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.files.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.files.copy_opts(from, to, options).await
    }
}

/// A large file of a log, such as a checkpoint, that is put together before it is written.
#[derive(Debug)]
struct LogUpload {
    file: PathBuf,
    parts: Vec<PutPayload>,
}

#[async_trait]
impl MultipartUpload for LogUpload {
    fn put_part(&mut self, part: PutPayload) -> UploadPart {
        self.parts.push(part);
        std::future::ready(Ok(())).boxed()
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let parts = std::mem::take(&mut self.parts);
        write_log_file(self.file.clone(), parts.iter().flatten().cloned().collect(), PutMode::Overwrite).await
    }

    async fn abort(&mut self) -> Result<()> {
        self.parts.clear();
        Ok(())
    }
}

async fn write_log_file(file: PathBuf, payload: PutPayload, mode: PutMode) -> Result<PutResult> {
    let path = file.display().to_string();
    let write = move || {
        let bytes: Bytes = payload.into();
        match mode {
            PutMode::Create => atomic_file::create(&file, &bytes),
            _ => atomic_file::write(&file, &bytes),
        }
    };
    let written = tokio::task::spawn_blocking(write).await?;
    written.map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => Error::AlreadyExists { path, source: Box::new(source) },
        _ => Error::Generic { store: "LocalFileSystem", source: Box::new(source) },
    })?;
    Ok(PutResult { e_tag: None, version: None })
}

/// Brings what was written to the lake to the disk: data files and the folders they are in.
///
/// # Errors
/// The disk does not take it.
#[cfg(target_os = "linux")]
pub(super) fn sync_data_files(lake: &FilePath, _data_files: &[PathBuf]) -> std::io::Result<()> {
    // A package is some hundred small files, each in a folder of its own: asked for one by one they would take as long as reading them did.
    Ok(rustix::fs::syncfs(std::fs::File::open(lake)?)?)
}

/// Brings data files of the lake to the disk, one by one, and the folders they are in.
///
/// # Errors
/// The disk does not take it.
#[cfg(not(target_os = "linux"))]
pub(super) fn sync_data_files(lake: &FilePath, data_files: &[PathBuf]) -> std::io::Result<()> {
    let mut folders = std::collections::BTreeSet::new();
    for file in data_files {
        std::fs::File::open(file)?.sync_all()?;
        folders.extend(file.ancestors().skip(1).take_while(|folder| folder.starts_with(lake)));
    }
    folders.into_iter().try_for_each(|folder| std::fs::File::open(folder)?.sync_all())
}
