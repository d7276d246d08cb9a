//! The order in which files arrive does not matter: whatever came when, in whatever pieces, the lake is the one that a single run over the
//! newest version of each file gives.

use std::collections::{BTreeMap, BTreeSet};

use crate::lake_text::{lake_text, mart_text};
use crate::support::Place;
use crate::week::{Dice, Files, day_file, deliver, earlier_version, line, week};

fn lake_of(place: &Place, config: &str) -> String {
    lake_text(&place.path(format!("{config}/data/lake")))
}

/// A history of deliveries that ends with the newest version of each file, in a lake of its own.
fn arrive_in_some_order(place: &Place, config: &str, newest: &Files, dice: &mut Dice) {
    let mut arrivals: Vec<(&String, Vec<String>)> = Vec::new();
    for (path, lines) in newest {
        for _ in 0..dice.roll(3) {
            arrivals.push((path, earlier_version(lines, dice)));
        }
    }
    dice.shuffle(&mut arrivals);
    let mut last: Vec<(&String, Vec<String>)> = newest.iter().map(|(path, lines)| (path, lines.clone())).collect();
    dice.shuffle(&mut last);
    // The newest version of a file may come before earlier versions of others.
    for (path, lines) in last {
        let after = arrivals.iter().rposition(|(earlier, _)| *earlier == path).map_or(0, |at| at + 1);
        let at = after + dice.roll((arrivals.len() - after) as u64 + 1) as usize;
        arrivals.insert(at, (path, lines));
    }
    let mut step = 0;
    while !arrivals.is_empty() {
        let n_together = 1 + dice.roll(4) as usize;
        let mut together: BTreeMap<&String, Vec<String>> = BTreeMap::new();
        while together.len() < n_together && arrivals.first().is_some_and(|(path, _)| !together.contains_key(path)) {
            let (path, lines) = arrivals.remove(0);
            together.insert(path, lines);
        }
        deliver(place, config, step, together.iter().map(|(path, lines)| (*path, lines)));
        step += 1;
        if dice.roll(4) == 0 {
            // The same delivery once more.
            let told = place.czar(&["--config", &format!("{config}/czar.toml"), "ingest", &format!("{config}-delivery-{}", step - 1)]);
            assert!(told.contains("Nothing to ingest"), "{told}");
        }
    }
}

pub(crate) fn every_order_gives_the_lake_of_a_clean_load(seeds: std::ops::Range<u64>, newest_of: impl Fn(&mut Dice) -> Files) {
    for seed in seeds {
        let place = Place::new();
        let mut dice = Dice(seed);
        let newest = newest_of(&mut dice);
        deliver(&place, "clean", 0, &newest);
        let clean = lake_of(&place, "clean");
        assert!(clean.contains("tracking_event_copies"), "the week has lines that stand in several files");
        arrive_in_some_order(&place, "shuffled", &newest, &mut dice);
        assert!(lake_of(&place, "shuffled") == clean, "seed {seed}: {}", difference(&lake_of(&place, "shuffled"), &clean));
        if seed % 4 == 0 {
            for config in ["clean/czar.toml", "shuffled/czar.toml"] {
                place.data(&["--config", config, "build"]);
            }
            let marts = mart_text(&place.path("clean/data/lake"));
            assert!(marts.contains("person_course_day") && marts == mart_text(&place.path("shuffled/data/lake")), "seed {seed}");
        }
    }
}

/// Lines of one text that are not in the other, a few of each.
fn difference(found: &str, expected: &str) -> String {
    let (found, expected): (BTreeSet<&str>, BTreeSet<&str>) = (found.lines().collect(), expected.lines().collect());
    let more: Vec<&&str> = found.difference(&expected).take(4).collect();
    let missing: Vec<&&str> = expected.difference(&found).take(4).collect();
    format!("only after many steps: {more:#?}\nonly after a clean load: {missing:#?}")
}

#[test]
fn any_order_gives_the_lake_of_a_clean_load_seeds_0_to_5() {
    every_order_gives_the_lake_of_a_clean_load(0..6, week);
}

#[test]
fn any_order_gives_the_lake_of_a_clean_load_seeds_6_to_11() {
    every_order_gives_the_lake_of_a_clean_load(6..12, week);
}

pub(crate) fn n_events_of(place: &Place, file_key: &str) -> String {
    let sql = format!(
        "select n_rows, n_duplicates, (select count(*) from tracking_events where _source_file = '{file_key}') as rows \
         from loads where file_key = '{file_key}'"
    );
    place.data(&["--config", "a/czar.toml", "query", "--format", "csv", &sql]).lines().nth(1).unwrap().to_owned()
}

#[test]
fn a_line_that_its_file_lost_comes_back_from_the_file_that_held_a_copy() {
    let place = Place::new();
    let (first, second) = (day_file("edx", 1), day_file("edx", 2));
    let held_by_both = Files::from([(first.clone(), vec![line(1, 1), line(1, 2)]), (second.clone(), vec![line(1, 2), line(2, 1)])]);
    deliver(&place, "a", 0, &held_by_both);
    assert_eq!(n_events_of(&place, "universityx-edx-events-2015-03-02"), "1,1,1");
    deliver(&place, "a", 1, &Files::from([(first, vec![line(1, 1)])]));
    assert_eq!(n_events_of(&place, "universityx-edx-events-2015-03-01"), "1,0,1");
    assert_eq!(n_events_of(&place, "universityx-edx-events-2015-03-02"), "2,0,2");
}

