//! Where records end, and that cutting a file into chunks changes none of them.

use proptest::prelude::*;

use super::*;

fn layout(dialect: Dialect, quotes: Quotes) -> Layout {
    Layout { quotes, ..Layout::new(dialect, 3) }
}

fn split(layout: Layout, chunk: &[u8]) -> Vec<(usize, &[u8], bool)> {
    layout.records(chunk).map(|record| (record.offset, record.bytes, record.is_quoted)).collect()
}

#[test]
fn every_line_end_ends_a_record_without_quotes() {
    let found = split(layout(Dialect::Escaped, Quotes::Text), b"a\\\nb\n\nc");
    assert_eq!(found, [(0, &b"a\\"[..], false), (3, b"b", false), (5, b"", false), (6, b"c", false)]);
    assert_eq!(split(layout(Dialect::Escaped, Quotes::Text), b""), []);
}

/// docs/concepts/edx-files.md, "Dialects".
#[test]
fn an_escaped_line_end_does_not_end_a_record_of_the_backslash_dialect() {
    let found = split(layout(Dialect::Backslash, Quotes::Text), b"a\\\nb\nc\\\\\nd");
    assert_eq!(found, [(0, &b"a\\\nb"[..], false), (5, b"c\\\\", false), (9, b"d", false)]);
}

#[test]
fn a_chunk_is_whole_up_to_its_last_line_end_that_ends_a_record() {
    let whole = |dialect, chunk| layout(dialect, Quotes::Undecided).complete_len(chunk);
    assert_eq!(whole(Dialect::Escaped, b"a\nb\\\nc"), 5);
    assert_eq!(whole(Dialect::Backslash, b"a\nb\\\nc"), 2);
    assert_eq!(whole(Dialect::Backslash, b"a\\\n"), 0);
    assert_eq!(whole(Dialect::Escaped, b"abc"), 0);
    assert_eq!(whole(Dialect::Escaped, b"a\tb\tc\nd\t\"e\n"), 6);
}

#[test]
fn a_line_that_does_not_fit_is_joined_if_only_that_makes_it_fit() {
    for quotes in [Quotes::Text, Quotes::Undecided, Quotes::Marks] {
        let layout = layout(Dialect::Escaped, quotes);
        let found = split(layout, b"1\t\"a\n\nb\"\tc\n2\td\te\n");
        assert_eq!(found, [(0, &b"1\t\"a\n\nb\"\tc"[..], true), (11, b"2\td\te", false)], "{quotes:?}");
        // Too many tabs on one line, and all in one field.
        assert_eq!(split(layout, b"1\t\"a\tb\"\tc\n"), [(0, &b"1\t\"a\tb\"\tc"[..], true)]);
        // The last field is open, and what follows is no record.
        assert_eq!(split(layout, b"1\ta\t\"b\nc\"\n2\td\te"), [(0, &b"1\ta\t\"b\nc\""[..], true), (10, b"2\td\te", false)]);
    }
}

#[test]
fn what_never_fits_stays_line_by_line() {
    for quotes in [Quotes::Text, Quotes::Undecided, Quotes::Marks] {
        let layout = layout(Dialect::Escaped, quotes);
        for (file, n_records) in [
            (&b"1\t\"a\nb\n2\td\te\n"[..], 3),
            // A record of its own is never swallowed by a stray quote before it.
            (b"1\t\"a\n2\td\te\n\"\tb\n", 3),
            (b"1\t\"a\n\"hello\" she said\tb\n", 2),
            (b"1\ta\t\"b\n2\td\te\n", 2),
            (b"1\t\"a\tb\tc\td\n", 1),
        ] {
            let found = split(layout, file);
            assert_eq!(found.len(), n_records, "{quotes:?} {file:?}");
            assert!(found.iter().all(|record| !record.2));
        }
    }
}

#[test]
fn a_record_of_several_lines_has_a_limit() {
    let layout = layout(Dialect::Escaped, Quotes::Marks).with_most_joined_bytes(12);
    assert_eq!(split(layout, b"1\t\"a\nb\"\tc\n").len(), 1);
    assert_eq!(split(layout, b"1\t\"a\nbcdefghi\"\tc\n").len(), 2);
    assert_eq!(layout.complete_len(b"1\t\"a\nbcdefghi"), 5);
}

fn tables() -> impl Strategy<Value = Vec<u8>> {
    let piece = proptest::sample::select(vec![
        "\"",
        "\"\"",
        "\t",
        "\n",
        "\\",
        "\r\n",
        "a",
        ",",
        "1\t2\t3\n",
        "\t\"",
        "\"\t",
        "\"\n",
        "1\t\"a\n",
        "b\"\tc\n",
    ]);
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes())
}

fn layouts() -> impl Strategy<Value = Layout> {
    let dialects = proptest::sample::select(vec![Dialect::Escaped, Dialect::Backslash, Dialect::Csv]);
    let quotes = proptest::sample::select(vec![Quotes::Text, Quotes::Undecided, Quotes::Marks]);
    let limits = prop_oneof![Just(1 << 20), 1_usize..40];
    (dialects, quotes, 1_usize..5, limits).prop_map(|(dialect, quotes, n_columns, limit)| {
        let quotes = if dialect == Dialect::Csv { Quotes::Marks } else { quotes };
        Layout { quotes, ..Layout::new(dialect, n_columns) }.with_most_joined_bytes(limit)
    })
}

proptest! {
    #[test]
    fn records_and_their_line_ends_are_the_chunk(chunk in tables(), layout in layouts()) {
        let mut joined: Vec<u8> = Vec::new();
        for record in layout.records(&chunk) {
            prop_assert_eq!(record.offset, joined.len());
            joined.extend_from_slice(record.bytes);
            joined.extend_from_slice(chunk.get(joined.len()..joined.len() + 1).unwrap_or_default());
        }
        prop_assert_eq!(joined, chunk);
    }

    /// A reader that gets the file in pieces of any size hands on whole chunks, and keeps the rest for the next.
    #[test]
    fn cutting_a_file_into_chunks_anywhere_changes_no_record(
        file in tables(), layout in layouts(), sizes in proptest::collection::vec(1_usize..30, 1..40),
    ) {
        let (mut start, mut end) = (0, 0);
        let mut found = Vec::new();
        let mut sizes = sizes.into_iter().cycle();
        while start < file.len() {
            end = file.len().min(end + sizes.next().unwrap_or(1));
            let held = &file[start..end];
            let whole = if end == file.len() { held.len() } else { layout.complete_len(held) };
            found.extend(layout.records(&held[..whole]).map(|record| (record.offset + start, record.bytes, record.is_quoted)));
            start += whole;
        }
        prop_assert_eq!(found, split(layout, &file));
    }
}
