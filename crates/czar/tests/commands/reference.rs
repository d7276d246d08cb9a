//! `czar reference`: the pages in the repository are those this program writes.

use std::path::Path;

use crate::support::Place;

#[test]
fn the_pages_in_the_repository_are_fresh() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
    let told = Place::new().czar(&["reference", "--check", folder.to_str().unwrap()]);
    assert!(told.starts_with("exit code: 0"), "{told}");
}

#[test]
fn a_stale_page_is_named() {
    let place = Place::new();
    place.data(&["reference", "pages"]);
    place.write("pages/rejects.md", "old");
    insta::assert_snapshot!(place.czar(&["reference", "--check", "pages"]), @r"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error: not what this program would write: `pages/rejects.md`
    hint: run `czar reference pages` and commit what it writes
    ");
}
