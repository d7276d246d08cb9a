//! The gzip layer of event files, read as a stream; what is not gzip passes through as it is.
//!
//! Files may be several gzip members joined, so the single-member reader, which would end after the first without a word, is not used.

use std::io::{self, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

use super::error::VaultError;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

type Body<R> = BufReader<io::Chain<Cursor<Vec<u8>>, R>>;

/// Inflated (or plain) bytes. `Ok(0)` comes after the last member's checksum and the end of the reader below have been seen.
pub struct Inflated<R: Read> {
    layer: Layer<R>,
    failed: Option<VaultError>,
}

enum Layer<R: Read> {
    Gzip(Box<MultiGzDecoder<Body<R>>>),
    Plain(Body<R>),
}

/// Looks at the first two bytes of `reader` and inflates if they are gzip's. An empty reader is plain and empty.
///
/// # Errors
///
/// What `reader` answers.
pub fn inflate<R: Read>(mut reader: R) -> io::Result<Inflated<R>> {
    let mut magic = Vec::with_capacity(GZIP_MAGIC.len());
    reader.by_ref().take(GZIP_MAGIC.len() as u64).read_to_end(&mut magic)?;
    let is_gzip = magic == GZIP_MAGIC;
    let body = BufReader::with_capacity(64 * 1024, Cursor::new(magic).chain(reader));
    let layer = if is_gzip { Layer::Gzip(Box::new(MultiGzDecoder::new(body))) } else { Layer::Plain(body) };
    Ok(Inflated { layer, failed: None })
}

impl<R: Read> Inflated<R> {
    /// Whether the bytes below are gzip.
    pub fn is_gzip(&self) -> bool {
        matches!(self.layer, Layer::Gzip(_))
    }
}

impl<R: Read> Read for Inflated<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(failed) = self.failed.clone() {
            return Err(failed.into());
        }
        let decoder = match &mut self.layer {
            Layer::Plain(body) => return body.read(buffer),
            Layer::Gzip(decoder) => decoder,
        };
        let error = match decoder.read(buffer) {
            Ok(n_bytes) => return Ok(n_bytes),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => error,
        };
        // Bad gzip inside a damaged message is the message's damage: the reader below knows at its end.
        let below = match VaultError::find_in(&error) {
            Some(found) => Some(found.clone()),
            None => io::copy(decoder.get_mut(), &mut io::sink()).err().and_then(|below| VaultError::find_in(&below).cloned()),
        };
        let failed = below.unwrap_or(VaultError::GzipDamaged);
        self.failed = Some(failed.clone());
        Err(failed.into())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read_all(bytes: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut clear = Vec::new();
        inflate(bytes).unwrap().read_to_end(&mut clear).map_err(|error| VaultError::find_in(&error).unwrap().clone())?;
        Ok(clear)
    }

    #[test]
    fn joined_members_are_all_read() {
        let joined = [gzip(b"first\n"), gzip(b""), gzip(b"second\n")].concat();
        assert_eq!(read_all(&joined).unwrap(), b"first\nsecond\n");
    }

    #[test]
    fn what_is_not_gzip_passes_through() {
        for bytes in [&b""[..], b"\x1f", b"{}", b"plain text\n"] {
            assert!(!inflate(bytes).unwrap().is_gzip());
            assert_eq!(read_all(bytes).unwrap(), bytes);
        }
    }

    #[test]
    fn every_cut_is_an_error_except_between_members() {
        let (first, second) = (gzip(b"first line\n"), gzip(b"second line\n"));
        let joined = [first.clone(), second].concat();
        for end in 2..joined.len() {
            match read_all(&joined[..end]) {
                Ok(clear) => assert_eq!((end, &clear[..]), (first.len(), &b"first line\n"[..])),
                Err(error) => assert!(matches!(error, VaultError::GzipDamaged), "{end}: {error}"),
            }
        }
    }

    #[test]
    fn a_flipped_bit_or_trailing_bytes_are_an_error() {
        let whole = gzip(b"some line that is long enough to be worth compressing, compressing, compressing\n");
        for position in 10..whole.len() {
            let mut bytes = whole.clone();
            bytes[position] ^= 4;
            assert!(matches!(read_all(&bytes), Err(VaultError::GzipDamaged)), "{position}");
        }
        assert!(matches!(read_all(&[whole, b"junk".to_vec()].concat()), Err(VaultError::GzipDamaged)));
    }

    #[test]
    fn an_error_repeats() {
        let whole = gzip(b"line\n");
        let mut reader = inflate(&whole[..whole.len() - 1]).unwrap();
        assert!(reader.read_to_end(&mut Vec::new()).is_err());
        assert!(reader.read(&mut [0; 8]).is_err());
    }
}
