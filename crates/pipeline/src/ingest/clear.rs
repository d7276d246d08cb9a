//! A delivered file as a stream of clear bytes: zip or tar member, OpenPGP message, gzip or zstd, in that order, each only where it is. It
//! holds no more than a few buffers, and ends in an error when the clear bytes grow past the limit, or out of all proportion.

use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::contain::contain;
use super::{FileFailure, IngestOptions};
use crate::package::layers::peel;
use crate::package::{DeliveredFile, Place, RawFile};
use crate::vault::{DecryptOptions, SecretKeys, VaultError, decrypt};

/// Clear bytes that any file may have, whatever its size.
const FREE_CLEAR_BYTES: u64 = 1 << 30;
/// Beyond them, a file may have this many clear bytes for each byte as kept. Real files have about 20; gzip packs at most 1,032 into one,
/// where all bytes are the same, and zstd far more.
const MOST_CLEAR_BYTES_A_BYTE: u64 = 500;

/// The clear bytes of a file, and what was counted on the way.
pub struct ClearFile {
    /// The stream. Its end is reached only when every layer has proved whole.
    pub stream: Limited,
    /// The bytes as kept: count and digest.
    pub raw: RawFile,
    n_clear_bytes: Arc<AtomicU64>,
    n_raw_bytes_told: u64,
}

impl ClearFile {
    /// Opens a file.
    ///
    /// # Errors
    /// The file is empty, unreadable, or no key opens it.
    pub fn open(file: &DeliveredFile, keys: Option<&SecretKeys>, options: &IngestOptions) -> Result<Self, FileFailure> {
        let raw = RawFile::default();
        let opened = decrypted(file, &raw, keys, options)?;
        let content = peel(opened).map_err(|error| FileFailure::of_stream(file, &error))?;
        let n_clear_bytes = Arc::new(AtomicU64::new(0));
        let stream = Limited { content, n_bytes: Arc::clone(&n_clear_bytes), max_bytes: options.max_clear_bytes, raw: raw.clone() };
        Ok(Self { stream, raw, n_clear_bytes, n_raw_bytes_told: 0 })
    }

    /// A handle on the counts that stays when the stream is moved to another thread.
    pub fn counts(&self) -> Counts {
        Counts { raw: self.raw.clone(), n_clear_bytes: Arc::clone(&self.n_clear_bytes), n_raw_bytes_told: self.n_raw_bytes_told }
    }
}

/// The bytes of a file without encryption, compressed as they are.
///
/// # Errors
/// The file is empty, unreadable, or no key opens it.
pub fn decrypted(
    file: &DeliveredFile,
    raw: &RawFile,
    keys: Option<&SecretKeys>,
    options: &IngestOptions,
) -> Result<Box<dyn Read + Send>, FileFailure> {
    reach(file, keys, options)?;
    let bytes = raw.open(file).map_err(|error| FileFailure::of_stream(file, &error))?;
    if file.n_bytes == 0 {
        return Err(FileFailure::of_vault(file, &VaultError::EmptyFile));
    }
    if !file.file.wrapping.encrypted {
        return Ok(bytes);
    }
    let Some(keys) = keys else {
        let hint = "set `keys.secret_key_file` or `keys.gnupg_home` in czar.toml, or run `czar init`";
        return Err(FileFailure::new(file, "openpgp.no_key", "file is encrypted and no secret key is configured", Some(hint)));
    };
    let limit = DecryptOptions { max_clear_bytes: Some(options.max_clear_bytes) };
    let message = decrypt(BufReader::with_capacity(1 << 17, bytes), keys, limit).map_err(|error| FileFailure::of_vault(file, &error))?;
    Ok(Box::new(message))
}

/// Brings a member of a tar within reach; other files are.
fn reach(file: &DeliveredFile, keys: Option<&SecretKeys>, options: &IngestOptions) -> Result<(), FileFailure> {
    let Place::TarMember(member) = &file.place else { return Ok(()) };
    let clear_archive =
        || -> Result<Box<dyn Read + Send>, FileFailure> { Ok(Box::new(ClearFile::open(member.source().archive(), keys, options)?.stream)) };
    member.reach(clear_archive)?.map_err(|error| FileFailure::of_stream(file, &error))
}

/// Takes a small file up into memory when that is the only way to read it beside others: members of a packed tar, one after the other. What
/// fails here fails again, with its name, when the file is opened.
pub fn hold(file: &DeliveredFile, keys: Option<&SecretKeys>, options: &IngestOptions) {
    let Place::TarMember(member) = &file.place else { return };
    let held =
        contain(file, || reach(file, keys, options).and_then(|()| member.hold().map_err(|error| FileFailure::of_stream(file, &error))));
    if let Err(failure) = held.flatten() {
        tracing::debug!(failure.code, "member of an archive is left to be read by itself");
    }
}

/// Gives back what [`hold`] took.
pub fn release(file: &DeliveredFile) {
    if let Place::TarMember(member) = &file.place {
        member.release();
    }
}

/// Counts of a stream that is being read.
pub struct Counts {
    raw: RawFile,
    n_clear_bytes: Arc<AtomicU64>,
    n_raw_bytes_told: u64,
}

impl Counts {
    /// Clear bytes so far.
    pub fn n_clear_bytes(&self) -> u64 {
        self.n_clear_bytes.load(Ordering::Relaxed)
    }

    /// Digest of the bytes as kept.
    pub fn digest(&self) -> String {
        self.raw.digest()
    }

    /// Bytes as kept that were read since the last call.
    pub fn n_new_raw_bytes(&mut self) -> u64 {
        let n_bytes = self.raw.n_bytes();
        std::mem::replace(&mut self.n_raw_bytes_told, n_bytes).abs_diff(n_bytes)
    }
}

/// A stream that may not grow past a limit.
pub struct Limited {
    content: Box<dyn Read + Send>,
    n_bytes: Arc<AtomicU64>,
    max_bytes: u64,
    raw: RawFile,
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.content.read(buffer)?;
        #[cfg(test)]
        super::contain::tests::panic_at_the_trap(&buffer[..n]);
        let total = self.n_bytes.fetch_add(n as u64, Ordering::Relaxed) + n as u64;
        if total > self.max_bytes {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("file holds more than {} bytes in clear", self.max_bytes)));
        }
        if total > FREE_CLEAR_BYTES && total / MOST_CLEAR_BYTES_A_BYTE > self.raw.n_bytes() {
            let message = format!("file grows to more than {MOST_CLEAR_BYTES_A_BYTE} times its size, which no log and no table does");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        Ok(n)
    }
}
