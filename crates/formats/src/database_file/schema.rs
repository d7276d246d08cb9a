//! What we know of the tables edX ships: their columns and kinds, as static data.
//! It refuses to be the law: the header of a file says which columns there are, this says only how to read the ones it knows.

mod learner_tables;
mod open_response_tables;

/// How the values of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// A whole number, also a truth written as 0 or 1.
    Integer,
    /// A number.
    Float,
    /// A moment, in UTC.
    Timestamp,
}

/// A column of a known table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownColumn {
    /// The name in the file and in the lake.
    pub name: &'static str,
    /// How its values are read.
    pub kind: ColumnKind,
}

/// A known table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSchema {
    /// The name in the file's name and in the lake.
    pub name: &'static str,
    /// Its columns, in the order they are documented in. Files may have fewer, more, and another order.
    pub columns: &'static [KnownColumn],
}

impl TableSchema {
    /// The kind of a column, if the table is known to have it.
    pub fn kind(&self, column: &str) -> Option<ColumnKind> {
        self.columns.iter().find(|known| known.name == column).map(|known| known.kind)
    }
}

/// All known tables.
pub fn tables() -> impl Iterator<Item = &'static TableSchema> {
    learner_tables::TABLES.iter().chain(open_response_tables::TABLES)
}

/// A known table by its name.
pub fn table(name: &str) -> Option<&'static TableSchema> {
    tables().find(|table| table.name == name)
}

/// The name a column has today, for the few that were renamed or are documented under another name
/// (docs/concepts/edx-files.md, "Column names that differ").
pub fn current_name(table: &str, column: &str) -> Option<&'static str> {
    match (table, column) {
        ("user_id_map", "id") => Some("user_id"),
        ("auth_user", "avatar_typ") => Some("avatar_type"),
        ("credit_crediteligibility", "course_key") => Some("course_id"),
        ("verify_student_verificationstatus", "checkpoint_name") => Some("checkpoint_location"),
        _ => None,
    }
}

/// The one known table whose columns all stand in a header, and make up most of it: for a file whose cut name lost its table.
pub fn recognize(header_names: &[&str]) -> Option<&'static TableSchema> {
    let fits = |table: &&TableSchema| {
        let all_there = table
            .columns
            .iter()
            .all(|column| header_names.iter().any(|name| *name == column.name || current_name(table.name, name) == Some(column.name)));
        all_there && table.columns.len() * 4 >= header_names.len() * 3
    };
    let mut fitting: Vec<_> = tables().filter(fits).collect();
    fitting.sort_by_key(|table| std::cmp::Reverse(table.columns.len()));
    match fitting.as_slice() {
        [] => None,
        [best, next, ..] if best.columns.len() == next.columns.len() => None,
        [best, ..] => Some(best),
    }
}

const fn text(name: &'static str) -> KnownColumn {
    KnownColumn { name, kind: ColumnKind::Text }
}

const fn integer(name: &'static str) -> KnownColumn {
    KnownColumn { name, kind: ColumnKind::Integer }
}

const fn float(name: &'static str) -> KnownColumn {
    KnownColumn { name, kind: ColumnKind::Float }
}

const fn timestamp(name: &'static str) -> KnownColumn {
    KnownColumn { name, kind: ColumnKind::Timestamp }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_table_and_every_column_of_a_table_is_there_once() {
        let names: BTreeSet<_> = tables().map(|table| table.name).collect();
        assert_eq!(names.len(), tables().count());
        for table in tables() {
            let columns: BTreeSet<_> = table.columns.iter().map(|column| column.name).collect();
            assert_eq!(columns.len(), table.columns.len(), "{}", table.name);
        }
    }

    #[test]
    fn a_table_is_recognized_by_its_header_if_only_one_fits() {
        for known in tables() {
            let names: Vec<_> = known.columns.iter().map(|column| column.name).collect();
            assert_eq!(recognize(&names).map(|table| table.name), Some(known.name));
        }
        assert_eq!(recognize(&["hash_id", "id", "username"]).map(|table| table.name), Some("user_id_map"));
        assert_eq!(recognize(&["id", "a", "b"]), None);
        assert_eq!(recognize(&[]), None);
    }
}
