//! What becomes of a row of a database file, and of a member of a package.
//!
//! Rows of the newest package of a run are never lost, since the marts are made from it; the older ones lose some.

use super::Mess;
use crate::random::{hash, hash_text};
use crate::tables::Dialect;

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowFate {
    Intact,
    /// Has lost its last field: set aside.
    Ragged,
    /// Followed by a piece of a broken record.
    PieceAfter,
    BlankAfter,
    /// With a NUL at its end.
    WithNul,
    /// A byte that is no UTF-8, or a raw carriage return, in a free text.
    BadText,
    /// A value that fits no column: `None` for a date, JSON that is cut.
    OddValue,
}

/// What becomes of a member of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberFate {
    Intact,
    /// edX could not make it, and sends the traceback in its place.
    Failed,
    HeaderOnly,
    ZeroBytes,
    Missing,
}

/// The mess of one file of rows.
#[derive(Debug, Clone)]
pub(crate) struct FileMess {
    pub(crate) mess: Mess,
    pub(crate) table: &'static str,
    pub(crate) run: u16,
    pub(crate) package_day: i64,
    /// The newest package that has the run.
    pub(crate) is_last: bool,
    pub(crate) is_of_first_package: bool,
}

impl FileMess {
    pub(crate) fn row_fate(&self, row: u64) -> RowFate {
        let ids = [hash_text(self.table), u64::from(self.run), self.package_day as u64, row];
        let Some(draw) = self.mess.draw("row", &ids) else { return RowFate::Intact };
        match draw % 6 {
            0 if !self.is_last => RowFate::Ragged,
            0 | 1 => RowFate::PieceAfter,
            2 => RowFate::BlankAfter,
            3 => RowFate::WithNul,
            4 => RowFate::BadText,
            _ => RowFate::OddValue,
        }
    }

    fn ids(&self) -> [u64; 3] {
        [hash_text(self.table), u64::from(self.run), self.package_day as u64]
    }

    /// The dialect of the file: one in four of the exporter's was packed again by a program that writes quotes, and so were the profiles of
    /// the first course in its newest package.
    pub(crate) fn dialect(&self, of_table: Dialect) -> Dialect {
        let is_sure = self.table == "auth_userprofile" && self.run == 0 && self.is_last;
        let is_quoted = self.mess.is_on() && (is_sure || hash(self.mess.seed, "quoted", &self.ids()).is_multiple_of(4));
        if is_quoted && of_table == Dialect::Exporter { Dialect::Quoted } else { of_table }
    }

    pub(crate) fn member_fate(&self) -> MemberFate {
        let ids = self.ids();
        match self.mess.draw("member", &ids).filter(|_| !self.is_last) {
            None => MemberFate::Intact,
            Some(_) if self.table == "courseware_studentmodule" => MemberFate::Missing,
            Some(draw) => [MemberFate::Failed, MemberFate::HeaderOnly, MemberFate::ZeroBytes][(draw % 3) as usize],
        }
    }
}

/// Where a table has a free text, by the number of its field, that no count depends on.
pub(crate) fn free_text_field(table: &str) -> Option<usize> {
    match table {
        "auth_userprofile" => Some(2),
        "wiki_articlerevision" => Some(2),
        "assessment_assessment" => Some(6),
        _ => None,
    }
}

/// A field and a value that does not fit it.
pub(crate) fn odd_value(table: &str) -> Option<(usize, &'static str)> {
    match table {
        "auth_user" => Some((9, "None")),
        "auth_userprofile" => Some((13, "not a city")),
        "courseware_studentmodule" => Some((4, "{\"position\": ")),
        "certificates_generatedcertificate" => Some((9, "NULL")),
        _ => None,
    }
}
