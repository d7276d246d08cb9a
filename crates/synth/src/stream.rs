//! Turns something that makes bytes piece by piece into a reader, so that encryption can pull a file of any size through.
//!
//! It holds one piece at a time.

use std::io::{self, Read, Write};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};

/// Makes the next piece into the buffer; false when there is none.
pub(crate) type NextPiece<'a> = Box<dyn FnMut(&mut Vec<u8>) -> bool + 'a>;

/// Reads pieces as they are made.
pub(crate) struct PieceReader<'a> {
    next_piece: NextPiece<'a>,
    piece: Vec<u8>,
    at: usize,
    is_over: bool,
    /// Compresses on the way; none: as it is, or after the end.
    gzip: Option<GzEncoder<Vec<u8>>>,
    /// Bytes made, before compression.
    pub(crate) n_clear_bytes: u64,
}

impl<'a> PieceReader<'a> {
    pub(crate) fn plain(next_piece: NextPiece<'a>) -> Self {
        Self { next_piece, piece: Vec::new(), at: 0, is_over: false, gzip: None, n_clear_bytes: 0 }
    }

    pub(crate) fn gzipped(next_piece: NextPiece<'a>) -> Self {
        // No name and no time in the header: the same bytes each time.
        let gzip = GzBuilder::new().mtime(0).write(Vec::with_capacity(128 * 1024), Compression::new(6));
        Self { gzip: Some(gzip), ..Self::plain(next_piece) }
    }

    fn refill(&mut self) -> io::Result<()> {
        let mut clear = std::mem::take(&mut self.piece);
        while self.at >= clear.len() && !self.is_over {
            clear.clear();
            self.at = 0;
            self.is_over = !(self.next_piece)(&mut clear);
            self.n_clear_bytes += clear.len() as u64;
            if let Some(mut gzip) = self.gzip.take() {
                gzip.write_all(&clear)?;
                clear.clear();
                if self.is_over {
                    clear = gzip.finish()?;
                } else {
                    std::mem::swap(gzip.get_mut(), &mut clear);
                    self.gzip = Some(gzip);
                }
            }
        }
        self.piece = clear;
        Ok(())
    }
}

impl Read for PieceReader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.piece.len() {
            self.refill()?;
        }
        let rest = self.piece.get(self.at..).unwrap_or_default();
        let n = rest.len().min(into.len());
        into[..n].copy_from_slice(&rest[..n]);
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;

    #[test]
    fn pieces_come_out_whole_and_in_order() {
        let mut n = 0;
        let mut reader = PieceReader::gzipped(Box::new(move |out| {
            n += 1;
            out.extend_from_slice(format!("piece {n}\n").repeat(1000).as_bytes());
            n < 30
        }));
        let mut packed = Vec::new();
        reader.read_to_end(&mut packed).unwrap();
        let mut text = String::new();
        flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
        assert_eq!(text.lines().count(), 30_000);
        assert!(text.starts_with("piece 1\n") && text.ends_with("piece 30\n"));
        assert_eq!(reader.n_clear_bytes, text.len() as u64);
    }
}
