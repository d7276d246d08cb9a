//! The names of database files. One that is too long is cut, and the MD5 of its last words takes the place of what was cut off.
//!
//! With that the table's own name may be lost, and two tables of one course may come to have the same name.

use crate::courses::Installation;

/// Names of this many bytes are cut.
const TOO_LONG: usize = 235;

/// The name of a clear member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MemberName {
    pub(crate) text: String,
    pub(crate) is_cut: bool,
}

/// The MD5 of the words that end every name of a site.
fn mark(installation: Installation) -> &'static str {
    match installation {
        Installation::Production => "b140b895e008fcc2eeff3c21479faba3",
        Installation::Edge => "b152db33fc6dfd0f1ef4d1f6be0f8eab",
    }
}

/// The name of a table's file, without the folder it may lie in.
pub(super) fn of_table(stem: &str, table: &str, installation: Installation) -> MemberName {
    let whole = format!("{stem}-{table}-{}-analytics.sql", installation.member_token());
    if whole.len() < TOO_LONG {
        return MemberName { text: whole, is_cut: false };
    }
    let end = format!("-{}.sql", mark(installation));
    // Stems are ASCII but for the one character that edX does not count among those it replaces.
    let kept = whole.floor_char_boundary(TOO_LONG - 1 - end.len());
    MemberName { text: format!("{}{end}", &whole[..kept]), is_cut: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_that_is_too_long_is_cut_and_then_two_tables_may_share_it() {
        let plain = of_table("UniversityX-DemoX-T1_2018", "auth_user", Installation::Production);
        assert_eq!(plain, MemberName { text: "UniversityX-DemoX-T1_2018-auth_user-prod-analytics.sql".to_owned(), is_cut: false });
        let stem = "UniversityX-".to_owned() + &"x".repeat(178);
        let of = |table| of_table(&stem, table, Installation::Production);
        assert!(!of("auth_user").is_cut);
        let course = of("grades_persistentcoursegrade");
        assert!(course.is_cut && course.text.ends_with("-b140b895e008fcc2eeff3c21479faba3.sql") && course.text.len() < TOO_LONG);
        assert_eq!(course, of("grades_persistentsubsectiongrade"));
        assert_ne!(course, of("certificates_generatedcertificate"));
    }
}
