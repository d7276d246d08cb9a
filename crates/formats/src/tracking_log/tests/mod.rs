//! Rules that concern whole lines, each named after what it states.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot read its own line should stop")]

mod columns;
mod fields;
mod identity;
mod lines;
mod payloads;
mod properties;
mod salvage;

use super::{Event, parse_line};

/// The event of a line that is sound.
fn event(line: &str) -> Event<'_> {
    parse_line(line.as_bytes()).unwrap().unwrap()
}

/// A line of the common members and those given, which come first.
fn line_with(members: &str) -> String {
    format!(r#"{{{members}, "username": "lena", "time": "2015-03-01T10:20:30.000001+00:00", "host": "courses.edx.org"}}"#)
}

/// The event of a line with the common members and those given.
fn event_with(members: &str) -> Event<'static> {
    event(&line_with(members)).into_owned()
}
