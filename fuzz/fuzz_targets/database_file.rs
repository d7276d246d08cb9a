//! Any bytes as a database file: the header is refused or every record is a row, a blank or a reject, wherever the file is cut in chunks.

#![no_main]

use czar_formats::database_file::{Header, Layout, parse_row};
use libfuzzer_sys::fuzz_target;

const TABLES: [&str; 5] =
    ["auth_userprofile", "courseware_studentmodule", "student_courseenrollment", "a_table_nobody_knows", "email_opt_in"];

/// Rows, blanks and rejects of some records, and the places of the records.
fn read(header: &Header, layout: &Layout, chunk: &[u8], first_offset: usize, seen: &mut Vec<(usize, usize)>) -> [usize; 3] {
    let mut account = [0; 3];
    for record in layout.records(chunk) {
        seen.push((first_offset + record.offset, record.bytes.len()));
        match parse_row(header, layout, &record) {
            Ok(Some(row)) => {
                assert_eq!(row.values.len(), header.columns().len());
                account[0] += 1;
            }
            Ok(None) => account[1] += 1,
            Err(_) => account[2] += 1,
        }
    }
    account
}

fuzz_target!(|input: (u8, u16, &[u8])| {
    let (table, cut, bytes) = input;
    let line_end = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
    let (table, line) = (TABLES[usize::from(table) % TABLES.len()], &bytes[..line_end]);
    let header = if table == "email_opt_in" { Header::parse_csv(table, line) } else { Header::parse(table, line) };
    let Ok(header) = header else { return };
    let body = bytes.get(line_end + 1..).unwrap_or_default();
    let layout = header.layout(body);

    let mut places = Vec::new();
    let whole = read(&header, &layout, body, 0, &mut places);
    assert_eq!(whole.iter().sum::<usize>(), places.len());

    let cut = layout.complete_len(&body[..usize::from(cut).min(body.len())]);
    let mut places_cut = Vec::new();
    let first = read(&header, &layout, &body[..cut], 0, &mut places_cut);
    let second = read(&header, &layout, &body[cut..], cut, &mut places_cut);
    assert_eq!(places, places_cut, "a cut between records changes no record");
    assert_eq!(whole, [first[0] + second[0], first[1] + second[1], first[2] + second[2]]);
});
