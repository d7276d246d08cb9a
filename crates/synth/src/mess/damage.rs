//! Writes lines of a tracking log as their fates demand, and keeps the account of what a reader must find.
//!
//! The codes are those of the reader's reject list.

use super::LineFate;
use crate::moment::{Moment, SECOND};
use crate::tally::FileTally;

const NOT_AN_OBJECT: &str = "tracking_log.not_a_json_object";
const NOT_JSON: &str = "tracking_log.not_json";
const CUT: &str = "tracking_log.cut";
const NO_TIME: &str = "tracking_log.no_time";

/// The lengths at which log shippers cut lines.
const CUT_LENGTHS: [usize; 2] = [10_000, 2_043];

/// Lines that are no events.
const JUNK: [&str; 6] = ["[\"a\", 1]", "\"just text\"", "null", "1520158830", "---- log rotated ----", "[{\"a\": 1}]"];

/// Whether this is the place of a line, or the second writing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writing {
    First,
    Second,
}

/// Writes a line according to its fate.
pub(crate) fn write(fate: LineFate, line: &[u8], at: Moment, writing: Writing, out: &mut Vec<u8>, tally: &mut FileTally) {
    let begin = out.len();
    match fate {
        LineFate::Prefixed => {
            out.extend_from_slice(b"Mar  4 10:20:30 ip-10-0-0-1 [service_variant=lms][tracking] INFO  [logger.py:37] - ");
            out.extend_from_slice(line);
        }
        LineFate::WithOtherMembers => {
            let id = crate::random::hex(at as u64, 24);
            insert(out, line, b"{", format!("\"_id\": {{\"$oid\": \"{id}\"}}, \"schema_version\": 2, ").as_bytes())
        }
        LineFate::BadUtf8 => insert(out, line, agent(line), b"\xff\xc3("),
        LineFate::WithNul => insert(out, line, agent(line), b"\0\0"),
        LineFate::EpochTime => replace_text(out, line, b"\"time\":", (at.div_euclid(SECOND)).to_string().as_bytes()),
        LineFate::NanSpeed => replace_text(out, line, b"old_speed\\\":", b"NaN"),
        LineFate::NoTime => match find(line, b"\"time\":") {
            Some(place) => {
                out.extend_from_slice(&line[..place]);
                out.extend_from_slice(b"\"tiem\":");
                out.extend_from_slice(&line[place + 7..]);
            }
            None => out.extend_from_slice(line),
        },
        LineFate::Garbled => insert(out, line, b"{", b"@@#"),
        LineFate::Cut => {
            let length = CUT_LENGTHS.into_iter().find(|&l| l < line.len()).unwrap_or(line.len() / 2);
            out.extend_from_slice(&line[..length]);
        }
        _ => out.extend_from_slice(line),
    }
    if fate == LineFate::Padded {
        out.extend_from_slice(b" \t\r");
    }
    out.push(b'\n');
    match (writing, fate) {
        (Writing::Second, _) => tally.duplicate(),
        (_, LineFate::Garbled) => tally.reject(NOT_JSON),
        (_, LineFate::NoTime) => tally.reject(NO_TIME),
        (_, LineFate::Cut) => tally.reject(CUT),
        _ => tally.row(),
    }
    match fate {
        LineFate::Twice => {
            let copy = out[begin..].to_vec();
            out.extend_from_slice(&copy);
            tally.duplicate();
        }
        LineFate::BlankAfter => {
            out.extend_from_slice(if at % 2 == 0 { b"\n" } else { b"   \n" });
            tally.blank();
        }
        // The same junk twice in a file would be a duplicate or a reject, by the order of the reader's checks: each is its own.
        LineFate::JunkAfter => {
            let kind = (at % 6).unsigned_abs() as usize;
            match kind {
                3 => out.extend_from_slice(at.to_string().as_bytes()),
                0 => out.extend_from_slice(format!("[\"a\", {at}]").as_bytes()),
                5 => out.extend_from_slice(format!("[{{\"a\": {at}}}]").as_bytes()),
                1 => out.extend_from_slice(format!("\"just text {at}\"").as_bytes()),
                _ => out.extend_from_slice(format!("{} {at}", JUNK[kind]).as_bytes()),
            }
            out.push(b'\n');
            tally.reject(NOT_AN_OBJECT);
        }
        _ => {}
    }
}

fn find(line: &[u8], pattern: &[u8]) -> Option<usize> {
    line.windows(pattern.len()).position(|window| window == pattern)
}

/// The beginning of the agent's text: a place where any byte is part of a string.
fn agent(line: &[u8]) -> &'static [u8] {
    if find(line, b"\"agent\":\"").is_some() { b"\"agent\":\"" } else { b"\"agent\": \"" }
}

/// Copies the line with something more after the first occurrence of a pattern.
fn insert(out: &mut Vec<u8>, line: &[u8], after: &[u8], more: &[u8]) {
    let place = find(line, after).map_or(0, |at| at + after.len());
    out.extend_from_slice(&line[..place]);
    out.extend_from_slice(more);
    out.extend_from_slice(&line[place..]);
}

/// Copies the line with another value, in place of the quoted one, after the first occurrence of a key.
fn replace_text(out: &mut Vec<u8>, line: &[u8], key: &[u8], value: &[u8]) {
    let quote: &[u8] = if key.contains(&b'\\') { b"\\\"" } else { b"\"" };
    let begin = find(line, key).map(|at| at + key.len());
    let place = begin.and_then(|begin| Some(begin + find(&line[begin..], quote)?));
    let end = place.and_then(|place| Some(place + quote.len() + find(&line[place + quote.len()..], quote)? + quote.len()));
    let (Some(place), Some(end)) = (place, end) else {
        out.extend_from_slice(line);
        return;
    };
    out.extend_from_slice(&line[..place]);
    out.extend_from_slice(value);
    out.extend_from_slice(&line[end..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &[u8] = br#"{"agent": "x", "event": "{\"old_speed\": \"1.0\", \"a\": 1}", "time": "2018-03-04T10:20:30+00:00"}"#;

    fn written(fate: LineFate) -> (String, FileTally) {
        let (mut out, mut tally) = (Vec::new(), FileTally::default());
        write(fate, LINE, 1_520_158_830_000_001, Writing::First, &mut out, &mut tally);
        (String::from_utf8_lossy(&out).into_owned(), tally)
    }

    #[test]
    fn a_line_written_twice_is_a_row_and_a_duplicate() {
        let (text, tally) = written(LineFate::Twice);
        assert_eq!(text.lines().count(), 2);
        assert_eq!((tally.n_records, tally.n_rows, tally.n_duplicates), (2, 1, 1));
    }

    #[test]
    fn values_are_replaced_where_they_stand() {
        assert!(written(LineFate::EpochTime).0.contains(r#""time": 1520158830}"#));
        assert!(written(LineFate::NanSpeed).0.contains(r#"\"old_speed\": NaN, \"a\""#));
        assert!(written(LineFate::NoTime).0.contains(r#""tiem": "2018"#));
    }

    #[test]
    fn lost_lines_are_rejects() {
        for (fate, code) in [(LineFate::Garbled, NOT_JSON), (LineFate::NoTime, NO_TIME), (LineFate::Cut, CUT)] {
            let (_, tally) = written(fate);
            assert!(fate.destroys());
            assert_eq!((tally.n_records, tally.rejects.get(code)), (1, Some(&1)));
        }
    }
}
