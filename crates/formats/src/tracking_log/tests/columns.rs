//! The list of an event's columns against its fields.

use std::collections::BTreeMap;

use super::super::{ColumnValue, Event};
use super::event;

/// Lines in which each column has a value, and no two columns the same one everywhere.
const LINES: [&str; 8] = [
    r#"{"time": "2015-03-01T10:20:30", "username": "lena", "event_source": "browser", "event_type": "seek_video", "name": "edx.video.position.changed", "ip": "192.0.2.1", "agent": "Firefox", "host": "edx", "page": "https://edx/a", "referer": "https://edx/b", "accept_language": "de", "session": "s", "context": {"user_id": 5, "course_id": "U/D/R", "org_id": "O", "path": "/event", "module": {"usage_key": "k", "display_name": "Q"}}, "event": {"id": "v", "code": "html5", "currentTime": 1.5, "old_time": 2.5, "new_time": 3.5, "new_speed": 0.5, "old_speed": 0.75, "duration": 60}}"#,
    r#"{"time": 1, "event_type": "problem_check", "event": {"problem_id": "p", "attempts": 2, "grade": 3, "max_grade": 4, "success": "correct", "query": "q"}}"#,
    r#"{"time": 2, "event_type": "seq_goto", "event": {"id": "sequence", "old": 3, "new": 4}}"#,
    r#"{"time": 3, "event_type": "edx.grades.course.grade_calculated", "event": {"weighted_earned": 5, "weighted_possible": 6, "percent": 0.25, "letter_grade": "A"}}"#,
    r#"{"time": 4, "event_type": "edx.course.enrollment.activated", "context": {"user_id": 6}, "event": {"user_id": 7, "mode": "audit"}}"#,
    r#"{"time": 5, "event_type": "edx.forum.thread.voted", "event": {"id": "thread", "commentable_id": "topic", "target_username": "tom"}}"#,
    r#"{"time": 6, "event_type": "problem_rescore", "event": {"student": "mia"}}"#,
    r#"{"time": 7, "schema_version": 2, "event_type": "/courses/U/D/R/info", "context": {"received_at": 8}}"#,
];

fn columns_of(event: &Event<'_>) -> BTreeMap<&'static str, String> {
    let mut columns = BTreeMap::new();
    event.for_each_column(|name, value, _| {
        let value = match value {
            ColumnValue::Text(text) => format!("{text:?}"),
            ColumnValue::Integer(number) | ColumnValue::Moment(number) => format!("{number:?}"),
            ColumnValue::Float(number) => format!("{number:?}"),
        };
        assert_eq!(columns.insert(name, value), None, "{name} is there twice");
    });
    columns
}

/// The values of a field as `Debug` writes it: the moment is no option, and two fields are words of a list.
fn as_debug_writes(name: &str, value: &str, event: &Event<'_>) -> String {
    match name {
        "time" => event.time.to_string(),
        "page_kind" => format!("{:?}", event.page_kind),
        "event_status" => format!("{:?}", event.event_status),
        _ => value.to_owned(),
    }
}

#[test]
fn each_column_has_the_value_of_the_field_of_its_name() {
    let events = LINES.map(event);
    let columns = events.each_ref().map(columns_of);
    for (event, columns) in events.iter().zip(&columns) {
        let fields = format!("{event:?}");
        for (name, value) in columns {
            let field = format!(" {name}: {},", as_debug_writes(name, value, event));
            assert!(fields.replace(" }", ",").contains(&field), "{field} is not in {fields}");
        }
    }
    let names: Vec<&str> = columns[0].keys().copied().collect();
    for (at, name) in names.iter().enumerate() {
        assert!(columns.iter().any(|columns| columns[name] != "None"), "no line has {name}");
        for other in &names[at + 1..] {
            assert!(columns.iter().any(|columns| columns[name] != columns[other]), "{name} and {other} are never apart");
        }
    }
}

#[test]
fn every_field_is_a_column() {
    let fields = format!("{:?}", Event::default());
    assert_eq!(fields.matches(": ").count(), columns_of(&Event::default()).len(), "{fields}");
}
