//! Whole database files: header, records, rows and the account of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own file should stop")]

use super::*;
use crate::reject::{Reject, RejectCode};

const ENROLLMENT: &[u8] = b"id\tuser_id\tcourse_id\tcreated\tis_active\tmode";

fn enrollment() -> Header {
    Header::parse("student_courseenrollment", ENROLLMENT).unwrap()
}

/// Reads one line of a file without telling quotes.
fn read_line<'a>(header: &Header, bytes: &'a [u8]) -> Result<Option<Row<'a>>, Reject> {
    parse_row(header, &header.layout(b""), &Record { offset: 0, bytes, is_quoted: false })
}

#[test]
fn a_known_table_is_typed_by_its_header_in_any_order() {
    let header = Header::parse("student_courseenrollment", b"mode\tcreated\tid\tnew_column").unwrap();
    let kinds: Vec<_> = header.columns().iter().map(|column| column.kind).collect();
    assert_eq!(kinds, [ColumnKind::Text, ColumnKind::Timestamp, ColumnKind::Integer, ColumnKind::Text]);
    assert_eq!(header.index_of("id"), Some(2));
    let row = read_line(&header, b"honor\t2013-08-20 00:00:00\t7\t12").unwrap().unwrap();
    assert_eq!(
        row.values,
        [Value::Text("honor".into()), Value::Timestamp(1_376_956_800_000_000), Value::Integer(7), Value::Text("12".into()),]
    );
}

/// docs/concepts/edx-files.md, "Tables".
#[test]
fn an_unknown_table_is_read_as_text() {
    let header = Header::parse("student_newthing", b"id\tvalue").unwrap();
    let row = read_line(&header, b"1\tNULL").unwrap().unwrap();
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
    let row = read_line(&header, b"ab\t1\tada\r").unwrap().unwrap();
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
    assert_eq!(refuse(b"id\t_Site"), HeaderError::NotAHeader { position: 2 });
    assert_eq!(refuse(b"7\t12\tO/C/R\t2013-01-01 00:00:00\t1\thonor"), HeaderError::NotAHeader { position: 1 });
    assert_eq!(refuse(b"ada\thonor"), HeaderError::NotAHeader { position: 1 });
}

/// docs/concepts/edx-files.md, "Records and headers".
#[test]
fn a_ragged_record_is_set_aside_and_the_next_is_read() {
    let header = enrollment();
    let code = RejectCode::DatabaseFileWrongNumberOfFields;
    for (record, column) in [(&b"1\t2\tO/C/R"[..], None), (b"1\t2\tO/C/R\t\t1\thonor\tmore", Some(20)), (b"\t", None), (b"honor", None)] {
        let reject = read_line(&header, record).unwrap_err();
        assert_eq!((reject.code, reject.column), (code, column));
    }
    assert!(read_line(&header, b"1\t2\tO/C/R\tNULL\t1\t").unwrap().is_some());
}

#[test]
fn a_blank_record_is_neither_row_nor_reject() {
    for record in [&b""[..], b"\r", b"  ", b"\0"] {
        assert_eq!(read_line(&enrollment(), record), Ok(None));
    }
    let all_empty = read_line(&enrollment(), b"\t\t\t\t\t").unwrap().unwrap();
    assert_eq!(all_empty.values.iter().filter(|value| **value == Value::Null).count(), 4);
}

