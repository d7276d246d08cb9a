//! Cuts a stream into chunks of whole records, with the line and byte at which each begins. It does not read what a record says.

use std::io::{self, Read};
use std::ops::Deref;
use std::sync::{Arc, Mutex};

use czar_formats::database_file::Layout;

/// About how many bytes are handed to a worker at once: enough to keep it busy, little enough that a queue of them is small.
pub const CHUNK_BYTES: usize = 2 << 20;

/// Bytes that are made room for at the start of a file.
const FIRST_BYTES: usize = 32 << 10;

/// Whole records, one after the other.
pub struct Chunk {
    /// Line of the first record, from 1.
    pub first_line: u64,
    /// Byte of the clear file at which the chunk begins.
    pub first_offset: u64,
    /// The records.
    pub bytes: Vec<u8>,
}

/// What comes out of a stream.
pub enum Piece {
    /// Records.
    Chunk(Chunk),
    /// One record that is longer than allowed; its bytes are gone.
    TooLong {
        /// Its first line.
        line: u64,
        /// Byte at which it begins.
        offset: u64,
        /// Its length.
        n_bytes: u64,
    },
}

impl Piece {
    /// Bytes it takes in memory.
    pub fn held_bytes(&self) -> usize {
        match self {
            Self::Chunk(chunk) => chunk.bytes.len(),
            Self::TooLong { .. } => 0,
        }
    }
}

/// Buffers of chunks that have been read, to be filled again: memory that the system hands out anew has to be cleared by it page by page.
/// They keep what was in them, so that they need not be cleared here either.
#[derive(Clone, Default)]
pub struct Buffers(Arc<Mutex<Vec<Vec<u8>>>>);

impl Buffers {
    /// Gives the bytes of a chunk back. Those of an unusually long record are let go.
    pub fn give_back(&self, bytes: Vec<u8>) {
        if bytes.capacity() <= CHUNK_BYTES * 2
            && let Ok(mut buffers) = self.0.lock()
        {
            buffers.push(bytes);
        }
    }

    fn take(&self) -> Held {
        let buffer = self.0.lock().ok().and_then(|mut buffers| buffers.pop()).unwrap_or_default();
        Held { buffer, n_bytes: 0 }
    }
}

/// The first bytes of a buffer. Those behind them are left from before, and are read over.
#[derive(Default)]
struct Held {
    buffer: Vec<u8>,
    n_bytes: usize,
}

impl Deref for Held {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.buffer[..self.n_bytes]
    }
}

impl Held {
    /// Makes room for so many bytes in all.
    fn make_room(&mut self, n_bytes: usize) {
        if self.buffer.len() < n_bytes {
            self.buffer.resize(n_bytes, 0);
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.make_room(self.n_bytes + bytes.len());
        self.buffer[self.n_bytes..][..bytes.len()].copy_from_slice(bytes);
        self.n_bytes += bytes.len();
    }

    /// Drops so many bytes from the front.
    fn drop_first(&mut self, n_bytes: usize) {
        self.buffer.copy_within(n_bytes..self.n_bytes, 0);
        self.n_bytes -= n_bytes;
    }

    /// The first so many bytes.
    fn into_first(mut self, n_bytes: usize) -> Vec<u8> {
        self.buffer.truncate(n_bytes.min(self.n_bytes));
        self.buffer
    }
}

/// Tells where the last whole record of some bytes ends (just behind its line end), or `None` when there is none.
pub type LastRecordEnd = fn(&[u8]) -> Option<usize>;

/// A record ends at a line feed, always.
#[must_use]
pub fn at_line_feed(bytes: &[u8]) -> Option<usize> {
    memchr::memrchr(b'\n', bytes).map(|at| at + 1)
}

/// Cuts a stream.
pub struct Chunks<R> {
    stream: R,
    last_record_end: LastRecordEnd,
    /// How records of a table are cut, once its header is known.
    layout: Option<Layout>,
    max_record_bytes: usize,
    /// Bytes read and not yet handed out.
    held: Held,
    buffers: Buffers,
    counts_lines: bool,
    line: u64,
    offset: u64,
    at_end: bool,
}

impl<R: Read> Chunks<R> {
    /// Starts at the first byte of a stream.
    pub fn new(stream: R, last_record_end: LastRecordEnd, max_record_bytes: usize) -> Self {
        Self {
            stream,
            last_record_end,
            layout: None,
            max_record_bytes,
            held: Held::default(),
            buffers: Buffers::default(),
            counts_lines: true,
            line: 1,
            offset: 0,
            at_end: false,
        }
    }

    /// Leaves it to who reads the records to count lines: each chunk then begins at line 1, as does each record that is too long.
    #[must_use]
    pub fn without_lines(self) -> Self {
        Self { counts_lines: false, ..self }
    }

    fn n_lines(&self, bytes: &[u8]) -> u64 {
        if self.counts_lines { memchr::memchr_iter(b'\n', bytes).count() as u64 } else { 0 }
    }

