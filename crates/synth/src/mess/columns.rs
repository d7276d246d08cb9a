//! Columns that appear without notice, as the exporter sends whatever the database has.
//!
//! The new column stands among the others, and the last one has another place. What a row says stays the same.

use super::rows::FileMess;

/// A column that no description names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NewColumn {
    pub(crate) name: &'static str,
}

impl NewColumn {
    /// The fields in the order of the new header: the last one second, the new one in the middle.
    pub(crate) fn among<T>(self, mut fields: Vec<T>, new: T) -> Vec<T> {
        if let Some(last) = fields.pop() {
            fields.insert(fields.len().min(1), last);
        }
        fields.insert(fields.len() / 2, new);
        fields
    }

    /// What a row has in it.
    pub(crate) fn value(self, row: u64) -> String {
        if row.is_multiple_of(3) { "NULL".to_owned() } else { format!("{} {row}", self.name) }
    }
}

impl FileMess {
    /// The column that the table has since the second package.
    pub(crate) fn new_column(&self) -> Option<NewColumn> {
        if !self.mess.is_on() || self.is_of_first_package {
            return None;
        }
        let name = match self.table {
            "auth_user" => "password_changed_by",
            "auth_userprofile" => "phone_number",
            "student_courseenrollment" => "way_of_enrollment",
            "certificates_generatedcertificate" => "review_note",
            "wiki_article" => "language",
            _ => return None,
        };
        Some(NewColumn { name })
    }
}
