//! Opens a file of a delivery as a stream of its bytes as kept, counted and digested on the way. It takes no layer off but the zip's own.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex};

use flate2::CrcReader;
use flate2::read::DeflateDecoder;

use super::{DeliveredFile, Place};

/// How much was read, and the digest of it.
#[derive(Clone, Default)]
pub struct RawFile {
    state: Arc<Mutex<(u64, blake3::Hasher)>>,
}

impl RawFile {
    /// Opens the file.
    ///
    /// # Errors
    /// The file is gone or cannot be read.
    pub fn open(&self, file: &DeliveredFile) -> io::Result<Box<dyn Read + Send>> {
        let raw: Box<dyn Read + Send> = match &file.place {
            Place::File(path) => Box::new(File::open(path)?),
            Place::Member { archive, offset, stored_bytes, deflated, crc32, .. } => {
                let mut bytes = File::open(archive)?;
                bytes.seek(SeekFrom::Start(*offset))?;
                let stored = bytes.take(*stored_bytes);
                let content: Box<dyn Read + Send> =
                    if *deflated { Box::new(DeflateDecoder::new(BufReader::with_capacity(1 << 16, stored))) } else { Box::new(stored) };
                Box::new(Checked { content: CrcReader::new(content), crc32: *crc32 })
            }
            Place::TarMember(member) => member.open()?,
        };
        Ok(Box::new(Digested { raw, state: Arc::clone(&self.state) }))
    }

    /// Bytes read so far.
    #[must_use]
    pub fn n_bytes(&self) -> u64 {
        self.state.lock().map_or(0, |state| state.0)
    }

    /// Digest (BLAKE3, hexadecimal) of the bytes read so far.
    #[must_use]
    pub fn digest(&self) -> String {
        self.state.lock().map_or_else(|_| String::new(), |state| state.1.finalize().to_hex().to_string())
    }
}

/// Digests a file without using its content.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn digest(file: &DeliveredFile) -> io::Result<String> {
    // Known since the archive was listed.
    if let Place::TarMember(member) = &file.place {
        return Ok(member.digest().to_hex().to_string());
    }
    let raw = RawFile::default();
    let mut bytes = raw.open(file)?;
    let mut buffer = vec![0; 1 << 16];
    while bytes.read(&mut buffer)? > 0 {}
    Ok(raw.digest())
}

/// Fails at the end of a member whose content is not what the archive says.
struct Checked<R> {
    content: CrcReader<R>,
    crc32: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.content.read(buffer)?;
        if n == 0 && !buffer.is_empty() && self.content.crc().sum() != self.crc32 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the member's checksum is not the one in the archive"));
        }
        Ok(n)
    }
}

struct Digested {
    raw: Box<dyn Read + Send>,
    state: Arc<Mutex<(u64, blake3::Hasher)>>,
}

impl Read for Digested {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.raw.read(buffer)?;
        if let Ok(mut state) = self.state.lock() {
            state.0 += n as u64;
            state.1.update(&buffer[..n]);
        }
        Ok(n)
    }
}

/// The first and last bytes of a file as kept, or what says more: its digest where that is known. Empty when it cannot be read.
pub(crate) fn ends_of(file: &DeliveredFile) -> Vec<u8> {
    const END_BYTES: u64 = 4096;
    let (path, start, n_bytes) = match &file.place {
        Place::File(path) => (path, 0, file.n_bytes),
        Place::Member { archive, offset, stored_bytes, .. } => (archive, *offset, *stored_bytes),
        Place::TarMember(member) => return member.digest().as_bytes().to_vec(),
    };
    let read = || -> io::Result<Vec<u8>> {
        let mut source = File::open(path)?;
        let mut ends = Vec::new();
        for at in [start, start + n_bytes.saturating_sub(END_BYTES)] {
            source.seek(SeekFrom::Start(at))?;
            Read::by_ref(&mut source).take(END_BYTES.min(n_bytes)).read_to_end(&mut ends)?;
        }
        Ok(ends)
    };
    read().unwrap_or_default()
}
