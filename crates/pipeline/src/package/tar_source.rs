//! The members of a tar archive as places to read from. A plain tar is read where the member lies; one that is encrypted or compressed can
//! only be read from its beginning, so all its members share one cursor that moves forward, and starts again only for an earlier member.
//!
//! Nothing of an archive is written anywhere. Who reads members beside each other has to take them up in order first ([`TarMember::hold`]).

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{DeliveredFile, Place};

type Clear = Box<dyn Read + Send>;

/// A tar archive.
pub struct TarSource {
    archive: DeliveredFile,
    is_plain: bool,
    cursor: Mutex<Option<Cursor>>,
    n_passes: AtomicU64,
}

struct Cursor {
    stream: Clear,
    at: u64,
}

/// A member of a tar archive.
#[derive(Clone)]
pub struct TarMember {
    source: Arc<TarSource>,
    name: Arc<str>,
    offset: u64,
    n_bytes: u64,
    digest: blake3::Hash,
    held: Arc<Mutex<Option<Vec<u8>>>>,
}

impl TarSource {
    /// An archive; `is_plain` when its bytes as kept are the tar itself.
    pub(crate) fn new(archive: DeliveredFile, is_plain: bool) -> Arc<Self> {
        Arc::new(Self { archive, is_plain, cursor: Mutex::new(None), n_passes: AtomicU64::new(0) })
    }

    /// The archive itself.
    pub(crate) fn archive(&self) -> &DeliveredFile {
        &self.archive
    }

    fn path(&self) -> &Path {
        match &self.archive.place {
            Place::File(path) => path,
            _ => Path::new(""),
        }
    }
}

impl TarMember {
    pub(super) fn new(source: &Arc<TarSource>, name: &str, offset: u64, n_bytes: u64, digest: blake3::Hash) -> Self {
        Self { source: Arc::clone(source), name: name.into(), offset, n_bytes, digest, held: Arc::default() }
    }

    /// The archive it lies in.
    pub(crate) fn source(&self) -> &TarSource {
        &self.source
    }

    /// The member's name in the archive.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it begins in the clear archive.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The digest of its content, taken when the archive was listed.
    #[must_use]
    pub fn digest(&self) -> blake3::Hash {
        self.digest
    }

    /// The place in the order in which members of this archive are read without going back; absent when any order is as good.
    #[must_use]
    pub fn order(&self) -> Option<(&Path, u64)> {
        (!self.source.is_plain).then(|| (self.source.path(), self.offset))
    }

    /// Brings the shared cursor to the member, unless it is at hand without. `reopen` gives the clear archive from its first byte.
    ///
    /// # Errors
    /// Those of `reopen` outside, those of the stream inside.
    pub(crate) fn reach<E>(&self, reopen: impl FnOnce() -> Result<Clear, E>) -> Result<io::Result<()>, E> {
        if self.source.is_plain || lock(&self.held).is_some() {
            return Ok(Ok(()));
        }
        let mut cursor = lock(&self.source.cursor);
        if cursor.as_ref().is_none_or(|cursor| cursor.at > self.offset) {
            *cursor = Some(Cursor { stream: reopen()?, at: 0 });
            let n_passes = self.source.n_passes.fetch_add(1, Ordering::Relaxed) + 1;
            tracing::debug!(archive = %self.source.path().display(), n_passes, "archive is read from its beginning");
        }
        // A cursor that failed, in whatever way, is not put back: nobody knows where it stands.
        let Some(mut open) = cursor.take() else { return Ok(Ok(())) };
        let gap = self.offset - open.at;
        Ok(match io::copy(&mut open.stream.by_ref().take(gap), &mut io::sink()) {
            Ok(passed) if passed == gap => {
                *cursor = Some(Cursor { at: self.offset, ..open });
                Ok(())
            }
            Ok(_) => Err(changed()),
            Err(error) => Err(error),
        })
    }

    /// Takes the content up into memory, so that members can be read beside each other. The cursor has to be there.
    ///
    /// # Errors
    /// The stream fails.
    pub(crate) fn hold(&self) -> io::Result<()> {
        if self.source.is_plain {
            return Ok(());
        }
        let mut bytes = Vec::new();
        self.open()?.read_to_end(&mut bytes)?;
        *lock(&self.held) = Some(bytes);
        Ok(())
    }

    /// Gives the memory back.
    pub(crate) fn release(&self) {
        *lock(&self.held) = None;
    }

    pub(super) fn open(&self) -> io::Result<Clear> {
        if let Some(bytes) = lock(&self.held).take() {
            return Ok(Box::new(io::Cursor::new(bytes)));
        }
        let mut here = Here { source: Arc::clone(&self.source), file: None, at: self.offset, end: self.offset + self.n_bytes };
        if self.source.is_plain {
            let mut file = File::open(self.source.path())?;
            file.seek(SeekFrom::Start(self.offset))?;
            here.file = Some(file);
        }
        Ok(Box::new(here))
    }
}

impl std::fmt::Debug for TarMember {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "TarMember({} at {})", self.name, self.offset)
    }
}

/// Reads a member from a file of its own or from the shared cursor.
struct Here {
    source: Arc<TarSource>,
    file: Option<File>,
    at: u64,
    end: u64,
}

impl Read for Here {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.end - self.at).unwrap_or(usize::MAX).min(buffer.len());
        if room == 0 {
            return Ok(0);
        }
        let n = if let Some(file) = &mut self.file {
            file.read(&mut buffer[..room])?
        } else {
            let mut cursor = lock(&self.source.cursor);
            let Some(mut open) = cursor.take_if(|open| open.at == self.at) else {
                return Err(io::Error::other("another member of the archive is being read"));
            };
            let n = open.stream.read(&mut buffer[..room])?;
            open.at += n as u64;
            *cursor = Some(open);
            n
        };
        self.at += n as u64;
        if n == 0 { Err(changed()) } else { Ok(n) }
    }
}

fn changed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the archive became shorter while it was read")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
