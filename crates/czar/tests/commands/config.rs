//! `czar config show`, and configurations that cannot be used.

use crate::support::Place;

#[test]
fn each_value_is_shown_with_its_origin() {
    let place = Place::new();
    place.write("czar.toml", "data_folder = \"kept\"\n\n[ingest]\nworkers = 3\n");
    let output = place.command(&["config", "show", "--data-folder", "flagged"]).env("CZAR__INGEST__WORKERS", "5").output().unwrap();
    insta::assert_snapshot!(place.told(&output));
}

#[test]
fn a_broken_configuration_stops_everything_and_names_its_line() {
    let place = Place::new();
    place.write("czar.toml", "[keys]\nsecret_key_fil = \"x\"\n");
    insta::assert_snapshot!(place.czar(&["ingest", "nowhere"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: czar.toml:2: there is no setting `keys.secret_key_fil`
    hint: did you mean `keys.secret_key_file`?
    ");
}

#[test]
fn a_missing_configuration_file_is_named() {
    insta::assert_snapshot!(Place::new().czar(&["--config", "other.toml", "config", "show"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: there is no configuration file `other.toml`
    hint: write one with `czar init`
    ");
}
