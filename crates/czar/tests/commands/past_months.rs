//! Small event files of past months share data files, and nobody can tell from the rows: what is delivered late, again or in another order
//! gives the lake that merges nothing, and so does a run that is killed or has no room.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use czar_pipeline::lake::{BatchName, Lake};
use datafusion::arrow::array::AsArray as _;

use crate::kill::{copy, files_below, kill_after, kills_while_lines_change_owners};
use crate::lake_text::{lake_text, orphans};
use crate::order::{every_order_gives_the_lake_of_a_clean_load, n_events_of};
use crate::readers::counts_of_others;
use crate::support::Place;
use crate::week::{Dice, Files, deliver, deliver_with, file_on, half_year, line_on};

const MERGES_NOTHING: &str = "[ingest]\nmerge_small_files = false\n";

fn text_of(place: &Place, config: &str) -> String {
    lake_text(&place.path(format!("{config}/data/lake")))
}

/// Numbers of data files of events that several files share, and of all others. The rows of a file lie in the ones or in the others.
fn n_shared_and_own(lake: &Path) -> (usize, usize) {
    let lake = Lake::open_folder(lake).unwrap();
    let table = lake.table("tracking_events").unwrap().unwrap();
    let (mut in_shared, mut in_own) = (BTreeSet::new(), BTreeSet::new());
    let paths = table.data_files().unwrap();
    for path in &paths {
        let batch = BatchName::of_path(path).unwrap();
        for rows in lake.read_data_file(&table, path, Some(&["_source_file"])).unwrap() {
            for key in rows.unwrap().column(0).as_string::<i32>().iter().flatten() {
                let is_own = batch == BatchName::of(key);
                assert!(is_own || batch == BatchName::shared(), "{key} lies in {path}");
                if is_own { &mut in_own } else { &mut in_shared }.insert(key.to_owned());
            }
        }
    }
    assert!(in_own.is_disjoint(&in_shared), "{:?} lie in both", in_own.intersection(&in_shared).collect::<Vec<_>>());
    let n_shared = paths.iter().filter(|path| BatchName::of_path(path) == Some(BatchName::shared())).count();
    (n_shared, paths.len() - n_shared)
}

#[test]
fn merged_months_hold_the_rows_of_a_lake_that_merges_nothing() {
    let place = Place::new();
    let files = half_year(&mut Dice(1));
    deliver_with(&place, "plain", MERGES_NOTHING, 0, &files);
    let told = deliver_with(&place, "merged", "", 0, &files);
    let lake = place.path("merged/data/lake");
    let (n_shared, n_own) = n_shared_and_own(&lake);
    let (_, n_plain) = n_shared_and_own(&place.path("plain/data/lake"));
    assert_eq!(n_shared, 4, "four months of the main site are past; of the other site no file is five weeks younger");
    assert!(told.contains(&format!("Merged {} small data files of past months into 4\n", n_plain - n_own)), "{told}");
    assert!(text_of(&place, "merged") == text_of(&place, "plain"));
    let at = |config: &str| {
        let count = "select count(*), count(distinct _source_file), min(time), max(time) from tracking_events";
        place.data(&["--config", &format!("{config}/czar.toml"), "query", "--as-of", "2015-03-02", "--format", "csv", count])
    };
    assert_eq!(at("merged"), at("plain"));
    assert_eq!(counts_of_others(&lake), counts_of_others(&place.path("plain/data/lake")));
    let again = place.czar(&["--config", "merged/czar.toml", "ingest", "merged-delivery-0"]);
    assert!(again.contains("Nothing to ingest") && !again.contains("Merged"), "{again}");
}

#[test]
fn a_lake_that_merged_nothing_is_merged_by_a_run_that_has_nothing_new() {
    let place = Place::new();
    deliver_with(&place, "a", MERGES_NOTHING, 0, &half_year(&mut Dice(2)));
    let before = text_of(&place, "a");
    place.write("a/czar.toml", "");
    let told = place.czar(&["--config", "a/czar.toml", "ingest", "a-delivery-0"]);
    assert!(told.contains("Nothing to ingest") && told.contains("of past months into 4\n"), "{told}");
    assert!(text_of(&place, "a") == before);
}

#[test]
fn research_tables_stay_up_to_date_when_data_files_are_merged_and_not_when_rows_come() {
    let place = Place::new();
    deliver_with(&place, "a", MERGES_NOTHING, 0, &half_year(&mut Dice(2)));
    let build = || place.czar(&["--config", "a/czar.toml", "build", "person_course_day"]);
    assert!(build().contains("Built"));
    place.write("a/czar.toml", "");
    assert!(place.czar(&["--config", "a/czar.toml", "ingest", "a-delivery-0"]).contains("of past months into 4\n"));
    let told = build();
    assert!(told.contains("Nothing to build"), "{told}");
    deliver(&place, "a", 1, &Files::from([(file_on("edx", "2015-07-01"), vec![line_on("2015-07-01", 1)])]));
    assert!(build().contains("Built"));
}

