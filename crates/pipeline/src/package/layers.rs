//! The layer of compression around a content, told from its first bytes and never from its name: gzip, zstd, or none. What was kept
//! under a wrong name is read all the same.

use std::io::{self, Cursor, Read};

use crate::vault::{VaultError, inflate};

/// First bytes of a zstd frame, and of a frame that says nothing (its first byte is one of sixteen).
const ZSTD_FRAME: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const ZSTD_SKIPPABLE: [u8; 3] = [0x2a, 0x4d, 0x18];

/// Whether bytes begin as a compressed stream does that [`peel`] would open.
pub(crate) fn is_compressed(start: &[u8]) -> bool {
    is_zstd(start) || start.starts_with(&[0x1f, 0x8b])
}

fn is_zstd(start: &[u8]) -> bool {
    start.starts_with(&ZSTD_FRAME) || (start.len() >= 4 && start[0] & 0xf0 == 0x50 && start[1..4] == ZSTD_SKIPPABLE)
}

/// Takes one layer of compression off, if there is one. Several joined streams are read to the last; a frame may ask for 128 MiB at most.
///
/// # Errors
/// What `reader` answers.
pub(crate) fn peel(mut reader: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    let mut start = Vec::with_capacity(ZSTD_FRAME.len());
    reader.by_ref().take(ZSTD_FRAME.len() as u64).read_to_end(&mut start)?;
    let is_zstd = is_zstd(&start);
    let whole = Cursor::new(start).chain(reader);
    if is_zstd { Ok(Box::new(Zstd(zstd::stream::read::Decoder::new(whole)?))) } else { Ok(Box::new(inflate(whole)?)) }
}

/// Tells damage of the zstd stream from trouble below it.
struct Zstd<R>(R);

impl<R: Read> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| {
            if VaultError::find_in(&error).is_some() || error.kind() == io::ErrorKind::Interrupted {
                return error;
            }
            io::Error::new(io::ErrorKind::InvalidData, "zstd data are damaged or cut short")
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::io::Write as _;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read_all(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        let mut clear = Vec::new();
        peel(Cursor::new(bytes))?.read_to_end(&mut clear)?;
        Ok(clear)
    }

    #[test]
    fn every_layer_is_told_from_its_first_bytes_and_joined_streams_are_read_to_the_last() {
        let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
        let skippable = [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7, 7].to_vec();
        for packed in [
            b"one\ntwo\n".to_vec(),
            gzip(b"one\ntwo\n"),
            [gzip(b"one\n"), gzip(b""), gzip(b"two\n")].concat(),
            zstd(b"one\ntwo\n"),
            [zstd(b"one\n"), zstd(b"two\n")].concat(),
            [skippable, zstd(b"one\ntwo\n")].concat(),
        ] {
            assert_eq!(read_all(packed).unwrap(), b"one\ntwo\n");
        }
        assert_eq!(read_all(Vec::new()).unwrap(), b"");
    }

    #[test]
    fn a_zstd_stream_that_is_cut_or_changed_is_damaged() {
        let text: Vec<u8> = (0..100_000_u32).flat_map(|n| (n * 7919).to_le_bytes()).collect();
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.include_checksum(true).unwrap();
        encoder.write_all(&text).unwrap();
        let whole = encoder.finish().unwrap();
        for end in [4, 9, whole.len() / 2, whole.len() - 1] {
            assert_eq!(read_all(whole[..end].to_vec()).unwrap_err().kind(), io::ErrorKind::InvalidData, "{end}");
        }
        let mut changed = whole.clone();
        changed[whole.len() / 2] ^= 1;
        assert_eq!(read_all(changed).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
