//! Whole database files: header, records, rows and the account of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own file should stop")]

use super::*;
use crate::reject::RejectCode;

const ENROLLMENT: &[u8] = b"id\tuser_id\tcourse_id\tcreated\tis_active\tmode";

fn enrollment() -> Header {
    Header::parse("student_courseenrollment", ENROLLMENT).unwrap()
}

#[test]
fn a_known_table_is_typed_by_its_header_in_any_order() {
    let header = Header::parse("student_courseenrollment", b"mode\tcreated\tid\tnew_column").unwrap();
    let kinds: Vec<_> = header.columns().iter().map(|column| column.kind).collect();
    assert_eq!(kinds, [ColumnKind::Text, ColumnKind::Timestamp, ColumnKind::Integer, ColumnKind::Text]);
    assert_eq!(header.index_of("id"), Some(2));
    let row = parse_row(&header, b"honor\t2013-08-20 00:00:00\t7\t12").unwrap().unwrap();
    assert_eq!(
        row.values,
        [Value::Text("honor".into()), Value::Timestamp(1_376_956_800_000_000), Value::Integer(7), Value::Text("12".into()),]
    );
}

/// docs/concepts/edx-files.md, "Tables".
#[test]
fn an_unknown_table_is_read_as_text() {
    let header = Header::parse("student_newthing", b"id\tvalue").unwrap();
    let row = parse_row(&header, b"1\tNULL").unwrap().unwrap();
    assert_eq!(row.values, [Value::Text("1".into()), Value::Null]);
}