#[test]
fn a_day_that_arrives_late_takes_over_the_lines_that_later_days_hold() {
    let place = Place::new();
    deliver(&place, "a", 0, &Files::from([(day_file("edx", 2), vec![line(1, 2), line(2, 1)])]));
    assert_eq!(n_events_of(&place, "universityx-edx-events-2015-03-02"), "2,0,2");
    deliver(&place, "a", 1, &Files::from([(day_file("edx", 1), vec![line(1, 1), line(1, 2)])]));
    assert_eq!(n_events_of(&place, "universityx-edx-events-2015-03-01"), "2,0,2");
    assert_eq!(n_events_of(&place, "universityx-edx-events-2015-03-02"), "1,1,1");
}

#[test]
fn the_day_itself_owns_what_a_patch_repeats() {
    let place = Place::new();
    let patch = format!("patches/events/2015/{}", day_file("edx", 1));
    deliver(&place, "a", 0, &Files::from([(patch, vec![line(1, 1), line(1, 2)])]));
    deliver(&place, "a", 1, &Files::from([(day_file("edx", 1), vec![line(1, 1)])]));
    assert_eq!(n_events_of(&place, "universityx-edx-events-2015-03-01"), "1,0,1");
    assert_eq!(n_events_of(&place, "patches/universityx-edx-events-2015-03-01"), "1,1,1");
}

#[test]
fn the_same_line_at_two_sites_is_two_events() {
    let place = Place::new();
    deliver(&place, "a", 0, &Files::from([(day_file("edx", 1), vec![line(1, 1)]), (day_file("edge", 1), vec![line(1, 1)])]));
    assert_eq!(n_events_of(&place, "universityx-edx-events-2015-03-01"), "1,0,1");
    assert_eq!(n_events_of(&place, "universityx-edge-events-2015-03-01"), "1,0,1");
}

#[test]
fn a_file_that_was_only_touched_is_not_read_again() {
    let place = Place::new();
    let week = week(&mut Dice(1));
    deliver(&place, "a", 0, &week);
    let stamps = || place.data(&["--config", "a/czar.toml", "query", "--format", "csv", "select source_stamp from loads order by 1"]);
    let before = (lake_of(&place, "a"), stamps());
    // Written anew with the same bytes: the time of change is another.
    deliver(&place, "b", 0, &week);
    let told = place.czar(&["--config", "a/czar.toml", "ingest", "b-delivery-0"]);
    assert!(told.contains("Nothing to ingest"), "{told}");
    let after = (lake_of(&place, "a"), stamps());
    assert!(after.0 == before.0 && after.1 != before.1, "the stamps are those of the files as they lie there now");
}

#[test]
fn of_two_versions_in_one_delivery_the_newest_is_read_and_the_other_named() {
    let place = Place::new();
    let path = day_file("edx", 1);
    // The first by name is not the newest.
    place.write(&format!("delivery/2/{path}"), format!("{}\n", line(1, 1)));
    place.write(&format!("delivery/1/{path}"), format!("{}\n{}\n", line(1, 1), line(1, 2)));
    place.write(&format!("delivery/3/{path}"), format!("{}\n{}\n", line(1, 1), line(1, 2)));
    let set = |folder: &str, seconds: u64| {
        let file = std::fs::File::options().write(true).open(place.path(format!("delivery/{folder}/{path}"))).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds)).unwrap();
    };
    set("2", 1_400_000_000);
    set("1", 1_500_000_000);
    set("3", 1_500_000_001);
    place.write("a/czar.toml", "");
    let told = place.czar(&["--config", "a/czar.toml", "ingest", "delivery"]);
    assert!(told.starts_with("exit code: 0"), "{told}");
    assert!(told.contains("1 file with other content than a newer one of the same name: [FOLDER]/delivery/2/"), "{told}");
    assert!(told.contains("another copy of a file that is read: 1 file ([FOLDER]/delivery/1/"), "{told}");
    assert_eq!(n_events_of(&place, "universityx-edx-events-2015-03-01"), "2,0,2");
    let status = place.data(&["--config", "a/czar.toml", "status"]);
    assert!(status.contains("Older versions of files, passed over: 1") && status.contains("/delivery/2/"), "{status}");
}

#[test]
fn logs_of_several_chunks_are_read_the_same_beside_each_other_and_alone_on_all_cores() {
    let place = Place::new();
    // Some five megabytes each: large as they are, small when packed.
    let lines = |day: u64| -> Vec<String> {
        let text = |number: u64| if number % 1_000 == 999 { format!("no event {number}") } else { line(day, number % 13_000) };
        (0..14_000).map(text).collect()
    };
    for day in 1..=2 {
        let content = lines(day).join("\n");
        place.write(&format!("large/{}", day_file("edx", day)), &content);
        place.write(&format!("small/{}", day_file("edx", day)), content);
    }
    assert!(place.shell("gzip small/*.log").status.success());
    let question = "select _source_file, _source_line, time, event_name, problem_id from tracking_events order by 1, 2";
    let account = "select file_key, n_records, n_rows, n_duplicates, n_blanks, n_rejects from loads order by 1";
    let read = |delivery: &str| {
        let told = place.czar(&["--data-folder", &format!("{delivery}-data"), "ingest", delivery]);
        assert!(told.starts_with("exit code: 0"), "{told}");
        [question, account].map(|sql| place.data(&["--data-folder", &format!("{delivery}-data"), "query", "--format", "csv", sql]))
    };
    let small = read("small");
    assert!(small == read("large"));
    assert!(small[1].contains("universityx-edx-events-2015-03-01,14000,12987,999,0,14\n"), "{}", small[1]);
}
