//! Tar archives that stay as they are while the files in them are replaced, read again, or lie in other archives too.

use crate::content::tar;
use crate::support::Place;
use crate::week::{day_file, line};

fn log(days_and_numbers: &[(u64, u64)]) -> String {
    days_and_numbers.iter().map(|(day, number)| format!("{}\n", line(*day, *number))).collect()
}

fn place() -> Place {
    let place = Place::new();
    place.write("czar.toml", "");
    place
}

fn ingest(place: &Place, arguments: &[&str]) -> String {
    let told = place.czar(&[&["ingest"], arguments].concat());
    assert!(told.starts_with("exit code: 0"), "{told}");
    told
}

/// Rows of each day, and what `loads` counts.
fn days(place: &Place) -> String {
    let sql = "select _log_date, count(*) as n, max(n_rows) as counted \
               from tracking_events join loads on _load_id = load_id group by 1 order by 1";
    place.data(&["query", "--format", "csv", sql]).lines().skip(1).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_day_of_an_unchanged_archive_comes_back_after_another_delivery_replaced_it() {
    let place = place();
    let (first, second) = (day_file("edx", 1), day_file("edx", 2));
    place.write("a/logs.tar", tar(&[(&first, &log(&[(1, 1), (1, 2)])), (&second, &log(&[(2, 1)]))]));
    ingest(&place, &["a"]);
    let of_archive = days(&place);
    assert_eq!(of_archive, "2015-03-01,2,2 2015-03-02,1,1");
    place.write(&format!("b/{first}"), log(&[(1, 1), (1, 2), (1, 3)]));
    ingest(&place, &["b"]);
    assert_eq!(days(&place), "2015-03-01,3,3 2015-03-02,1,1");

    // The archive is given again, as any other file would be: its day is the one that counts now.
    let told = ingest(&place, &["a"]);
    assert!(told.contains("Ingested 1 file: 2 rows") && told.contains("1 file unchanged"), "{told}");
    assert_eq!(days(&place), of_archive);
    assert!(ingest(&place, &["a"]).contains("Nothing to ingest"));
}

#[test]
fn two_archives_with_a_day_in_common_come_to_rest() {
    let place = place();
    let (first, second, third) = (day_file("edx", 1), day_file("edx", 2), day_file("edx", 3));
    place.write("a/logs.tar", tar(&[(&first, &log(&[(1, 1), (1, 2)])), (&second, &log(&[(2, 1)]))]));
    ingest(&place, &["a"]);
    // Newer: written after the first was loaded.
    place.write("a/more.tar", tar(&[(&first, &log(&[(1, 1), (1, 2), (1, 3)])), (&third, &log(&[(3, 1)]))]));
    let at = std::fs::metadata(place.path("a/logs.tar")).unwrap().modified().unwrap() + std::time::Duration::from_secs(60);
    std::fs::File::options().write(true).open(place.path("a/more.tar")).unwrap().set_modified(at).unwrap();
    ingest(&place, &["a"]);
    let newest = days(&place);
    assert_eq!(newest, "2015-03-01,3,3 2015-03-02,1,1 2015-03-03,1,1");
    for _ in 0..2 {
        let told = ingest(&place, &["a"]);
        assert!(told.contains("Nothing to ingest"), "{told}");
    }
    assert!(ingest(&place, &["a"]).contains("Nothing to ingest: 3 files unchanged"));
    assert_eq!(days(&place), newest);
}

#[test]
fn files_in_an_archive_are_read_again_when_this_is_asked_for() {
    let place = place();
    let (first, second) = (day_file("edx", 1), day_file("edx", 2));
    place.write("a/logs.tar", tar(&[(&first, &log(&[(1, 1)])), (&second, &format!("{}no event\n", log(&[(2, 1)])))]));
    place.write("a/good.tar", tar(&[(&day_file("edx", 3), &log(&[(3, 1)]))]));
    ingest(&place, &["a"]);
    let before = days(&place);
    let told = ingest(&place, &["a", "--again=rejects"]);
    assert!(told.contains("Ingested 1 file: 1 row, 1 reject"), "{told}");
    let told = ingest(&place, &["a", "--again=outdated"]);
    assert!(told.contains("Nothing to ingest: no file of the delivery is one of those"), "{told}");
    assert_eq!(days(&place), before);
    assert!(ingest(&place, &["a"]).contains("Nothing to ingest: 3 files unchanged"));
}