    /// Where the bytes of chunks may be given back.
    pub fn buffers(&self) -> Buffers {
        self.buffers.clone()
    }

    /// Cuts the records that follow the first line as the layout of their table says.
    pub fn cut_by(&mut self, layout: Layout) {
        self.layout = Some(layout);
    }

    /// The next bytes, as many as given or all there are, without taking them.
    ///
    /// # Errors
    /// The stream fails.
    pub fn head(&mut self, n_bytes: usize) -> io::Result<&[u8]> {
        if self.held.len() < n_bytes && !self.at_end {
            self.fill(n_bytes)?;
        }
        Ok(self.held.get(..n_bytes).unwrap_or(&self.held))
    }

    fn whole_records_len(&self) -> Option<usize> {
        match &self.layout {
            Some(layout) => Some(layout.complete_len(&self.held)).filter(|&end| end > 0),
            None => (self.last_record_end)(&self.held),
        }
    }

    fn first_record_len(&self) -> Option<usize> {
        match &self.layout {
            Some(layout) => layout.first_line_len(&self.held),
            None => first_record_end(self.last_record_end, &self.held),
        }
    }

    /// Takes the first line off, without its line end; `None` when the stream is empty. Only before the first chunk.
    ///
    /// # Errors
    /// The stream fails, or the line is longer than allowed.
    pub fn first_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        while at_line_feed(&self.held).is_none() && !self.at_end && self.held.len() <= self.max_record_bytes {
            self.fill(self.held.len() + CHUNK_BYTES)?;
        }
        let end = memchr::memchr(b'\n', &self.held).map_or(self.held.len(), |at| at + 1);
        if end > self.max_record_bytes {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the header is longer than a record may be"));
        }
        if end == 0 {
            return Ok(None);
        }
        let mut line = self.held[..end].to_vec();
        self.held.drop_first(end);
        self.line += 1;
        self.offset += end as u64;
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        Ok(Some(line))
    }

    /// The next piece, or `None` at the end of the stream.
    ///
    /// # Errors
    /// The stream fails.
    pub fn next_piece(&mut self) -> io::Result<Option<Piece>> {
        loop {
            if self.held.len() < CHUNK_BYTES && !self.at_end {
                self.fill(CHUNK_BYTES)?;
            }
            if self.held.is_empty() {
                return Ok(None);
            }
            let end = if self.at_end { Some(self.held.len()) } else { self.whole_records_len() };
            match end {
                Some(end) if end <= self.max_record_bytes.max(CHUNK_BYTES * 2) || !self.at_end => return Ok(Some(self.take(end))),
                Some(end) => return Ok(Some(self.take_last(end))),
                None if self.held.len() > self.max_record_bytes => return self.pass_over().map(Some),
                None => self.fill(self.held.len() + CHUNK_BYTES)?,
            }
        }
    }

    fn take(&mut self, end: usize) -> Piece {
        let mut rest = self.buffers.take();
        rest.push(&self.held[end..]);
        let bytes = std::mem::replace(&mut self.held, rest).into_first(end);
        let chunk = Chunk { first_line: self.line, first_offset: self.offset, bytes };
        self.line += self.n_lines(&chunk.bytes);
        self.offset += end as u64;
        Piece::Chunk(chunk)
    }

    /// At the end of the stream the held bytes may be one long record without a line end.
    fn take_last(&mut self, end: usize) -> Piece {
        match self.whole_records_len() {
            Some(whole) if whole < end => self.take(whole),
            Some(_) => self.take(end),
            None => {
                let piece = Piece::TooLong { line: self.line, offset: self.offset, n_bytes: end as u64 };
                self.held.drop_first(end);
                self.offset += end as u64;
                piece
            }
        }
    }

    /// Drops bytes until the record that began with the held ones ends.
    fn pass_over(&mut self) -> io::Result<Piece> {
        let (line, offset) = (self.line, self.offset);
        let mut n_bytes = 0_u64;
        loop {
            // Keep the tail: whether a line feed ends the record may depend on the bytes before it.
            if let Some(end) = self.first_record_len() {
                n_bytes += end as u64;
                self.line += self.n_lines(&self.held[..end]);
                self.held.drop_first(end);
                break;
            }
            let tail = self.held.iter().rev().take_while(|&&byte| byte == b'\\').count();
            let dropped = self.held.len() - tail.min(self.held.len());
            self.line += self.n_lines(&self.held[..dropped]);
            n_bytes += dropped as u64;
            self.held.drop_first(dropped);
            if self.at_end {
                n_bytes += self.held.len() as u64;
                self.held = Held::default();
                break;
            }
            self.fill(CHUNK_BYTES)?;
        }
        self.offset += n_bytes;
        Ok(Piece::TooLong { line, offset, n_bytes })
    }

