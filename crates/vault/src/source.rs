//! The encrypted bytes as they were delivered, binary or armoured.
//!
//! It tells a message from something else by the first bytes, and a disk that failed from a message that is damaged. It decrypts nothing.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};

use pgp::armor::{BlockType, Dearmor, DearmorOptions};

use super::error::VaultError;

/// An armour header is a few lines. Dearmoring itself needs no buffer that grows with the message.
const MAX_ARMOR_HEADER_BYTES: usize = 64 * 1024;

const ARMOR_START: &[u8] = b"-----BEGIN PGP ";

/// Where a failed read of the delivery is remembered: on its way up, the OpenPGP library would mix it with damage.
#[derive(Clone, Default)]
pub(super) struct ReadFailure(Arc<Mutex<Option<Arc<io::Error>>>>);

impl ReadFailure {
    /// The failure as our error, if there was one.
    pub(super) fn seen(&self) -> Option<VaultError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone().map(VaultError::Read)
    }
}

/// Binary OpenPGP packets.
pub(super) struct Source<'a> {
    reader: Box<dyn BufRead + Send + 'a>,
    is_armored: bool,
}

impl<'a> Source<'a> {
    /// Looks at the first bytes of `reader` and takes the armour off, if there is one.
    pub(super) fn open(reader: impl BufRead + Send + 'a, failure: &ReadFailure) -> Result<Self, VaultError> {
        let mut delivery = Delivery { reader, failure: failure.clone() };
        let start = delivery.fill_buf().map_err(|_| failure.seen().unwrap_or(VaultError::Damaged))?;
        let Some(first) = start.first() else { return Err(VaultError::EmptyFile) };
        // Every OpenPGP packet starts with the high bit set (RFC 9580, 4.2), no text does.
        if first & 0x80 != 0 {
            return Ok(Self { reader: Box::new(delivery), is_armored: false });
        }
        let text = start.trim_ascii_start();
        let is_armor_cut_short = !text.is_empty() && ARMOR_START.starts_with(text);
        if !is_armor_cut_short && !text.starts_with(ARMOR_START) {
            return Err(VaultError::NotOpenPgp { looks_like: looks_like(start) });
        }
        let mut dearmor = Dearmor::with_options(delivery, DearmorOptions::new().set_limit(MAX_ARMOR_HEADER_BYTES));
        if dearmor.read_header().is_err() {
            return Err(failure.seen().unwrap_or(VaultError::Damaged));
        }
        match dearmor.typ {
            Some(BlockType::Message | BlockType::MultiPartMessage(..) | BlockType::File) => {
                Ok(Self { reader: Box::new(BufReader::new(dearmor)), is_armored: true })
            }
            Some(BlockType::PublicKey | BlockType::PrivateKey) => Err(VaultError::NotEncrypted { found: "a key" }),
            _ => Err(VaultError::NotEncrypted { found: "another kind of armoured block" }),
        }
    }
}

impl Source<'_> {
    /// Whether an armour has already said that this is a message.
    pub(super) fn is_armored(&self) -> bool {
        self.is_armored
    }
}

/// The usual suspects when a file is named `.gpg` and is not.
fn looks_like(start: &[u8]) -> Option<&'static str> {
    match start {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [b'P', b'K', 3 | 5, ..] => Some("a zip archive"),
        [b'{', ..] => Some("JSON"),
        [b'<', ..] => Some("HTML or XML"),
        _ if start.is_ascii() => Some("text"),
        _ => None,
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, n_bytes: usize) {
        self.reader.consume(n_bytes);
    }
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Source")
    }
}

/// The caller's reader: repeats interrupted reads (the OpenPGP library would give up on them) and remembers a failure.
struct Delivery<R> {
    reader: R,
    failure: ReadFailure,
}

impl<R: BufRead> BufRead for Delivery<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        loop {
            match self.reader.fill_buf() {
                // At the end a second question would be a second read, which may answer otherwise.
                Ok([]) => return Ok(&[]),
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let kind = error.kind();
                    *self.failure.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(error));
                    return Err(kind.into());
                }
            }
        }
        // Asked again because a buffer cannot be returned out of a loop; it is there, so nothing is read.
        self.reader.fill_buf()
    }

    fn consume(&mut self, n_bytes: usize) {
        self.reader.consume(n_bytes);
    }
}

impl<R: BufRead> Read for Delivery<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let n_bytes = available.len().min(buffer.len());
        buffer[..n_bytes].copy_from_slice(&available[..n_bytes]);
        self.consume(n_bytes);
        Ok(n_bytes)
    }
}

impl<R> fmt::Debug for Delivery<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Delivery")
    }
}
