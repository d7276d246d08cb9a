//! The stages of an ingest, each by itself, for `czar bench`: what decrypting, inflating and reading cost before a row is written. It
//! measures nothing and keeps nothing: what it reads goes where the caller says.

use std::io::{self, BufRead as _, BufReader, Read, Write};

use czar_formats::tracking_log::parse_line;

use crate::ingest::{ClearFile, FileFailure, IngestOptions};
use crate::package::{DeliveredFile, RawFile};
use crate::vault::{DecryptOptions, SecretKeys, decrypt};

/// Bytes that are taken from a stream at once.
const BUFFER_BYTES: usize = 1 << 18;

/// Takes the OpenPGP layer off a file and no other, and tells how many bytes came out. The file must have one.
///
/// # Errors
/// The file cannot be read, no key opens it, it is damaged, or `out` takes no more.
pub fn decrypt_alone(file: &DeliveredFile, keys: &SecretKeys, options: &IngestOptions, out: &mut dyn Write) -> Result<u64, FileFailure> {
    let of_stream = |error: io::Error| FileFailure::of_stream(file, &error);
    let bytes = RawFile::default().open(file).map_err(of_stream)?;
    let limit = DecryptOptions { max_clear_bytes: Some(options.max_clear_bytes) };
    let message =
        decrypt(BufReader::with_capacity(BUFFER_BYTES, bytes), keys, limit).map_err(|error| FileFailure::of_vault(file, &error))?;
    pump(message, out).map_err(of_stream)
}

/// Takes all layers off a file, as an ingest does, and tells how many clear bytes came out.
///
/// # Errors
/// The file cannot be read, no key opens it, it is damaged, or `out` takes no more.
pub fn clear_alone(
    file: &DeliveredFile,
    keys: Option<&SecretKeys>,
    options: &IngestOptions,
    out: &mut dyn Write,
) -> Result<u64, FileFailure> {
    let clear = ClearFile::open(file, keys, options)?;
    pump(clear.stream, out).map_err(|error| FileFailure::of_stream(file, &error))
}

/// Reads every line of an event file on one thread and keeps none; tells how many lines were an event or a reject.
///
/// # Errors
/// The file cannot be read, no key opens it, or it is damaged.
pub fn read_alone(file: &DeliveredFile, keys: Option<&SecretKeys>, options: &IngestOptions) -> Result<u64, FileFailure> {
    let clear = ClearFile::open(file, keys, options)?;
    count_events(BufReader::with_capacity(BUFFER_BYTES, clear.stream), options.max_record_bytes)
        .map_err(|error| FileFailure::of_stream(file, &error))
}

fn count_events(mut lines: BufReader<impl Read>, max_record_bytes: usize) -> io::Result<u64> {
    let most = u64::try_from(max_record_bytes).unwrap_or(u64::MAX);
    let mut n_records = 0;
    let mut line = Vec::new();
    loop {
        line.clear();
        if (&mut lines).take(most).read_until(b'\n', &mut line)? == 0 {
            return Ok(n_records);
        }
        if !line.ends_with(b"\n") && line.len() == max_record_bytes {
            lines.skip_until(b'\n')?;
            n_records += 1;
            continue;
        }
        // What is read must be used, or the compiler may leave the reading out.
        n_records += u64::from(!matches!(std::hint::black_box(parse_line(&line)), Ok(None)));
    }
}

fn pump(mut from: impl Read, out: &mut dyn Write) -> io::Result<u64> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut n_bytes = 0;
    loop {
        let n = match from.read(&mut buffer) {
            Ok(0) => return Ok(n_bytes),
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        out.write_all(&buffer[..n])?;
        n_bytes += n as u64;
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn blank_lines_are_not_records_and_a_line_that_is_too_long_is_one() {
        let long = "x".repeat(100);
        let log = format!("{{}}\n\nnot json\n{long}\n{long}");
        assert_eq!(count_events(BufReader::new(log.as_bytes()), 50).unwrap(), 4);
    }

    #[test]
    fn all_bytes_go_through() {
        let bytes = vec![7; BUFFER_BYTES * 2 + 5];
        let mut out = Vec::new();
        assert_eq!(pump(bytes.as_slice(), &mut out).unwrap(), bytes.len() as u64);
        assert_eq!(out, bytes);
    }
}
