//! A week, or half a year, of event files so small that it is loaded in a moment, with everything that makes order matter: lines that stray to
//! later days, lines that stand in several files, patches, two sites.

use std::collections::BTreeMap;

use crate::support::Place;

/// Numbers that only look random: the same seed, the same history.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.roll(at as u64 + 1) as usize);
        }
    }
}

/// Files by path; each is a list of lines.
pub(crate) type Files = BTreeMap<String, Vec<String>>;

/// An event of a learner; equal numbers give equal lines.
pub(crate) fn line(day: u64, number: u64) -> String {
    line_on(&format!("2015-03-{day:02}"), number)
}

/// The same on any date.
pub(crate) fn line_on(date: &str, number: u64) -> String {
    let (user, seconds) = (number % 4 + 1, number * 37 % 3600);
    format!(
        r#"{{"username": "u{user}", "event_source": "server", "event_type": "problem_check", "event": {{"problem_id": "p{number}", "success": "correct", "grade": 1, "max_grade": 1}}, "time": "{date}T11:{:02}:{:02}.{number:06}+00:00", "context": {{"user_id": {user}, "course_id": "UniversityX/Demo/2015", "org_id": "UniversityX"}}}}"#,
        seconds / 60,
        seconds % 60
    )
}

pub(crate) fn day_file(site: &str, day: u64) -> String {
    file_on(site, &format!("2015-03-{day:02}"))
}

pub(crate) fn file_on(site: &str, date: &str) -> String {
    format!("universityx-{site}-events-{date}.log")
}

/// A week of one site and a day of another. Lines stray to the following days, stand in several files, and are patched twice.
pub(crate) fn week(dice: &mut Dice) -> Files {
    let mut files = Files::new();
    for day in 1..=7 {
        let mut lines: Vec<String> = (0..12).map(|number| line(day, number)).collect();
        for earlier in 1..day {
            lines.extend((0..12).filter(|_| dice.roll(5) == 0).map(|number| line(earlier, number)).collect::<Vec<_>>());
        }
        // The same line twice, a blank, and what is no event.
        lines.push(line(day, 3));
        lines.push(String::new());
        lines.push(format!("no event {day}"));
        dice.shuffle(&mut lines);
        files.insert(day_file("edx", day), lines);
    }
    files.insert(day_file("edge", 3), (0..12).map(|number| line(3, number)).collect());
    for patched in [2, 5] {
        let lines = (1..=7).flat_map(|day| (0..15).map(move |number| (day, number)));
        let lines = lines.filter(|_| dice.roll(3) == 0).map(|(day, number)| line(day, number)).collect();
        files.insert(format!("patches/events/2015/{}", day_file("edx", patched)), lines);
    }
    files
}

/// Six days of each of six months, of which the first four are past when the last file is there. Lines stray to the next files and across
/// months; every fourth file is patched, with lines of other months too.
pub(crate) fn half_year(dice: &mut Dice) -> Files {
    let dates: Vec<String> = (1..=6).flat_map(|month| [1, 2, 3, 11, 12, 28].map(|day| format!("2015-{month:02}-{day:02}"))).collect();
    let mut files = Files::new();
    for (at, date) in dates.iter().enumerate() {
        let mut lines: Vec<String> = (0..5).map(|number| line_on(date, number)).collect();
        for earlier in &dates[at.saturating_sub(3)..at] {
            lines.extend((0..5).filter(|_| dice.roll(5) == 0).map(|number| line_on(earlier, number)).collect::<Vec<_>>());
        }
        lines.push(line_on(date, 3));
        lines.push(format!("no event {date}"));
        if at % 4 == 1 {
            let other = &dates[dice.roll(dates.len() as u64) as usize];
            let patch: Vec<String> = (3..8).map(|number| line_on(date, number)).chain([line_on(other, 0)]).collect();
            files.insert(format!("patches/events/2015/{}", file_on("edx", date)), patch);
        }
        dice.shuffle(&mut lines);
        files.insert(file_on("edx", date), lines);
    }
    for date in &dates[..8] {
        files.insert(file_on("edge", date), (0..5).map(|number| line_on(date, number)).collect());
    }
    files
}

/// Another version of a file: some lines are missing, and some stand in it that will not be there in the end.
pub(crate) fn earlier_version(lines: &[String], dice: &mut Dice) -> Vec<String> {
    let mut lines: Vec<String> = lines.iter().filter(|_| dice.roll(4) > 0).cloned().collect();
    for _ in 0..dice.roll(6) {
        lines.push(line(dice.roll(7) + 1, dice.roll(15)));
    }
    dice.shuffle(&mut lines);
    lines
}

/// Puts files into a folder of their own and loads it.
pub(crate) fn deliver<'a>(place: &Place, config: &str, step: usize, files: impl IntoIterator<Item = (&'a String, &'a Vec<String>)>) {
    deliver_with(place, config, "", step, files);
}

/// The same with settings, and what the run told.
pub(crate) fn deliver_with<'a>(
    place: &Place,
    config: &str,
    settings: &str,
    step: usize,
    files: impl IntoIterator<Item = (&'a String, &'a Vec<String>)>,
) -> String {
    let folder = format!("{config}-delivery-{step}");
    for (path, lines) in files {
        place.write(&format!("{folder}/{path}"), lines.iter().flat_map(|line| [line.as_bytes(), b"\n"].concat()).collect::<Vec<u8>>());
    }
    place.write(&format!("{config}/czar.toml"), settings);
    let told = place.czar(&["--config", &format!("{config}/czar.toml"), "ingest", &folder]);
    assert!(told.starts_with("exit code: 0"), "{told}");
    told
}
