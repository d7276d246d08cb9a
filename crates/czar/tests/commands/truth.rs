//! Every number that the generator decided equals the result of a query: three seeds, clean and with the faults of real deliveries.

use crate::support::Place;

fn all_numbers_are_equal(seed: &str, mess: &str) {
    let place = Place::new();
    let told = place.czar(&["demo", "--learners", "60", "--days", "15", "--courses", "3", "--seed", seed, "--mess", mess]);
    assert!(told.contains("values against the expected numbers: all equal"), "seed {seed}, mess {mess}: {told}");
    let unaccounted = "select count(*) from loads where n_records <> n_rows + n_duplicates + n_blanks + n_rejects";
    let found = place.data(&["--config", "demo/czar.toml", "query", "--format", "csv", unaccounted]);
    assert_eq!(found.lines().nth(1), Some("0"));
    let nameless =
        "select count(*) from tracking_events where _site is null or _load_id is null or _source_file is null or _source_line is null";
    let found = place.data(&["--config", "demo/czar.toml", "query", "--format", "csv", nameless]);
    assert_eq!(found.lines().nth(1), Some("0"));
}

#[test]
fn a_clean_delivery_of_seed_1() {
    all_numbers_are_equal("1", "0");
}

#[test]
fn a_clean_delivery_of_seed_2() {
    all_numbers_are_equal("2", "0");
}

#[test]
fn a_clean_delivery_of_seed_3() {
    all_numbers_are_equal("3", "0");
}

#[test]
fn a_faulty_delivery_of_seed_1() {
    all_numbers_are_equal("1", "0.01");
}

#[test]
fn a_faulty_delivery_of_seed_2() {
    all_numbers_are_equal("2", "0.03");
}

#[test]
fn a_faulty_delivery_of_seed_3() {
    all_numbers_are_equal("3", "0.1");
}
