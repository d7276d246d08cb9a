//! What a server says of the bytes of an object, compared with the bytes that arrived: the MD5 of an ETag, the joined MD5 of one that was sent
//! in parts, and the checksums of newer servers. It reads files; it asks no server.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use md5::{Digest as _, Md5};

const BLOCK_BYTES: usize = 1 << 20;

/// What the bytes of a file have to give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// MD5 of all bytes, in hexadecimal digits.
    Md5(String),
    /// An ETag `{md5 of the md5s of the parts}-{parts}`, and the size of all parts but the last.
    Parts {
        /// The whole ETag.
        etag: String,
        /// Size of a part.
        part_bytes: u64,
    },
    /// CRC-32 of all bytes, as S3 writes it.
    Crc32(String),
    /// CRC-64/NVME of all bytes, as S3 writes it.
    Crc64Nvme(String),
}

/// The ETag as it stands between its quotation marks; `None` for a weak one, which says nothing of bytes.
fn bare(etag: &str) -> Option<&str> {
    (!etag.starts_with("W/")).then(|| etag.trim_matches('"'))
}

/// The MD5 that an ETag is, if it may be one.
#[must_use]
pub fn md5_of_etag(etag: &str) -> Option<String> {
    let text = bare(etag)?;
    (text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| text.to_ascii_lowercase())
}

/// The number of parts that an ETag tells of.
#[must_use]
pub fn n_parts_of_etag(etag: &str) -> Option<u64> {
    let (digest, n) = bare(etag)?.split_once('-')?;
    let is_digest = digest.len() == 32 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    n.parse().ok().filter(|n| is_digest && (1..=10_000).contains(n))
}

/// Whether a file gives what is expected.
///
/// # Errors
/// The file cannot be read.
pub fn fits(path: &Path, expected: &Expected) -> io::Result<bool> {
    Ok(match expected {
        Expected::Md5(md5) => *md5 == md5_of_file(path)?,
        Expected::Parts { etag, part_bytes } => bare(etag) == Some(&joined_md5(path, *part_bytes)?),
        Expected::Crc32(text) => {
            let mut crc = flate2::Crc::new();
            each_block(path, |block| crc.update(block))?;
            *text == BASE64_STANDARD.encode(crc.sum().to_be_bytes())
        }
        Expected::Crc64Nvme(text) => {
            let mut crc = !0_u64;
            each_block(path, |block| crc = crc64_nvme(crc, block))?;
            *text == BASE64_STANDARD.encode((!crc).to_be_bytes())
        }
    })
}

/// The MD5 of a file.
///
/// # Errors
/// It cannot be read.
pub fn md5_of_file(path: &Path) -> io::Result<String> {
    let mut md5 = Md5::new();
    each_block(path, |block| md5.update(block))?;
    Ok(hex::encode(md5.finalize()))
}

fn joined_md5(path: &Path, part_bytes: u64) -> io::Result<String> {
    let (mut of_parts, mut part) = (Md5::new(), Md5::new());
    let (mut in_part, mut n_parts) = (0_u64, 0_u64);
    each_block(path, |mut block| {
        while !block.is_empty() {
            let rest = usize::try_from(part_bytes - in_part).unwrap_or(usize::MAX).min(block.len());
            let (now, later) = block.split_at(rest);
            part.update(now);
            in_part += now.len() as u64;
            block = later;
            if in_part == part_bytes {
                of_parts.update(part.finalize_reset());
                (in_part, n_parts) = (0, n_parts + 1);
            }
        }
    })?;
    if in_part > 0 {
        of_parts.update(part.finalize());
        n_parts += 1;
    }
    Ok(format!("{}-{n_parts}", hex::encode(of_parts.finalize())))
}

fn each_block(path: &Path, mut each: impl FnMut(&[u8])) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(n_bytes) => each(block.get(..n_bytes).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// CRC-64/NVME, bits reflected (NVM Express base specification, 5.2.1.3.4).
fn crc64_nvme(crc: u64, bytes: &[u8]) -> u64 {
    const POLYNOMIAL: u64 = 0x9a6c_9329_ac4b_c9b5;
    static TABLE: [u64; 256] = {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            let mut value = byte as u64;
            let mut bit = 0;
            while bit < 8 {
                value = if value & 1 == 1 { value >> 1 ^ POLYNOMIAL } else { value >> 1 };
                bit += 1;
            }
            table[byte] = value;
            byte += 1;
        }
        table
    };
    bytes.iter().fold(crc, |crc, byte| TABLE[usize::from((crc as u8) ^ byte)] ^ crc >> 8)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot write its own file has failed")]

    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        crate::atomic_file::write(file.path(), bytes).unwrap();
        file
    }

    #[test]
    fn an_etag_is_an_md5_only_if_it_looks_like_one() {
        let md5 = "900150983cd24fb0d6963f7d28e17f72";
        assert_eq!(md5_of_etag(&format!("\"{md5}\"")).as_deref(), Some(md5));
        assert_eq!(md5_of_etag(&md5.to_uppercase()).as_deref(), Some(md5));
        for etag in ["\"abc\"", "W/\"900150983cd24fb0d6963f7d28e17f72\"", "\"900150983cd24fb0d6963f7d28e17f72-2\""] {
            assert_eq!(md5_of_etag(etag), None, "{etag}");
        }
        assert_eq!(n_parts_of_etag("\"900150983cd24fb0d6963f7d28e17f72-12\""), Some(12));
        assert_eq!(n_parts_of_etag("\"900150983cd24fb0d6963f7d28e17f72\""), None);
    }

    #[test]
    fn checksums_are_those_of_their_standards() {
        // The check values of the catalogue of parametrised CRC algorithms, for the digits 1 to 9.
        let digits = file(b"123456789");
        let crc32 = BASE64_STANDARD.encode(0xcbf4_3926_u32.to_be_bytes());
        let crc64 = BASE64_STANDARD.encode(0xae8b_1486_0a79_9888_u64.to_be_bytes());
        assert!(fits(digits.path(), &Expected::Crc32(crc32)).unwrap());
        assert!(fits(digits.path(), &Expected::Crc64Nvme(crc64.clone())).unwrap());
        assert!(!fits(file(b"123456780").path(), &Expected::Crc64Nvme(crc64)).unwrap());
        assert!(fits(file(b"abc").path(), &Expected::Md5("900150983cd24fb0d6963f7d28e17f72".to_owned())).unwrap());
    }

    #[test]
    fn an_object_in_parts_has_the_md5_of_the_md5s_of_its_parts() {
        let mut of_parts = Md5::new();
        of_parts.update(Md5::digest(b"abcd"));
        of_parts.update(Md5::digest(b"ef"));
        let etag = format!("\"{}-2\"", hex::encode(of_parts.finalize()));
        let expected = |part_bytes| Expected::Parts { etag: etag.clone(), part_bytes };
        assert!(fits(file(b"abcdef").path(), &expected(4)).unwrap());
        assert!(!fits(file(b"abcdef").path(), &expected(3)).unwrap());
        assert!(!fits(file(b"abcdeg").path(), &expected(4)).unwrap());
    }
}
