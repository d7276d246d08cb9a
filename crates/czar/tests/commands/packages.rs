//! Weekly packages in any order: shuffled, in parts, twice, in earlier versions, the older week after the newer one. Every table of the lake,
//! and every mart, is that of a single run over the newest version of each file.

use std::collections::{BTreeMap, BTreeSet};

use crate::lake_text::{lake_text, mart_text};
use crate::support::Place;
use crate::unpacked::unpack;
use crate::week::Dice;

/// What is delivered as one: a package, a day of events, a report. Files by path.
type Unit = BTreeMap<String, Vec<u8>>;

/// Two weeks of packages and the days between them, in clear, with the faults of real deliveries.
fn world(place: &Place) -> BTreeMap<String, Unit> {
    let size = ["--learners", "6", "--courses", "1", "--first-date", "2018-03-10", "--days", "9", "--mess", "0.03"];
    place.data(&[&["synth", "delivery"], size.as_slice()].concat());
    unpack(place, "delivery", "world");
    let root = place.path("world");
    let mut units: BTreeMap<String, Unit> = BTreeMap::new();
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                open.push(entry.path());
                continue;
            }
            let path = entry.path().strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            let top = path.split('/').next().unwrap();
            let unit = if is_package(top) { top.to_owned() } else { path.clone() };
            units.entry(unit).or_default().insert(path, std::fs::read(entry.path()).unwrap());
        }
    }
    units
}

fn is_package(unit: &str) -> bool {
    unit.starts_with("universityx-") || unit.starts_with("email-opt-in-")
}

/// Another version: files with fewer lines, and a package that has not all of its files yet.
fn earlier_version(unit: &Unit, dice: &mut Dice) -> Unit {
    let mut earlier = Unit::new();
    for (path, bytes) in unit {
        if unit.len() > 1 && dice.roll(12) == 0 {
            continue;
        }
        let is_text = [".sql", ".mongo", ".csv", ".log"].iter().any(|end| path.ends_with(end));
        let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        let kept = lines.iter().enumerate().filter(|(at, _)| !is_text || *at == 0 || dice.roll(3) > 0);
        earlier.insert(path.clone(), kept.flat_map(|(_, line)| line.iter().copied()).collect());
    }
    earlier
}

fn ingest(place: &Place, config: &str, step: usize, units: &[Unit]) -> String {
    let folder = format!("{config}-{step}");
    for (path, bytes) in units.iter().flatten() {
        place.write(&format!("{folder}/{path}"), bytes);
    }
    place.write(&format!("{config}/czar.toml"), "");
    let told = place.czar(&["--config", &format!("{config}/czar.toml"), "ingest", &folder]);
    assert!(told.starts_with("exit code: 0") || told.starts_with("exit code: 1"), "{told}");
    told
}

/// Every unit in its newest version, most of them in earlier ones before; the newest of one may come before earlier ones of others.
fn arrivals(world: &BTreeMap<String, Unit>, dice: &mut Dice) -> Vec<(String, Unit)> {
    let mut arrivals: Vec<(String, Unit)> = Vec::new();
    for (name, unit) in world {
        for _ in 0..dice.roll(if is_package(name) { 3 } else { 2 }) {
            // The same once more is an earlier version too.
            let is_same = dice.roll(4) == 0;
            arrivals.push((name.clone(), if is_same { unit.clone() } else { earlier_version(unit, dice) }));
        }
    }
    dice.shuffle(&mut arrivals);
    let mut newest: Vec<&String> = world.keys().collect();
    dice.shuffle(&mut newest);
    for name in newest {
        let after = arrivals.iter().rposition(|(earlier, _)| earlier == name).map_or(0, |at| at + 1);
        let at = after + dice.roll((arrivals.len() - after) as u64 + 1) as usize;
        arrivals.insert(at, (name.clone(), world[name].clone()));
    }
    // The week that ended first is settled last.
    let older = arrivals.iter().rposition(|(name, _)| name == "universityx-2018-03-11").unwrap();
    let last = arrivals.remove(older);
    arrivals.push(last);
    arrivals
}

fn any_order_gives_every_table_of_a_clean_load(seed: u64) {
    let place = Place::new();
    let world = world(&place);
    assert_eq!(world.keys().filter(|name| is_package(name)).count(), 4, "two weeks: {:?}", world.keys());
    let mut dice = Dice(seed);
    ingest(&place, "clean", 0, &world.values().cloned().collect::<Vec<_>>());
    let mut arrivals = arrivals(&world, &mut dice);
    let mut step = 0;
    while !arrivals.is_empty() {
        let n_together = 8 + dice.roll(16) as usize;
        let mut together: BTreeMap<String, Unit> = BTreeMap::new();
        while together.len() < n_together && arrivals.first().is_some_and(|(name, _)| !together.contains_key(name)) {
            let (name, unit) = arrivals.remove(0);
            together.insert(name, unit);
        }
        ingest(&place, "shuffled", step, &together.into_values().collect::<Vec<_>>());
        step += 1;
    }
    assert!(step > 2, "it came in parts");
    same(&lake_text(&place.path("shuffled/data/lake")), &lake_text(&place.path("clean/data/lake")));
    for config in ["clean/czar.toml", "shuffled/czar.toml"] {
        place.data(&["--config", config, "build"]);
    }
    let marts = mart_text(&place.path("clean/data/lake"));
    for name in ["person_course", "person_course_day", "course_axis", "enrollment_events"] {
        assert!(marts.lines().any(|line| line == name), "{name} has rows");
    }
    same(&mart_text(&place.path("shuffled/data/lake")), &marts);
}

fn same(found: &str, expected: &str) {
    if found == expected {
        return;
    }
    let (found, expected): (BTreeSet<&str>, BTreeSet<&str>) = (found.lines().collect(), expected.lines().collect());
    let more: Vec<&&str> = found.difference(&expected).take(4).collect();
    let missing: Vec<&&str> = expected.difference(&found).take(4).collect();
    panic!("only after many steps: {more:#?}\nonly after a clean load: {missing:#?}");
}

#[test]
fn packages_in_any_order_give_every_table_and_mart_of_a_clean_load_seed_1() {
    any_order_gives_every_table_of_a_clean_load(1);
}

#[test]
fn packages_in_any_order_give_every_table_and_mart_of_a_clean_load_seed_2() {
    any_order_gives_every_table_of_a_clean_load(2);
}
