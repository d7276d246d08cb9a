//! Archives as people make them, and archives that were made to do harm.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::Cursor;

use super::*;

fn header(name: &str, kind: EntryType, n_bytes: u64) -> Header {
    let mut header = Header::new_gnu();
    // The crate's own setter refuses the names that these tests are about.
    let field = &mut header.as_old_mut().name;
    field[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(n_bytes);
    header.set_mode(0o644);
    header.set_mtime(1_520_000_000);
    header.set_cksum();
    header
}

fn member(name: &str, content: &[u8]) -> Vec<u8> {
    with_content(&header(name, EntryType::Regular, content.len() as u64), content)
}

fn with_content(header: &Header, content: &[u8]) -> Vec<u8> {
    let mut bytes = [header.as_bytes().as_slice(), content].concat();
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn archive(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat(), vec![0; 1024]].concat()
}

type Seen = Vec<(String, Vec<u8>, Option<&'static str>)>;

fn walked(bytes: &[u8]) -> io::Result<Seen> {
    let mut seen = Vec::new();
    walk(Cursor::new(bytes), |entry, content| {
        let mut all = Vec::new();
        if entry.unreadable.is_none() {
            content.read_to_end(&mut all)?;
            let start = usize::try_from(entry.offset).unwrap();
            assert_eq!(bytes[start..start + all.len()], all, "a member lies where its entry says");
        }
        seen.push((entry.name, all, entry.unreadable));
        Ok(())
    })?;
    Ok(seen)
}

#[test]
fn members_come_in_order_with_their_content_and_folders_are_passed_over() {
    let bytes = archive(&[
        with_content(&header("p/", EntryType::Directory, 0), b""),
        member("p/a.sql", b"one"),
        member("p/empty", b""),
        member("p/b.sql", &[b'x'; 700]),
    ]);
    let seen = walked(&bytes).unwrap();
    let names: Vec<(&str, usize)> = seen.iter().map(|(name, content, _)| (name.as_str(), content.len())).collect();
    assert_eq!(names, [("p/a.sql", 3), ("p/empty", 0), ("p/b.sql", 700)]);
}

#[test]
fn long_names_and_lengths_come_from_the_headers_before() {
    let long = format!("{}/x.sql", "d".repeat(300));
    let pax = |key: &str, value: &str| {
        let mut length = key.len() + value.len() + 3;
        length += (length + 3).to_string().len();
        let record = format!("{length} {key}={value}\n");
        assert_eq!(record.len(), length);
        record
    };
    let records = pax("path", "p/y.sql") + &pax("size", "3");
    let bytes = archive(&[
        with_content(&header("././@LongLink", EntryType::GNULongName, long.len() as u64 + 1), format!("{long}\0").as_bytes()),
        member("cut", b"1"),
        with_content(&header("pax", EntryType::XHeader, records.len() as u64), records.as_bytes()),
        with_content(&header("short", EntryType::Regular, 0), b"abc"),
        member("last", b"2"),
    ]);
    let seen = walked(&bytes).unwrap();
    let names: Vec<(&str, &[u8])> = seen.iter().map(|(name, content, _)| (name.as_str(), content.as_slice())).collect();
    assert_eq!(names, [(long.as_str(), &b"1"[..]), ("p/y.sql", b"abc"), ("last", b"2")]);
}

#[test]
fn an_archive_of_the_tar_crate_is_read() {
    let mut builder = tar::Builder::new(Vec::new());
    let name = format!("{}/é.sql", "n".repeat(200));
    let mut header = Header::new_gnu();
    header.set_size(5);
    builder.append_data(&mut header, &name, &b"hello"[..]).unwrap();
    let seen = walked(&builder.into_inner().unwrap()).unwrap();
    assert_eq!(seen, [(name, b"hello".to_vec(), None)]);
}

#[test]
fn links_devices_and_files_with_holes_have_no_content() {
    let mut sparse = header("holes", EntryType::GNUSparse, 512);
    sparse.as_gnu_mut().unwrap().set_is_extended(true);
    sparse.set_cksum();
    let bytes = archive(&[
        with_content(&header("link", EntryType::Symlink, 0), b""),
        with_content(&header("hard", EntryType::Link, 0), b""),
        with_content(&header("tty", EntryType::Char, 0), b""),
        // One more block of holes, then the data.
        [sparse.as_bytes().to_vec(), vec![0; 512], vec![b'x'; 512]].concat(),
        member("after", b"here"),
    ]);
    let seen = walked(&bytes).unwrap();
    assert!(seen[..4].iter().all(|(_, _, unreadable)| unreadable.is_some()), "{seen:?}");
    assert_eq!(seen[4], ("after".to_owned(), b"here".to_vec(), None));
}

#[test]
fn names_that_lead_elsewhere_are_only_names() {
    let bytes = archive(&[member("/etc/passwd", b"1"), member("../../up", b"2"), with_content(&header("a", EntryType::Regular, 1), b"3")]);
    assert_eq!(walked(&bytes).unwrap().len(), 3);
    assert_eq!(text(b"Universit\xe9"), "Universit%E9");
}

#[test]
fn every_cut_is_an_error() {
    let bytes = archive(&[member("a", &[b'x'; 600]), member("b", b"yy")]);
    let end_mark = bytes.len() - 1024;
    for end in 0..end_mark + 512 {
        assert_eq!(walked(&bytes[..end]).unwrap_err().kind(), io::ErrorKind::InvalidData, "{end}");
    }
    assert_eq!(walked(&bytes[..end_mark + 512]).unwrap().len(), 2);
}

#[test]
fn declared_lengths_beyond_all_bounds_are_errors_and_take_no_memory() {
    let giant = header("giant", EntryType::Regular, u64::MAX / 2);
    let name = header("name", EntryType::GNULongName, 1 << 40);
    let pax = header("pax", EntryType::XHeader, 1 << 40);
    let mut last = header("last", EntryType::Regular, u64::MAX);
    last.set_cksum();
    for header in [giant, name, pax, last] {
        assert_eq!(walked(header.as_bytes()).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}

#[test]
fn more_members_than_we_take_are_an_error() {
    struct Endless(Vec<u8>);
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            // A header is asked for as one block.
            buffer.copy_from_slice(&self.0[..buffer.len()]);
            Ok(buffer.len())
        }
    }
    let mut n = 0;
    let end = walk(Endless(member("x", b"")), |_, _| {
        n += 1;
        Ok(())
    });
    assert!(end.unwrap_err().to_string().contains("members we take"));
    assert_eq!(n, MOST_MEMBERS);
}

proptest::proptest! {
    #[test]
    fn any_bytes_end_in_members_or_an_error(mut bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..3000), at in 0_usize..3000, to in proptest::prelude::any::<u8>()) {
        let _ = walked(&bytes);
        // A sound archive with one byte changed.
        bytes = archive(&[member("a", b"1"), member("b", &[2; 600])]);
        if let Some(byte) = bytes.get_mut(at) {
            *byte = to;
        }
        let _ = walked(&bytes);
    }
}
