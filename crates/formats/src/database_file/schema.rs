//! What we know of the tables edX ships: their columns and kinds, as static data.
//! It refuses to be the law: the header of a file says which columns there are, this says only how to read the ones it knows.

mod csv_tables;
mod keys;
mod learner_tables;
mod open_response_tables;

pub use csv_tables::{EMAIL_OPT_IN, HAS_CHOSEN, NEVER_CHOSEN, PROGRAM_ENTITLEMENT_REPORT, PROGRAM_LEARNER_REPORT};
pub use keys::{TableKey, key};

/// How the values of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// A whole number, also a truth written as 0 or 1.
    Integer,
    /// The identifier of a learner.
    UserId,
    /// A number.
    Float,
    /// A moment, in UTC.
    Timestamp,
    /// True or false, in a CSV file.
    Truth,
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

/// All known tables, those that come as CSV among them.
pub fn tables() -> impl Iterator<Item = &'static TableSchema> {
    database_tables().chain(csv_tables::TABLES)
}

fn database_tables() -> impl Iterator<Item = &'static TableSchema> {
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

/// The one known table that a header fits best, for a file whose cut name lost its table. Most columns of the header are the table's, and
/// at least half of the table's stand in the header: no era has all of them. No table if two fit as well.
pub fn recognize(header_names: &[&str]) -> Option<&'static TableSchema> {
    best_fit(database_tables(), header_names)
}

/// As [`recognize`], among the tables that come as CSV.
pub fn recognize_csv(header_names: &[&str]) -> Option<&'static TableSchema> {
    best_fit(csv_tables::TABLES.iter(), header_names)
}

fn best_fit(tables: impl Iterator<Item = &'static TableSchema>, header_names: &[&str]) -> Option<&'static TableSchema> {
    let mut fits: Vec<_> = tables
        .filter_map(|table| {
            let is_there = |name: &&&str| table.kind(current_name(table.name, name).unwrap_or(name)).is_some();
            let n_shared = header_names.iter().filter(is_there).count();
            let n_strange = header_names.len() - n_shared;
            let is_fit = n_shared * 4 >= header_names.len() * 3 && n_shared * 2 >= table.columns.len();
            // Columns that are on one side only tell two tables apart that share the rest.
            is_fit.then_some((n_strange + (table.columns.len() - n_shared.min(table.columns.len())), table))
        })
        .collect();
    fits.sort_by_key(|(n_apart, _)| *n_apart);
    match fits.as_slice() {
        [(best, _), (next, _), ..] if best == next => None,
        [(_, table), ..] => Some(table),
        [] => None,
    }
}

const fn text(name: &'static str) -> KnownColumn {
    KnownColumn { name, kind: ColumnKind::Text }
}

const fn integer(name: &'static str) -> KnownColumn {
    KnownColumn { name, kind: ColumnKind::Integer }
}

const fn user_id(name: &'static str) -> KnownColumn {
    KnownColumn { name, kind: ColumnKind::UserId }
}

const fn float(name: &'static str) -> KnownColumn {
    KnownColumn { name, kind: ColumnKind::Float }
}

const fn truth(name: &'static str) -> KnownColumn {
    KnownColumn { name, kind: ColumnKind::Truth }
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
        for known in database_tables() {
            let names: Vec<_> = known.columns.iter().map(|column| column.name).collect();
            assert_eq!(recognize(&names).map(|table| table.name), Some(known.name));
        }
        for known in csv_tables::TABLES {
            let names: Vec<_> = known.columns.iter().map(|column| column.name).collect();
            assert_eq!(recognize_csv(&names).map(|table| table.name), Some(known.name));
            assert_eq!(recognize(&names).map(|table| table.name), None);
        }
        assert_eq!(recognize(&["hash_id", "id", "username"]).map(|table| table.name), Some("user_id_map"));
        assert_eq!(recognize(&["id", "a", "b"]), None);
        assert_eq!(recognize(&[]), None);
    }

    /// docs/concepts/edx-files.md, "Names of members".
    #[test]
    fn a_table_is_recognized_by_the_header_of_every_era() {
        let today =
            ["id", "user_id", "name", "language", "location", "meta", "courseware", "gender", "year_of_birth", "level_of_education"];
        let more = ["goals", "country", "city", "bio", "profile_image_uploaded_at", "state", "phone_number"];
        let names: Vec<_> = today.into_iter().chain(more).collect();
        assert_eq!(recognize(&names).map(|table| table.name), Some("auth_userprofile"));
        let names: Vec<_> = today.into_iter().chain(["mailing_address", "goals", "allow_certificate"]).collect();
        assert_eq!(recognize(&names).map(|table| table.name), Some("auth_userprofile"));
        let old = ["email", "full_name", "course_id", "is_opted_in_for_email", "preference_set_datetime"];
        assert_eq!(recognize_csv(&old).map(|table| table.name), Some(EMAIL_OPT_IN));
    }
}