#[test]
fn a_value_that_does_not_fit_is_kept_beside_the_row() {
    let header = enrollment();
    let row = read_line(&header, b"1\tada\\tb\tO/C/R\tsoon\t1\thonor").unwrap().unwrap();
    assert_eq!(row.values.get(1..2), Some(&[Value::Null][..]));
    assert_eq!(row.unparsed_json(&header).as_deref(), Some(r#"{"user_id":"ada\tb","created":"soon"}"#));
    assert_eq!(read_line(&header, b"1\t2\tO/C/R\tNULL\t1\thonor").unwrap().unwrap().unparsed_json(&header), None);
}

/// docs/concepts/edx-files.md, "Dialects".
#[test]
fn the_state_of_a_block_is_json_after_a_record_that_spans_lines() {
    let file = b"id\tmodule_type\tmodule_id\tstudent_id\tstate\n\
        1\tproblem\ti4x://O/C/problem/p\t5\t{\"student_answers\":{\"a\":\"{\\\\\"b\\\\\":\\\\\"c\\\\\\\\\\\\\\\\d\\\\\"}\"}}\n\
        2\thtml\tx\t6\tfirst\\\nsecond\\\tthird\n";
    let (first, rest) = file.split_at(file.iter().position(|&byte| byte == b'\n').unwrap() + 1);
    let header = Header::parse("courseware_studentmodule", first.strip_suffix(b"\n").unwrap()).unwrap();
    let layout = header.layout(rest);
    assert_eq!(layout.id(), "backslash");
    let rows: Vec<_> = layout.records(rest).map(|record| parse_row(&header, &layout, &record).unwrap().unwrap()).collect();
    let state: serde_json::Value = serde_json::from_str(rows.first().and_then(|row| row.text(4)).unwrap()).unwrap();
    let inner = state.pointer("/student_answers/a").and_then(|answer| answer.as_str()).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(inner).unwrap(), serde_json::json!({"b": "c\\d"}));
    assert_eq!(rows.get(1).and_then(|row| row.text(4)), Some("first\nsecond\tthird"));
}

/// Reads a whole file: header line, layout, records.
fn read<'a>(table: &str, file: &'a [u8]) -> (Header, Layout, Vec<Result<Option<Row<'a>>, Reject>>) {
    let end = file.iter().position(|&byte| byte == b'\n').map_or(file.len(), |at| at + 1);
    let (first, rest) = file.split_at(end);
    let first = first.strip_suffix(b"\n").unwrap_or(first);
    let is_csv = table == "email_opt_in" || table.starts_with("program_");
    let header = if is_csv { Header::parse_csv(table, first) } else { Header::parse(table, first) }.unwrap();
    let layout = header.layout(rest);
    let rows = layout.records(rest).map(|record| parse_row(&header, &layout, &record)).collect();
    (header, layout, rows)
}