    /// Reads until so many bytes are held or the stream ends.
    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        let start = self.held.len();
        let wanted = wanted.max(start + 1);
        // Most files of a package are small: memory for a chunk is made when there are bytes for it, and at once for the chunks that follow.
        let first = if self.offset == 0 { FIRST_BYTES } else { wanted };
        self.held.make_room(wanted.min(start + first));
        while self.held.n_bytes < wanted {
            if self.held.n_bytes == self.held.buffer.len() {
                self.held.make_room(wanted.min(self.held.n_bytes * 4));
            }
            let end = wanted.min(self.held.buffer.len());
            match self.stream.read(&mut self.held.buffer[self.held.n_bytes..end]) {
                Ok(0) => {
                    self.at_end = true;
                    break;
                }
                Ok(n) => self.held.n_bytes += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn first_record_end(last_record_end: LastRecordEnd, bytes: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'\n', bytes).map(|at| at + 1).find(|&end| last_record_end(&bytes[..end]) == Some(end))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use czar_formats::database_file::Header;
    use proptest::prelude::*;

    fn pieces(bytes: &[u8], max_record_bytes: usize) -> Vec<(u64, u64, usize, bool)> {
        let mut chunks = Chunks::new(bytes, at_line_feed, max_record_bytes);
        let mut found = Vec::new();
        while let Some(piece) = chunks.next_piece().unwrap() {
            match piece {
                Piece::Chunk(chunk) => found.push((chunk.first_line, chunk.first_offset, chunk.bytes.len(), false)),
                Piece::TooLong { line, offset, n_bytes } => found.push((line, offset, usize::try_from(n_bytes).unwrap(), true)),
            }
        }
        found
    }

    #[test]
    fn a_record_longer_than_allowed_is_passed_over_and_the_next_one_is_read() {
        let mut bytes = vec![b'x'; CHUNK_BYTES * 3];
        bytes.push(b'\n');
        bytes.extend_from_slice(b"ok\n");
        let found = pieces(&bytes, CHUNK_BYTES);
        assert_eq!(found, vec![(1, 0, CHUNK_BYTES * 3 + 1, true), (2, (CHUNK_BYTES * 3 + 1) as u64, 3, false)]);
    }

    #[test]
    fn an_endless_record_at_the_end_is_one_too_long_record() {
        assert_eq!(pieces(&vec![b'x'; CHUNK_BYTES * 5], CHUNK_BYTES), vec![(1, 0, CHUNK_BYTES * 5, true)]);
    }

    #[test]
    fn the_first_line_is_taken_off_without_its_line_end() {
        let mut chunks = Chunks::new(&b"a\tb\n1\t2\n"[..], at_line_feed, 100);
        assert_eq!(chunks.first_line().unwrap().unwrap(), b"a\tb");
        let Some(Piece::Chunk(chunk)) = chunks.next_piece().unwrap() else { panic!("a chunk") };
        assert_eq!((chunk.first_line, chunk.first_offset, chunk.bytes.as_slice()), (2, 4, &b"1\t2\n"[..]));
    }

    #[test]
    fn a_record_of_a_table_that_spans_chunks_stays_whole() {
        let long = "x\n".repeat(CHUNK_BYTES);
        let file = format!("1\ta\n2\t\"{long}\"\n3\tb\n");
        let layout = Header::parse("student_newthing", b"id\ttext").unwrap().layout(b"1\t\"\n\"\n");
        let mut chunks = Chunks::new(file.as_bytes(), at_line_feed, 64 << 20);
        chunks.cut_by(layout);
        let (mut n_records, mut line) = (0, 1);
        while let Some(Piece::Chunk(chunk)) = chunks.next_piece().unwrap() {
            assert_eq!(chunk.first_line, line);
            n_records += layout.records(&chunk.bytes).count();
            line += memchr::memchr_iter(b'\n', &chunk.bytes).count() as u64;
        }
        assert_eq!(n_records, 3);
    }

    #[test]
    fn a_line_of_a_table_that_is_longer_than_allowed_is_one_too_long_record() {
        let mut file = b"1\ta\n\"".to_vec();
        file.resize(CHUNK_BYTES * 3, b'x');
        file.extend_from_slice(b"\n2\tb\n");
        let mut chunks = Chunks::new(&file[..], at_line_feed, CHUNK_BYTES);
        chunks.cut_by(Header::parse("student_newthing", b"id\ttext").unwrap().layout(&file).with_most_joined_bytes(CHUNK_BYTES));
        let mut found = Vec::new();
        while let Some(piece) = chunks.next_piece().unwrap() {
            found.push(match piece {
                Piece::Chunk(chunk) => (chunk.first_line, chunk.bytes.len()),
                Piece::TooLong { line, n_bytes, .. } => (line, usize::try_from(n_bytes).unwrap()),
            });
        }
        assert_eq!(found, [(1, 4), (2, CHUNK_BYTES * 3 - 3), (3, 4)]);
    }

    proptest! {
        #[test]
        fn every_byte_is_in_exactly_one_piece(bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..5000)) {
            let found = pieces(&bytes, CHUNK_BYTES);
            prop_assert_eq!(found.iter().map(|piece| piece.2).sum::<usize>(), bytes.len());
        }
    }
}
