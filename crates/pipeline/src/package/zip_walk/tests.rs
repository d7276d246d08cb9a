//! Zips as edX makes them, and zips that were made to do harm.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

const TEXT: &[u8] = b"id\tname\n1\ta\n1\ta\n1\ta\n1\ta\n";

/// A folder and two members: one as it is, one packed; with a comment behind the list.
fn archive(comment: &[u8]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    writer.add_directory("package/", options).unwrap();
    writer.start_file("package/stored.sql", options.compression_method(CompressionMethod::Stored)).unwrap();
    writer.write_all(TEXT).unwrap();
    writer.start_file("package/packed.sql", options.compression_method(CompressionMethod::Deflated)).unwrap();
    writer.write_all(TEXT).unwrap();
    let mut bytes = writer.finish().unwrap().into_inner();
    let at = bytes.len() - 2;
    bytes[at..].copy_from_slice(&u16::try_from(comment.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(comment);
    bytes
}

fn list(bytes: &[u8], most_members: usize) -> Result<List, String> {
    walk(Cursor::new(bytes), most_members)
}

#[test]
fn members_are_listed_with_the_place_of_their_bytes_and_folders_are_not() {
    let bytes = archive(b"");
    let list = list(&bytes, 3).unwrap();
    let names: Vec<&str> = list.entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!((names, list.n_declared, list.n_same_name), (vec!["package/stored.sql", "package/packed.sql"], 3, 0));
    let contents: Vec<&Content> = list.entries.iter().map(|entry| entry.content.as_ref().unwrap()).collect();
    let bytes_of = |content: &Content| {
        let start = usize::try_from(content.offset).unwrap();
        &bytes[start..start + usize::try_from(content.stored_bytes).unwrap()]
    };
    assert_eq!((bytes_of(contents[0]), contents[0].deflated), (TEXT, false));
    let mut unpacked = Vec::new();
    flate2::read::DeflateDecoder::new(bytes_of(contents[1])).read_to_end(&mut unpacked).unwrap();
    assert_eq!((unpacked.as_slice(), contents[1].deflated), (TEXT, true));
}

#[test]
fn a_list_that_is_too_long_is_refused_also_behind_an_end_that_declares_none() {
    assert!(list(&archive(b""), 2).err().unwrap().ends_with("more than the 2 we take"));
    // An end of another zip in the comment, whose own comment would be longer than the file: the list is read by the end before it.
    let end = [&b"PK\x05\x06"[..], &[0; 16], b"\xff\xff"].concat();
    assert_eq!(list(&archive(&end), 3).unwrap().entries.len(), 2);
    assert!(list(&archive(&end), 2).err().unwrap().ends_with("more than the 2 we take"));
}

#[test]
fn a_member_that_does_not_lie_in_the_archive_is_told_and_the_others_are_listed() {
    let mut bytes = archive(b"");
    // The stored length of the last entry of the list.
    let at = memchr::memmem::rfind(&bytes, b"PK\x01\x02").unwrap() + 20;
    bytes[at..at + 4].copy_from_slice(&u32::MAX.saturating_sub(1).to_le_bytes());
    let list = list(&bytes, 3).unwrap();
    assert!(list.entries[0].content.is_ok());
    let reason = list.entries[1].content.as_ref().err().unwrap();
    assert_eq!(reason, "member does not lie in the archive: the archive is damaged");
}

#[test]
fn bytes_that_are_no_zip_are_an_error() {
    let whole = archive(b"");
    for bytes in [b"".as_slice(), b"PK\x05\x06", &[0; 100], &whole[..whole.len() / 2]] {
        assert!(list(bytes, 3).is_err());
    }
}