fn texts(rows: &[Result<Option<Row<'_>>, Reject>], column: usize) -> Vec<Option<String>> {
    rows.iter().map(|row| row.as_ref().unwrap().as_ref().unwrap().text(column).map(ToOwned::to_owned)).collect()
}

fn some(texts: &[&str]) -> Vec<Option<String>> {
    texts.iter().map(|&text| Some(text.to_owned())).collect()
}

/// docs/concepts/edx-files.md, "Dialects".
#[test]
fn a_quoted_file_gives_the_values_that_were_quoted() {
    let file = b"id\tmeta\tbio\n\
        1\t\"{\"\"skills_builder\"\": \"\"\"\"}\"\tplain\n\
        2\t\t\"first\r\nsecond\tthird \"\"fourth\"\"\nC:\\new\"\n\
        3\t\"{\"\"a\"\": \"\"x \\\"\"y\\nz\"\"}\"\tC:\\new\n";
    let (_, layout, rows) = read("auth_userprofile", file);
    assert_eq!(layout.id(), "quoted");
    assert_eq!(texts(&rows, 1), some(&["{\"skills_builder\": \"\"}", "", "{\"a\": \"x \\\"y\\nz\"}"]));
    assert_eq!(texts(&rows, 2), some(&["plain", "first\r\nsecond\tthird \"fourth\"\nC:\\new", "C:\\new"]));
}

/// A file that was quoted without being un-escaped before still has the escapes of its writer inside the quotes.
#[test]
fn a_quoted_file_keeps_its_escapes_unless_a_raw_line_end_shows_that_they_are_gone() {
    let file = b"id\tmeta\tbio\n1\t\"{\"\"a\"\": \"\"x \\\\\"\"y\"\"}\"\tone\\ntwo\n2\t\t\"say \"\"hi\"\"\\tyou\"\n";
    let (_, layout, rows) = read("auth_userprofile", file);
    assert_eq!(layout.id(), "quoted");
    assert_eq!(texts(&rows, 1), some(&["{\"a\": \"x \\\"y\"}", ""]));
    assert_eq!(texts(&rows, 2), some(&["one\ntwo", "say \"hi\"\tyou"]));
}

#[test]
fn text_that_begins_with_a_quote_stays_what_it_is_in_an_escaped_file() {
    let file = b"id\tmeta\tbio\n1\t{\"a\": 1}\t\"hello\" she said\n2\t\t\"hello\"\n3\t\t\"a \"\"b\"\"\"\n4\t\t\"\n";
    let (_, layout, rows) = read("auth_userprofile", file);
    assert_eq!((layout.id(), layout.quotes()), ("escaped", Quotes::Text));
    assert_eq!(texts(&rows, 2), some(&["\"hello\" she said", "\"hello\"", "\"a \"\"b\"\"\"", "\""]));
}

/// The head of a file decides; a record behind it that cannot be read otherwise is still read with quotes.
#[test]
fn the_first_quoted_field_may_come_late() {
    let mut file = b"id\tmeta\tbio\n".to_vec();
    while file.len() < 2 * SAMPLE_BYTES {
        file.extend_from_slice(b"1\t\tabcdefghijklmnopqrstuvwxyz\n");
    }
    let before = file.iter().filter(|&&byte| byte == b'\n').count() - 1;
    file.extend_from_slice(b"2\t\"{\"\"a\"\": 1}\"\t\n3\t\t\"one\ntwo\"\n4\t\tlast\n5\t\"open\n");
    let (_, layout, rows) = read("auth_userprofile", &file);
    assert_eq!(layout.quotes(), Quotes::Undecided);
    let late = rows.get(before..).unwrap();
    assert_eq!(texts(late.get(..3).unwrap(), 1), some(&["{\"a\": 1}", "", ""]));
    assert_eq!(texts(late.get(..3).unwrap(), 2), some(&["", "one\ntwo", "last"]));
    assert!(late.get(3).unwrap().is_err() && late.len() == 4);
}

/// docs/concepts/edx-files.md, "Dialects".
#[test]
fn the_state_of_a_block_is_json_in_a_quoted_file() {
    let file = b"\"id\"\t\"module_id\"\t\"state\"\n1\tb\t\"{\"\"a\"\": \"\"x\\\\ny\"\"}\"\n2\tb\t\"{\"\"position\"\": 1}\"\n";
    let (_, layout, rows) = read("courseware_studentmodule", file);
    assert_eq!(layout.id(), "quoted");
    assert_eq!(texts(&rows, 2), some(&["{\"a\": \"x\\ny\"}", "{\"position\": 1}"]));
}

#[test]
fn names_of_columns_are_the_known_ones_in_any_case() {
    let (header, _, _) = read("student_courseenrollment", b"ID\tCourse_Id\tNew_Column\n");
    let names: Vec<_> = header.columns().iter().map(|column| (column.name.as_str(), column.kind)).collect();
    assert_eq!(names, [("id", ColumnKind::Integer), ("course_id", ColumnKind::Text), ("new_column", ColumnKind::Text)]);
}

#[test]
fn carriage_returns_inside_lines_and_at_their_ends_are_told_apart() {
    let (_, _, rows) = read("student_newthing", b"a\tb\r\n1\tx\ry\r\n2\tz\r\n");
    assert_eq!(texts(&rows, 1), some(&["x\ry", "z"]));
    let (_, _, rows) = read("student_newthing", b"a\tb\n1\tx\r\n");
    assert_eq!(texts(&rows, 1), some(&["x\r"]));
}

#[test]
fn a_field_of_several_mebibytes_is_a_value() {
    let long = "x\\n".repeat(2 << 20);
    let file = format!("id\tbio\n1\t{long}\n");
    let (_, _, rows) = read("auth_userprofile", file.as_bytes());
    assert_eq!(rows.first().unwrap().as_ref().unwrap().as_ref().unwrap().text(1).map(str::len), Some(4 << 20));
}

/// docs/concepts/edx-files.md, "CSV files".
#[test]
fn the_opt_in_list_is_read_in_both_its_headers() {
    let file = b"user_id,username,email,full_name,course_id,is_opted_in_for_email,preference_set_datetime\r\n\
        7,ada,ada@example.org,\"Lovelace, \"\"Ada\"\"\",course-v1:O+C+R,True,2014-12-01 00:00:00\r\n\
        ,bob\0,bob@example.org,\"Bob\nBuilder\",course-v1:O+C+R,False,2016-01-02 03:04:05+00:00\r\n";
    let (_, layout, rows) = read("email_opt_in", file);
    assert_eq!(layout.id(), "csv");
    assert_eq!(texts(&rows, 3), some(&["Lovelace, \"Ada\"", "Bob\nBuilder"]));
    let rows: Vec<_> = rows.into_iter().map(|row| row.unwrap().unwrap().values).collect();
    assert_eq!(rows.iter().map(|row| row.first().unwrap().clone()).collect::<Vec<_>>(), [Value::Integer(7), Value::Null]);
    let tail: Vec<_> = rows.iter().map(|row| row.get(5..).unwrap().to_vec()).collect();
    assert_eq!(tail.first().unwrap(), &[Value::Truth(true), Value::Timestamp(schema::NEVER_CHOSEN)]);
    assert_eq!(tail.get(1).unwrap(), &[Value::Truth(false), Value::Timestamp(1_451_703_845_000_000)]);
    let (header, _, rows) = read("email_opt_in", b"email,full_name,course_id,is_opted_in_for_email,preference_set_datetime\n");
    assert_eq!((header.columns().len(), rows.len()), (5, 0));
}

/// docs/concepts/edx-files.md, "CSV files".
#[test]
fn reports_of_programmes_have_words_for_columns_and_null_for_nothing() {
    let file = b"Program UUID,user id,username,course run key,completed program,date program certificate awarded,letter grade\n\
        u-1,7,ada,course-v1:O+C+R,true,2020-01-02T03:04:05Z,null\nu-1,8,bob,null,false,null,Pass\n";
    let (header, _, rows) = read("program_learner_report", file);
    let names: Vec<_> = header.columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(
        names,
        ["program_uuid", "user_id", "username", "course_run_key", "completed_program", "date_program_certificate_awarded", "letter_grade"]
    );
    assert_eq!(texts(&rows, 6), [None, Some("Pass".to_owned())]);
    assert_eq!(Header::recognize_csv(b"email,entitlements,expiration date,first name,last name,partner key,program title,program type,purchase date,redeemed entitlements,unredeemed entitlements,user id,username\r"), Some("program_entitlement_report"));
    assert_eq!(Header::parse_csv("grades", b"7,ada@example.org,2016-01-02"), Err(HeaderError::NotAHeader { position: 1 }));
}

#[test]
fn a_csv_record_that_does_not_fit_is_set_aside_and_the_next_is_read() {
    let (_, _, rows) = read("email_opt_in", b"email,course_id\na@example.org\nb@example.org,O/C/R\n\nc,d,e\n");
    let shape: Vec<_> = rows.iter().map(|row| row.as_ref().map(Option::is_some).map_err(|reject| reject.code)).collect();
    let ragged = Err(RejectCode::DatabaseFileWrongNumberOfFields);
    assert_eq!(shape, [ragged, Ok(true), Ok(false), ragged]);
}

/// Every table of the documentation, with its header and a value of each column's type.
#[test]
fn every_known_table_is_read_typed_from_its_documented_header() {
    for table in schema::tables() {
        let is_csv = table.columns.iter().any(|column| column.kind == ColumnKind::Truth) || table.name.starts_with("program_");
        let separator = if is_csv { "," } else { "\t" };
        let names: Vec<_> = table.columns.iter().map(|column| column.name).collect();
        let value = |kind| match kind {
            ColumnKind::Text => ("some text", Value::Text("some text".into())),
            ColumnKind::Integer | ColumnKind::UserId => ("12", Value::Integer(12)),
            ColumnKind::Float => ("0.5", Value::Float(0.5)),
            ColumnKind::Timestamp => ("1970-01-01 00:00:01", Value::Timestamp(1_000_000)),
            ColumnKind::Truth => ("True", Value::Truth(true)),
        };
        let fields: Vec<_> = table.columns.iter().map(|column| value(column.kind).0).collect();
        let nulls = vec![if is_csv { "null" } else { "NULL" }; names.len()];
        let lines: Vec<_> = [names, fields, nulls].into_iter().map(|fields| fields.join(separator)).collect();
        let file = lines.join("\n");
        let (header, _, rows) = read(table.name, file.as_bytes());
        let rows: Vec<_> = rows.into_iter().map(|row| row.unwrap().unwrap()).collect();
        let kinds: Vec<_> = header.columns().iter().map(|column| column.kind).collect();
        assert_eq!(kinds, table.columns.iter().map(|column| column.kind).collect::<Vec<_>>(), "{}", table.name);
        assert_eq!(rows.len(), 2, "{}", table.name);
        let expected: Vec<_> = table.columns.iter().map(|column| value(column.kind).1).collect();
        assert_eq!(rows.first().unwrap().values, expected, "{}", table.name);
        assert!(rows.iter().all(|row| row.unparsed.is_empty()), "{}", table.name);
    }
    assert_eq!(schema::tables().count(), 44);
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_accounted_for(
        file in proptest::collection::vec(proptest::prop_oneof![
            proptest::prelude::any::<u8>(), proptest::sample::select(&b"\t\t\t\n\n\"\",\\N1-"[..]),
        ], 0..400),
    ) {
        for (table, header) in [
            ("student_courseenrollment", Header::parse("student_courseenrollment", b"id\tstudent_id\tgrade\tcreated")),
            ("courseware_studentmodule", Header::parse("courseware_studentmodule", b"id\tstudent_id\tgrade\tcreated")),
            ("email_opt_in", Header::parse_csv("email_opt_in", b"user id,email,full name,is opted in for email,x")),
        ] {
            let header = header.unwrap();
            let layout = header.layout(&file);
            let (mut n_records, mut n_rows, mut n_blanks, mut n_rejects, mut n_line_ends) = (0, 0, 0, 0, 0);
            let mut reaches_end = false;
            for record in layout.records(&file) {
                n_records += 1;
                reaches_end = record.offset + record.bytes.len() == file.len();
                n_line_ends += record.bytes.iter().filter(|&&byte| byte == b'\n').count();
                match parse_row(&header, &layout, &record) {
                    Ok(Some(row)) => {
                        proptest::prop_assert_eq!(row.values.len(), header.columns().len());
                        n_rows += 1;
                    }
                    Ok(None) => n_blanks += 1,
                    Err(_) => n_rejects += 1,
                }
            }
            proptest::prop_assert_eq!(n_records, n_rows + n_blanks + n_rejects, "{}", table);
            // Each line is one record, or a part of one.
            let line_ends = file.iter().filter(|&&byte| byte == b'\n').count();
            proptest::prop_assert_eq!(n_records + n_line_ends, line_ends + usize::from(reaches_end));
        }
    }

    #[test]
    fn what_was_quoted_is_read_back(values in proptest::collection::vec("[a-z\t\n\r\"\\\\{}]{0,12}", 3)) {
        let quoted: Vec<_> = values.iter().map(|value| format!("\"{}\"", value.replace('"', "\"\""))).collect();
        // More columns than a line inside a value can have; a raw tab in the first record shows that nothing is escaped here.
        let names: Vec<_> = (0..16).map(|index| format!("\"c{index}\"")).collect();
        let rest = "\t\"x\"".repeat(13);
        let file = format!("{}\n\"\t\"\t\"\"\t\"\"{rest}\n{}{rest}\n", names.join("\t"), quoted.join("\t"));
        let (_, _, rows) = read("student_newthing", file.as_bytes());
        proptest::prop_assert_eq!(rows.len(), 2);
        for (index, value) in values.iter().enumerate() {
            let found = texts(&rows, index);
            proptest::prop_assert_eq!(found.get(1), Some(&Some(value.clone())));
        }
    }

    #[test]
    fn any_first_line_is_a_header_or_a_reason(line in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..60)) {
        let _ = Header::parse("auth_user", &line);
        let _ = Header::parse_csv("grades", &line);
        let _ = Header::recognize(&line);
    }
}
