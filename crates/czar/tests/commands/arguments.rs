//! Help, versions and wrong arguments.

use crate::support::Place;

#[test]
fn help_lists_the_commands_and_ends_well() {
    insta::assert_snapshot!(Place::new().czar(&["--help"]));
}

#[test]
fn an_unknown_command_names_the_nearest_and_is_not_done() {
    insta::assert_snapshot!(Place::new().czar(&["ingst"]));
}

#[test]
fn a_completion_script_is_data() {
    let script = Place::new().data(&["completions", "bash"]);
    assert!(script.contains("complete -F _czar"), "{script}");
}

#[test]
fn without_a_lake_the_way_to_one_is_told() {
    let place = Place::new();
    for command in [&["status"][..], &["rejects"], &["build"], &["query", "select 1"]] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(place.czar(command), @r"
            exit code: 2
            ----- stdout -----
            ----- stderr -----
            error: there is nothing in the lake `data/lake`
            hint: load a delivery with `czar ingest FOLDER`, or see what this looks like with `czar demo`
            ");
        }
    }
    assert!(!place.path("data").exists(), "looking makes nothing");
}