#[test]
fn what_is_delivered_to_a_merged_month_later_gives_the_lake_that_merges_nothing() {
    let place = Place::new();
    let mut files = half_year(&mut Dice(3));
    deliver(&place, "a", 0, &files);
    let mut step = 0;
    let mut deliver_to_both = |what: &str, change: Files| {
        step += 1;
        files.extend(change.clone());
        deliver(&place, "a", step, &change);
        deliver_with(&place, &format!("plain-{step}"), MERGES_NOTHING, 0, &files);
        let lake = place.path("a/data/lake");
        assert_eq!(orphans(&lake), 0, "{what}");
        assert!(lake_text(&lake) == text_of(&place, &format!("plain-{step}")), "{what}");
        n_shared_and_own(&lake)
    };
    let (early, later) = (file_on("edx", "2015-02-05"), file_on("edx", "2015-02-12"));
    let day = |date: &str, numbers: std::ops::Range<u64>| numbers.map(|number| line_on(date, number)).collect::<Vec<_>>();
    let more = Files::from([(later, day("2015-02-12", 0..9))]);
    assert_eq!(deliver_to_both("a day with more lines", more), (4, n_open() + 1));
    let late = Files::from([(early.clone(), [day("2015-02-05", 0..3), day("2015-02-28", 0..2)].concat())]);
    // The later one had no data file of its own before this.
    assert_eq!(deliver_to_both("a late day that holds lines of a later one", late), (4, n_open() + 3));
    assert_eq!(n_events_of(&place, "universityx-edx-events-2015-02-05"), "5,0,5");
    let lost = Files::from([(early, day("2015-02-05", 0..3))]);
    // What a file wins lies beside what it had.
    assert_eq!(deliver_to_both("the late day without them", lost), (4, n_open() + 4));
    // The fourth small file of the month: they share a data file again, a second one.
    let fourth = Files::from([(file_on("edx", "2015-02-06"), day("2015-02-06", 0..3))]);
    assert_eq!(deliver_to_both("one more day", fourth), (5, n_open()));
    let month = (1..=28).map(|day| format!("2015-01-{day:02}")).map(|date| (file_on("edx", &date), day(&date, 0..4)));
    let (_, n_own) = deliver_to_both("a whole month", month.collect());
    assert!((n_open()..n_open() + 4).contains(&n_own), "files of February that won lines of January have data files of their own: {n_own}");
    let empty = Files::from([(file_on("edx", "2015-02-12"), vec![String::new()])]);
    deliver_to_both("a day of blanks", empty);
    let before = text_of(&place, "a");
    for step in 0..=6 {
        place.data(&["--config", "a/czar.toml", "ingest", "--again", &format!("a-delivery-{step}")]);
    }
    n_shared_and_own(&place.path("a/data/lake"));
    assert!(text_of(&place, "a") == before, "all deliveries once more");
}

/// Data files of the half year's months that are not past, and of the other site.
fn n_open() -> usize {
    let files = half_year(&mut Dice(3));
    let of_two_months = files.keys().filter(|path| path.contains("-2015-05-") || path.contains("-2015-06-")).count();
    of_two_months + 8
}

#[test]
fn any_order_gives_the_lake_of_a_clean_load_over_half_a_year_seeds_0_and_1() {
    every_order_gives_the_lake_of_a_clean_load(0..2, half_year);
}

#[test]
fn any_order_gives_the_lake_of_a_clean_load_over_half_a_year_seeds_2_and_3() {
    every_order_gives_the_lake_of_a_clean_load(2..4, half_year);
}

#[test]
fn a_kill_while_lines_of_merged_months_change_owners_loses_none() {
    kills_while_lines_change_owners(5, 10, half_year);
}

#[test]
fn a_kill_while_months_are_merged_leaves_the_same_rows() {
    const KILLS: usize = 8;
    let place = Place::new();
    let mut dice = Dice(6);
    deliver_with(&place, "before", MERGES_NOTHING, 0, &half_year(&mut dice));
    place.write("czar.toml", "");
    let lake = place.path("data/lake");
    let ingest = ["ingest", "before-delivery-0"];
    let begin = || {
        let _ = std::fs::remove_dir_all(place.path("data"));
        copy(&place.path("before/data"), &place.path("data"));
    };
    begin();
    let (rows, n_files) = (lake_text(&lake), files_below(&lake));
    place.data(&ingest);
    let n_new = files_below(&lake) - n_files;
    let n_data_files = || files_below(&lake.join("tracking_events")) - files_below(&lake.join("tracking_events/_delta_log"));
    let merged = (n_shared_and_own(&lake), n_data_files());
    assert_eq!(merged.0.0, 4);
    let mut n_killed = 0;
    for kill in 0..KILLS {
        begin();
        n_killed += usize::from(kill_after(&place, &ingest, dice.roll(n_new as u64 + 1) as usize, &mut dice));
        assert!(lake_text(&lake) == rows, "a reader sees other rows after kill {kill}");
        place.data(&ingest);
        assert_eq!((n_shared_and_own(&lake), n_data_files()), merged, "what a killed run wrote is gone after kill {kill}");
        assert!(lake_text(&lake) == rows, "the lake differs after kill {kill}");
    }
    assert!(n_killed >= KILLS / 2, "only {n_killed} of {KILLS} runs were still at work when they were killed");
}

#[test]
fn without_room_months_stay_as_they_are_and_the_next_run_merges_them() {
    let place = Place::new();
    deliver_with(&place, "a", MERGES_NOTHING, 0, &half_year(&mut Dice(7)));
    let (rows, layout) = (text_of(&place, "a"), n_shared_and_own(&place.path("a/data/lake")));
    place.write("a/czar.toml", "");
    let ingest = ["--config", "a/czar.toml", "ingest", "a-delivery-0"];
    // In blocks of 512 bytes: no file may become larger.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 12; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_czar")]).args(ingest);
    let told = place.told(&command.current_dir(place.path("")).stdin(Stdio::null()).output().unwrap());
    assert!(told.starts_with("exit code: 0") && told.contains("no room to put the small data files of 2015-01 together"), "{told}");
    assert!(text_of(&place, "a") == rows && n_shared_and_own(&place.path("a/data/lake")) == layout);
    let told = place.czar(&ingest);
    assert!(told.contains("of past months into 4\n"), "{told}");
    assert!(text_of(&place, "a") == rows);
}
