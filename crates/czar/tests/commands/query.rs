//! `czar query`: where the query comes from.

use crate::support::Place;

#[test]
fn an_empty_query_is_refused() {
    insta::assert_snapshot!(Place::new().czar(&["query"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: the query is empty
    ");
}

#[test]
fn a_missing_file_is_named() {
    insta::assert_snapshot!(Place::new().czar(&["query", "--file", "nowhere.sql"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: could not read `nowhere.sql`: No such file or directory (os error 2)
    ");
}