#[test]
fn old_names_of_columns_become_the_current_ones_unless_both_are_there() {
    let names = |table, line: &[u8]| {
        let header = Header::parse(table, line).unwrap();
        header.columns().iter().map(|column| column.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names("user_id_map", b"hash_id\tid\tusername"), ["hash_id", "user_id", "username"]);
    assert_eq!(names("user_id_map", b"hash_id\tid\tuser_id"), ["hash_id", "id", "user_id"]);
    assert_eq!(names("auth_user", b"id\tavatar_typ"), ["id", "avatar_type"]);
    assert_eq!(names("credit_crediteligibility", b"id\tcourse_key"), ["id", "course_id"]);
}

#[test]
fn a_header_is_read_past_a_byte_order_mark_and_carriage_returns() {
    let header = Header::parse("user_id_map", b"\xef\xbb\xbfhash_id\tuser_id\tusername\r").unwrap();
    assert_eq!(header.index_of("hash_id"), Some(0));
    let row = parse_row(&header, b"ab\t1\tada\r").unwrap().unwrap();
    assert_eq!(row.text(2), Some("ada"));
}

/// docs/concepts/edx-files.md, "Records and headers".
#[test]
fn a_file_without_a_usable_header_is_refused_as_a_whole() {
    let refuse = |line: &[u8]| Header::parse("student_courseenrollment", line).unwrap_err();
    assert_eq!(refuse(b""), HeaderError::Missing);
    assert_eq!(refuse(b" \r"), HeaderError::Missing);
    assert_eq!(refuse(b"id\t\tmode"), HeaderError::EmptyName { position: 2 });
    assert_eq!(refuse(b"id\tmode\t"), HeaderError::EmptyName { position: 3 });
    assert_eq!(refuse(b"id\tmode\tid"), HeaderError::RepeatedName { first: 1, second: 3 });
    assert_eq!(refuse(b"id\t_site"), HeaderError::NotAHeader { position: 2 });
    assert_eq!(refuse(b"7\t12\tO/C/R\t2013-01-01 00:00:00\t1\thonor"), HeaderError::NotAHeader { position: 1 });
    assert_eq!(refuse(b"ada\thonor"), HeaderError::NotAHeader { position: 1 });
}

/// docs/concepts/edx-files.md, "Records and headers".
#[test]
fn a_ragged_record_is_set_aside_and_the_next_is_read() {
    let header = enrollment();
    let code = RejectCode::DatabaseFileWrongNumberOfFields;
    for (record, column) in [(&b"1\t2\tO/C/R"[..], None), (b"1\t2\tO/C/R\t\t1\thonor\tmore", Some(20)), (b"\t", None), (b"honor", None)] {
        let reject = parse_row(&header, record).unwrap_err();
        assert_eq!((reject.code, reject.column), (code, column));
    }
    assert!(parse_row(&header, b"1\t2\tO/C/R\tNULL\t1\t").unwrap().is_some());
}

#[test]
fn a_blank_record_is_neither_row_nor_reject() {
    for record in [&b""[..], b"\r", b"  ", b"\0"] {
        assert_eq!(parse_row(&enrollment(), record), Ok(None));
    }
    let all_empty = parse_row(&enrollment(), b"\t\t\t\t\t").unwrap().unwrap();
    assert_eq!(all_empty.values.iter().filter(|value| **value == Value::Null).count(), 4);
}

#[test]
fn a_value_that_does_not_fit_is_kept_beside_the_row() {
    let header = enrollment();
    let row = parse_row(&header, b"1\tada\\tb\tO/C/R\tsoon\t1\thonor").unwrap().unwrap();
    assert_eq!(row.values.get(1..2), Some(&[Value::Null][..]));
    assert_eq!(row.unparsed_json(&header).as_deref(), Some(r#"{"user_id":"ada\tb","created":"soon"}"#));
    assert_eq!(parse_row(&header, b"1\t2\tO/C/R\tNULL\t1\thonor").unwrap().unwrap().unparsed_json(&header), None);
}

/// docs/concepts/edx-files.md, "Dialects".
#[test]
fn the_state_of_a_block_is_json_after_a_record_that_spans_lines() {
    let file = b"id\tmodule_type\tmodule_id\tstudent_id\tstate\n\
        1\tproblem\ti4x://O/C/problem/p\t5\t{\"student_answers\":{\"a\":\"{\\\\\"b\\\\\":\\\\\"c\\\\\\\\\\\\\\\\d\\\\\"}\"}}\n\
        2\thtml\tx\t6\tfirst\\\nsecond\\\tthird\n";
    let mut lines = records(file, Dialect::Backslash);
    let header = Header::parse("courseware_studentmodule", lines.next().unwrap().bytes).unwrap();
    let rows: Vec<_> = lines.map(|record| parse_row(&header, record.bytes).unwrap().unwrap()).collect();
    let state: serde_json::Value = serde_json::from_str(rows.first().and_then(|row| row.text(4)).unwrap()).unwrap();
    let inner = state.pointer("/student_answers/a").and_then(|answer| answer.as_str()).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(inner).unwrap(), serde_json::json!({"b": "c\\d"}));
    assert_eq!(rows.get(1).and_then(|row| row.text(4)), Some("first\nsecond\tthird"));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_accounted_for(
        file in proptest::collection::vec(proptest::prop_oneof![
            proptest::prelude::any::<u8>(), proptest::sample::select(&b"\t\t\t\n\n\\\\N1-"[..]),
        ], 0..400),
    ) {
        for table in ["student_courseenrollment", "courseware_studentmodule"] {
            let header = Header::parse(table, b"id\tstudent_id\tgrade\tcreated").unwrap();
            let (mut n_records, mut n_rows, mut n_blanks, mut n_rejects) = (0, 0, 0, 0);
            for record in records(&file, header.dialect()) {
                n_records += 1;
                match parse_row(&header, record.bytes) {
                    Ok(Some(row)) => {
                        proptest::prop_assert_eq!(row.values.len(), 4);
                        n_rows += 1;
                    }
                    Ok(None) => n_blanks += 1,
                    Err(_) => n_rejects += 1,
                }
            }
            proptest::prop_assert_eq!(n_records, n_rows + n_blanks + n_rejects);
            if header.dialect() == Dialect::Escaped {
                let line_ends = file.iter().filter(|&&byte| byte == b'\n').count();
                let last = usize::from(file.last().is_some_and(|&byte| byte != b'\n'));
                proptest::prop_assert_eq!(n_records, line_ends + last);
            }
        }
    }

    #[test]
    fn any_first_line_is_a_header_or_a_reason(line in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..60)) {
        let _ = Header::parse("auth_user", &line);
    }
}
