//! What is inside the encrypted part: perhaps signatures, perhaps a compressed packet, and one literal packet, the data.
//!
//! It checks no signature (edX signs nothing) and follows the nesting only so far; a second literal packet is refused, not skipped.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use pgp::composed::{CompressedDataReader, LiteralDataReader, PacketBodyReader};
use pgp::packet::PacketHeader;
use pgp::types::{PacketLength, Tag};

use super::error::VaultError;
use super::seal::Seal;

/// GnuPG compresses once. One more is allowed; every layer could multiply the size by a thousand.
const MAX_COMPRESSED_LAYERS: usize = 2;

/// Signature, marker and padding packets around the data.
const MAX_SIDE_PACKETS: usize = 32;
const MAX_SIDE_PACKET_BYTES: u64 = 64 * 1024;

/// Old writers padded raw deflate data with a byte for the sake of old zlibs. More could be data.
const MAX_EXCESS_BYTES: u64 = 8;

/// The bytes of a sequence of packets, at any depth.
pub(super) enum Packets<'a> {
    Sealed(BufReader<Seal<'a>>),
    Compressed(Box<CompressedDataReader<Packets<'a>>>),
}

/// The clear text.
pub(super) type Literal<'a> = LiteralDataReader<Packets<'a>>;

impl<'a> Packets<'a> {
    pub(super) fn new(seal: Seal<'a>) -> Self {
        Self::Sealed(BufReader::with_capacity(32 * 1024, seal))
    }

    /// Goes down to the literal packet.
    pub(super) fn open_literal(mut self) -> io::Result<Literal<'a>> {
        let mut n_layers = 0;
        let mut n_side_packets = 0;
        loop {
            let header = PacketHeader::try_from_reader(&mut self)?;
            let mut body = PacketBodyReader::new(header, self)?;
            match header.tag() {
                Tag::LiteralData => return LiteralDataReader::new(body),
                Tag::CompressedData if n_layers == MAX_COMPRESSED_LAYERS => return Err(malformed("it is compressed too many times over")),
                Tag::CompressedData => {
                    n_layers += 1;
                    check_compression(&mut body)?;
                    self = Self::Compressed(Box::new(CompressedDataReader::new(body, true)?));
                }
                tag if is_side_packet(tag) => {
                    skip(&mut body, &mut n_side_packets)?;
                    self = body.into_inner();
                }
                tag if is_encrypted(tag) => return Err(VaultError::Unsupported { what: "encryption inside encryption" }.into()),
                _ => return Err(malformed("there is a packet that does not belong into a message")),
            }
        }
    }

    /// Checks that nothing but signatures follows the data, in each layer up to the encrypted part.
    fn close(mut self) -> io::Result<()> {
        let mut n_side_packets = 0;
        loop {
            while !self.fill_buf()?.is_empty() {
                let header = PacketHeader::try_from_reader(&mut self)?;
                let mut body = PacketBodyReader::new(header, self)?;
                if !is_side_packet(header.tag()) {
                    return Err(malformed("something follows the data"));
                }
                skip(&mut body, &mut n_side_packets)?;
                self = body.into_inner();
            }
            self = match self {
                // Its end was the verdict: the seal has no end without one.
                Self::Sealed(_) => return Ok(()),
                Self::Compressed(layer) => {
                    let mut body = layer.into_inner();
                    let n_bytes = io::copy(&mut body.by_ref().take(MAX_EXCESS_BYTES + 1), &mut io::sink())?;
                    if n_bytes > MAX_EXCESS_BYTES {
                        return Err(malformed("bytes follow the end of the compressed data"));
                    }
                    body.into_inner()
                }
            };
        }
    }
}

/// Goes back up from the literal packet, which must have been read to its end.
pub(super) fn close(literal: Literal<'_>) -> io::Result<()> {
    literal.into_inner().into_inner().close()
}

fn malformed(what: &'static str) -> io::Error {
    VaultError::Malformed { what }.into()
}

fn check_compression(body: &mut impl BufRead) -> io::Result<()> {
    match body.fill_buf()?.first() {
        // RFC 9580, 9.4.
        Some(0..=2) => Ok(()),
        Some(3) => Err(VaultError::Unsupported { what: "bzip2 compression" }.into()),
        Some(_) => Err(VaultError::Unsupported { what: "an unknown compression" }.into()),
        None => Err(malformed("the compressed packet is empty")),
    }
}

fn is_side_packet(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::OnePassSignature | Tag::Signature | Tag::Marker | Tag::Padding | Tag::UnassignedNonCritical(_) | Tag::Experimental(_)
    )
}

fn is_encrypted(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::PublicKeyEncryptedSessionKey
            | Tag::SymKeyEncryptedSessionKey
            | Tag::SymEncryptedData
            | Tag::SymEncryptedProtectedData
            | Tag::GnupgAeadData
    )
}

fn skip<R: BufRead>(body: &mut PacketBodyReader<R>, n_side_packets: &mut usize) -> io::Result<()> {
    *n_side_packets += 1;
    if *n_side_packets > MAX_SIDE_PACKETS {
        return Err(malformed("there are too many packets around the data"));
    }
    // An indeterminate length would swallow the data itself.
    if matches!(body.packet_header().packet_length(), PacketLength::Indeterminate) {
        return Err(malformed("a packet beside the data has no length"));
    }
    let n_bytes = io::copy(&mut body.by_ref().take(MAX_SIDE_PACKET_BYTES), &mut io::sink())?;
    if n_bytes == MAX_SIDE_PACKET_BYTES {
        return Err(malformed("a packet beside the data is too large"));
    }
    Ok(())
}

impl Read for Packets<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Sealed(reader) => reader.read(buffer),
            Self::Compressed(reader) => reader.read(buffer),
        }
    }
}

impl BufRead for Packets<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Sealed(reader) => reader.fill_buf(),
            Self::Compressed(reader) => reader.fill_buf(),
        }
    }

    fn consume(&mut self, n_bytes: usize) {
        match self {
            Self::Sealed(reader) => reader.consume(n_bytes),
            Self::Compressed(reader) => reader.consume(n_bytes),
        }
    }
}

/// The library's readers ask for it; theirs would print clear text.
impl fmt::Debug for Packets<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Packets")
    }
}
