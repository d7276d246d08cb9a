//! The page on the tables of the lake: columns and types from the lake's schema, meanings of
//! an event's columns from their list in `formats`, all others from `columns.toml` beside this file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use czar_formats::tracking_log::Event;
use czar_pipeline::courses::{REGISTERED_COURSE_COLUMNS, REGISTERED_COURSES};
use czar_pipeline::lake::content_columns::{
    CONTENT_TABLES, COURSE_CONTENT_BLOCKS, COURSE_DISCUSSIONS, COURSE_PROBLEM_INPUTS, COURSE_PROBLEMS, COURSE_VIDEOS, GRADE_CUTOFFS,
    GRADING_POLICY,
};
use czar_pipeline::lake::schema::{
    COURSE_STRUCTURE_BLOCKS, Column, FORUM_CONTENTS, Kind, LOAD_COLUMNS, LOADS, OTHER_RECORDS, REJECT_COLUMNS, REJECTS,
    SNAPSHOT_BOOKKEEPING, TRACKING_EVENTS, UNPARSED, event_table_columns, snapshot_columns, snapshot_names,
};

use super::{WRITTEN, cell};

/// Meaning by table and column. The section `every_table` holds the bookkeeping columns.
type Meanings = BTreeMap<String, BTreeMap<String, String>>;

const EVERY_TABLE: &str = "every_table";

const HEAD: &str = "`czar ingest` fills these. Each is a Delta table that any engine can read. Columns that begin with `_` are bookkeeping: \
they name the load, file and line of each row.\n\n\
A table of the weekly package has three names. `auth_user` is a view: for each course run the rows of the newest package in which it appears. \
`auth_user_history` is the table: the rows of all packages. `auth_user_cumulative` is a view of every row ever seen, as it was last, with \
`first_package_date`, `last_package_date` and `is_in_newest`; tables whose key nobody knows have none. Columns that edX adds to a file appear at the end of its table, as text.\n";

const DATABASE_HEAD: &str = "\n## Tables of edX's database\n\nThese have the names, columns and meanings that edX's own documentation gives them, \
and the bookkeeping columns of `forum_contents` above. A value that does not fit its column's type is null there and kept in `_unparsed`, a JSON \
object of column and text; the row is kept.\n";

const COPIES: &str = "\n## `tracking_event_copies`\n\nOne row for each line that an event file holds and another file of the site owns: the file of \
the earlier day, and of one day the first by key, has the row in `tracking_events`. The columns are the same. Nothing is counted here; the table \
is kept so that a line comes back when its owner is delivered again without it.\n";

const REGISTERED_GRAIN: &str = "One row for each course of the institution's own list and each of its course runs. It is no delivery and has no \
bookkeeping columns; the research table `course_list` joins it with what is delivered.";

const OTHER_GRAIN: &str = "One row for each record of a file of a package that is of no kind we know and is text. The view shows the newest file of \
each name.";

const CONTENT_HEAD: &str = "\n## Tables of course archives\n\nA course archive fills all of these. Its load in `loads` names the first of them \
and counts blocks, assignment types and cutoffs; the other tables hold details of blocks, and a detail has the `_source_line` of its block. \
Where a meaning ends in *JSON*, the text is a list or an object.\n";

/// The tables of course archives, and what a row of each is.
const CONTENT_GRAINS: [(&str, &str); 7] = [
    (COURSE_CONTENT_BLOCKS, "One row for each block of a course archive, drafts and blocks that nothing leads to included."),
    (COURSE_PROBLEMS, "One row for each problem."),
    (COURSE_PROBLEM_INPUTS, "One row for each input field of a problem."),
    (COURSE_VIDEOS, "One row for each video."),
    (COURSE_DISCUSSIONS, "One row for each discussion block."),
    (GRADING_POLICY, "One row for each assignment type of a grading policy."),
    (GRADE_CUTOFFS, "One row for each cutoff of a grading policy."),
];

