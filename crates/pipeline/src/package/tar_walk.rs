//! Walks through the clear bytes of a tar archive, once, from front to back. It writes nothing anywhere, follows no link, and takes no
//! length on trust: names, headers and members are bounded, and an archive that ends early is an error.
//!
//! Only the fixed 512-byte header is decoded by the `tar` crate; its walk would hold a name of any declared length in memory.

use std::io::{self, Read};

use tar::{EntryType, Header, PaxExtensions};

/// More members than this are no delivery: 5,000 courses have about 250,000.
pub(super) const MOST_MEMBERS: usize = 1_000_000;
/// A header that only describes the next member (its long name) may have this many bytes.
const MOST_HEADER_BYTES: u64 = 1 << 20;
const BLOCK: u64 = 512;

/// A member, before its content is read.
pub(crate) struct Entry {
    /// Its name as the archive has it; bytes that are not UTF-8 as `%XX`.
    pub(crate) name: String,
    /// Where its content begins in the clear archive.
    pub(crate) offset: u64,
    /// How long it is.
    pub(crate) n_bytes: u64,
    /// When it was changed, seconds since 1970.
    pub(crate) modified_secs: u64,
    /// Why it cannot be read, when it cannot: links, devices and files with holes have no content of their own.
    pub(crate) unreadable: Option<&'static str>,
}

/// Walks an archive. `take` is called for each member that is no folder, with its content.
///
/// # Errors
/// The stream fails, is no tar archive, or ends before the archive's end mark.
pub(crate) fn walk(stream: impl Read, mut take: impl FnMut(Entry, &mut dyn Read) -> io::Result<()>) -> io::Result<()> {
    let mut stream = Counted { inner: stream, at: 0 };
    let mut next = Described::default();
    let mut n_members = 0;
    loop {
        let is_first = stream.at == 0;
        let mut block = [0; BLOCK as usize];
        stream.read_exact(&mut block).map_err(|error| early_end(error, "archive is cut short: its end mark is missing"))?;
        if block == [0; BLOCK as usize] {
            return io::copy(&mut stream, &mut io::sink()).map(drop);
        }
        if !has_right_checksum(&block) {
            return Err(damaged(if is_first { "not a tar archive" } else { "archive is damaged: a header is not whole" }));
        }
        let header = Header::from_byte_slice(&block);
        let stored = header.entry_size().map_err(|_| damaged("archive is damaged: a length cannot be read"))?;
        let kind = header.entry_type();
        match kind {
            EntryType::XHeader => {
                next.take_pax(&stream.small(stored)?);
                continue;
            }
            EntryType::GNULongName => {
                let mut name = stream.small(stored)?;
                name.truncate(name.iter().position(|byte| *byte == 0).unwrap_or(name.len()));
                next.name = Some(name);
                continue;
            }
            EntryType::GNULongLink => {
                stream.small(stored)?;
                continue;
            }
            EntryType::XGlobalHeader => {
                stream.pass(stored)?;
                continue;
            }
            _ => {}
        }
        let described = std::mem::take(&mut next);
        if kind == EntryType::GNUSparse {
            stream.pass_sparse_headers(&block)?;
        }
        let n_bytes = described.n_bytes.unwrap_or(stored);
        let entry = Entry {
            name: described.name.map_or_else(|| text(&header.path_bytes()), |name| text(&name)),
            offset: stream.at,
            n_bytes,
            modified_secs: header.mtime().unwrap_or_default(),
            unreadable: match kind {
                _ if described.is_sparse => Some("file with holes"),
                EntryType::Regular | EntryType::Continuous => None,
                EntryType::GNUSparse => Some("file with holes"),
                EntryType::Link | EntryType::Symlink => Some("link"),
                _ => Some("device or other thing without content"),
            },
        };
        n_members += 1;
        if n_members > MOST_MEMBERS {
            return Err(damaged(format!("archive lists more than the {MOST_MEMBERS} members we take")));
        }
        let end = entry.offset.checked_add(n_bytes).and_then(|end| end.checked_next_multiple_of(BLOCK));
        let end = end.ok_or_else(|| damaged("archive is damaged: a length is beyond all bounds"))?;
        let is_old_folder = entry.unreadable.is_none() && entry.name.ends_with('/');
        if kind != EntryType::Directory && !is_old_folder {
            let mut content = stream.by_ref().take(n_bytes);
            take(entry, &mut content)?;
        }
        stream.pass(end - stream.at)?;
    }
}

/// What headers before a member say of it.
#[derive(Default)]
struct Described {
    name: Option<Vec<u8>>,
    n_bytes: Option<u64>,
    is_sparse: bool,
}

impl Described {
    fn take_pax(&mut self, bytes: &[u8]) {
        for extension in PaxExtensions::new(bytes).flatten() {
            match extension.key_bytes() {
                b"path" => self.name = Some(extension.value_bytes().to_vec()),
                b"size" => self.n_bytes = extension.value().ok().and_then(|size| size.parse().ok()),
                key if key.starts_with(b"GNU.sparse.") => self.is_sparse = true,
                _ => {}
            }
        }
    }
}

struct Counted<R> {
    inner: R,
    at: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl<R: Read> Counted<R> {
    /// Passes over bytes that have to be there.
    fn pass(&mut self, n_bytes: u64) -> io::Result<()> {
        let passed = io::copy(&mut self.by_ref().take(n_bytes), &mut io::sink())?;
        if passed == n_bytes { self.pad() } else { Err(damaged("archive is cut short: it ends within a member")) }
    }

    /// Passes over what fills the block that was begun.
    fn pad(&mut self) -> io::Result<()> {
        let rest = self.at.next_multiple_of(BLOCK) - self.at;
        let passed = io::copy(&mut self.by_ref().take(rest), &mut io::sink())?;
        if passed == rest { Ok(()) } else { Err(damaged("archive is cut short: it ends within a member")) }
    }

    /// The content of a header that describes the next member.
    fn small(&mut self, n_bytes: u64) -> io::Result<Vec<u8>> {
        if n_bytes > MOST_HEADER_BYTES {
            return Err(damaged(format!("archive is damaged: a name or header has more than {MOST_HEADER_BYTES} bytes")));
        }
        let mut bytes = Vec::new();
        self.by_ref().take(n_bytes).read_to_end(&mut bytes)?;
        if (bytes.len() as u64) < n_bytes {
            return Err(damaged("archive is cut short: it ends within a header"));
        }
        self.pad()?;
        Ok(bytes)
    }

    /// The list of holes of a sparse file may go on in further blocks.
    fn pass_sparse_headers(&mut self, first: &[u8; BLOCK as usize]) -> io::Result<()> {
        let mut goes_on = first[482] == 1;
        while goes_on {
            let mut block = [0; BLOCK as usize];
            self.read_exact(&mut block).map_err(|error| early_end(error, "archive is cut short: it ends within a header"))?;
            goes_on = block[504] == 1;
        }
        Ok(())
    }
}

/// The sum of a header's bytes stands in it, with blanks in its own place.
fn has_right_checksum(block: &[u8; BLOCK as usize]) -> bool {
    let sum: u32 = block.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) }).sum();
    Header::from_byte_slice(block).cksum().is_ok_and(|written| written == sum)
}

/// A name as text without loss, so that two names never become one.
pub(super) fn text(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

fn damaged(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.into())
}

fn early_end(error: io::Error, message: &'static str) -> io::Error {
    if error.kind() == io::ErrorKind::UnexpectedEof { damaged(message) } else { error }
}

#[cfg(test)]
mod tests;