pub(super) fn page() -> String {
    let meanings = meanings();
    let mut text = format!("# Tables of the lake\n\n{WRITTEN}\n{HEAD}");
    add(&mut text, TRACKING_EVENTS, "One row for each event of the tracking logs.", &event_table_columns(), &meanings);
    text.push_str(COPIES);
    add(&mut text, LOADS, "One row for each delivered file: what it gave, or why it failed.", &LOAD_COLUMNS, &meanings);
    add(&mut text, REJECTS, "One row for each record that was set aside.", &REJECT_COLUMNS, &meanings);
    let forum = "One row for each thread, response and comment of a forum.";
    add(&mut text, FORUM_CONTENTS, forum, &snapshot_columns(FORUM_CONTENTS), &meanings);
    let blocks = "One row for each block of a course run.";
    add(&mut text, COURSE_STRUCTURE_BLOCKS, blocks, &snapshot_columns(COURSE_STRUCTURE_BLOCKS), &meanings);
    add(&mut text, REGISTERED_COURSES, REGISTERED_GRAIN, &REGISTERED_COURSE_COLUMNS, &meanings);
    add(&mut text, OTHER_RECORDS, OTHER_GRAIN, &snapshot_columns(OTHER_RECORDS), &meanings);
    text.push_str(CONTENT_HEAD);
    for (name, grain) in CONTENT_GRAINS {
        add(&mut text, name, grain, &snapshot_columns(name), &meanings);
    }
    text.push_str(DATABASE_HEAD);
    let told = |name: &&str| [FORUM_CONTENTS, COURSE_STRUCTURE_BLOCKS, OTHER_RECORDS].contains(name) || CONTENT_TABLES.contains(name);
    for name in snapshot_names().filter(|name| !told(name)) {
        add_database_table(&mut text, name);
    }
    text
}

fn add(text: &mut String, name: &str, grain: &str, columns: &[Column<'_>], meanings: &Meanings) {
    let _ = write!(text, "\n## `{name}`\n\n{grain}\n\n| column | type | meaning |\n| --- | --- | --- |\n");
    for (column, kind) in columns {
        let own = meanings.get(name).and_then(|own| own.get(*column));
        let meaning = own.or_else(|| meanings.get(EVERY_TABLE).and_then(|every| every.get(*column)));
        let _ = writeln!(text, "| `{column}` | {} | {} |", in_words(*kind), cell(meaning.map_or("", String::as_str)));
    }
}

fn add_database_table(text: &mut String, name: &str) {
    let columns = snapshot_columns(name);
    let is_bookkeeping = |column: &str| column == UNPARSED.0 || SNAPSHOT_BOOKKEEPING.iter().any(|(name, _)| *name == column);
    let own = columns.iter().filter(|(column, _)| !is_bookkeeping(column)).map(|(column, kind)| format!("`{column}` {}", in_words(*kind)));
    let _ = write!(text, "\n### `{name}`\n\n{}\n", own.collect::<Vec<_>>().join(", "));
}

fn in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Integer => "integer",
        Kind::Float => "float",
        Kind::Truth => "boolean",
        Kind::Moment => "timestamp",
        Kind::Day => "date",
    }
}

fn meanings() -> Meanings {
    // A test proves that the file parses and is complete.
    let mut meanings: Meanings = toml::from_str(include_str!("columns.toml")).unwrap_or_default();
    let of_events = meanings.entry(TRACKING_EVENTS.to_owned()).or_default();
    Event::default().for_each_column(|name, _, meaning| {
        of_events.insert(name.to_owned(), meaning.to_owned());
    });
    meanings
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn every_column_has_a_meaning_and_every_meaning_a_column() {
        let meanings = meanings();
        let every: Vec<&str> = meanings[EVERY_TABLE].keys().map(String::as_str).collect();
        for (name, columns) in [
            (TRACKING_EVENTS, event_table_columns()),
            (LOADS, LOAD_COLUMNS.to_vec()),
            (REJECTS, REJECT_COLUMNS.to_vec()),
            (FORUM_CONTENTS, snapshot_columns(FORUM_CONTENTS)),
            (COURSE_STRUCTURE_BLOCKS, snapshot_columns(COURSE_STRUCTURE_BLOCKS)),
            (OTHER_RECORDS, snapshot_columns(OTHER_RECORDS)),
            (REGISTERED_COURSES, REGISTERED_COURSE_COLUMNS.to_vec()),
        ]
        .into_iter()
        .chain(CONTENT_TABLES.map(|name| (name, snapshot_columns(name))))
        {
            let mut declared: Vec<&str> = columns.iter().map(|(column, _)| *column).filter(|column| !every.contains(column)).collect();
            let mut told: Vec<&str> = meanings[name].keys().map(String::as_str).collect();
            declared.sort_unstable();
            told.sort_unstable();
            assert_eq!(told, declared, "{name}");
        }
    }
}
