//! Writes the truth folder, learner by learner.
//!
//! It holds one learner at a time, and the accounts of the files.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::counts::Counts;
use super::csv::CsvFile;
use super::learner::{self, LearnerTruth};
use super::{columns, content, enrolment, person_course};
use crate::courses::CourseRun;
use crate::error::SynthError;
use crate::events::video_id_of;
use crate::moment::{Day, date_text};
use crate::people::Person;
use crate::tables::{self, Snapshot};
use crate::tally::Accounts;
use crate::world::World;

fn failed(path: PathBuf) -> impl Fn(io::Error) -> SynthError {
    move |source| SynthError::Write { path: path.clone(), source }
}

struct Files {
    person_course: CsvFile,
    person_course_day: CsvFile,
    enrollment_events: CsvFile,
    video_seconds: CsvFile,
}

/// Writes what is expected of every learner, and the course axis.
pub(crate) fn write_learners(world: &World, folder: &Path) -> Result<(), SynthError> {
    learners(world, folder).map_err(failed(folder.to_owned()))
}

fn learners(world: &World, folder: &Path) -> io::Result<()> {
    let mut files = Files {
        person_course: CsvFile::create(&folder.join("person_course.csv"), columns::PERSON_COURSE)?,
        person_course_day: CsvFile::create(&folder.join("person_course_day.csv"), columns::PERSON_COURSE_DAY)?,
        enrollment_events: CsvFile::create(&folder.join("enrollment_events.csv"), columns::ENROLLMENT_EVENTS)?,
        video_seconds: CsvFile::create(&folder.join("video_seconds.csv"), columns::VIDEO_SECONDS)?,
    };
    for run in &world.runs {
        let snapshot = Snapshot { world, run, package_day: world.last_package_day(run) };
        let has_blocks = tables::has_studentmodule(&snapshot);
        for life in world.lives(run) {
            let person = world.person(run.installation, life.person);
            let truth = learner::of(world, run, &life);
            if snapshot.has(&life) {
                person_course::write(&mut files.person_course, &snapshot, &life, &person, &truth, has_blocks)?;
            }
            files.write(run, &person, &truth)?;
        }
        for leaver in tables::leavers(&snapshot) {
            person_course::write_leaver(&mut files.person_course, &snapshot, &leaver, has_blocks)?;
        }
    }
    files.person_course.finish()?;
    files.person_course_day.finish()?;
    files.enrollment_events.finish()?;
    files.video_seconds.finish()?;
    course_axis(world, folder)?;
    content::write(world, folder)
}

impl Files {
    fn write(&mut self, run: &CourseRun, person: &Person, truth: &LearnerTruth) -> io::Result<()> {
        for (day, counts) in &truth.days {
            day_row(key(&mut self.person_course_day, run, person), *day, counts)?;
        }
        for action in &truth.enrolment_events {
            let Some((name, mode)) = enrolment::event_name(action.kind) else { continue };
            let csv = key(&mut self.enrollment_events, run, person);
            csv.moment(Some(action.at)).text(name).maybe_text(mode.map(|m| m.text()));
            csv.end()?;
        }
        for (video, days) in &truth.watched {
            for (day, ms) in days {
                let csv = key(&mut self.video_seconds, run, person);
                csv.text(&video_id_of(run, *video)).text(&date_text(*day)).float(*ms as f64 / 1000.0);
                csv.end()?;
            }
        }
        Ok(())
    }
}

fn key<'a>(csv: &'a mut CsvFile, run: &CourseRun, person: &Person) -> &'a mut CsvFile {
    csv.text(run.installation.token()).text(&run.key).int(person.user_id)
}

fn day_row(csv: &mut CsvFile, day: Day, c: &Counts) -> io::Result<()> {
    csv.text(&date_text(day)).int(c.nevents).int(c.nprogcheck).int(c.nshow_answer).int(c.nvideo).int(c.nplay_video);
    csv.int(c.npause_video).int(c.nseek_video).int(c.nseq_goto).int(c.nproblem_check).int(c.ntranscript).int(c.nforum_events);
    csv.int(c.nforum_reads).int(c.nforum_posts).int(c.threads.len() as i64).int(c.videos.len() as i64);
    csv.float(c.watched_ms as f64 / 1000.0).int(c.problems.len() as i64).moment(c.first_event).moment(c.last_event);
    csv.int(c.gaps.n()).float(c.gaps.sum()).maybe_float(c.gaps.max()).maybe_float(c.gaps.mean()).maybe_float(c.gaps.deviation());
    csv.end()
}

fn course_axis(world: &World, folder: &Path) -> io::Result<()> {
    let mut csv = CsvFile::create(&folder.join("course_axis.csv"), columns::COURSE_AXIS)?;
    for run in &world.runs {
        for (place, &index) in run.axis.iter().enumerate() {
            let block = run.block(index);
            csv.text(run.installation.token()).text(&run.key).text(&block.usage_key).text(block.category).int(place as i64 + 1);
            csv.maybe_text(block.display_name.as_deref());
            csv.maybe_text(run.chapter_of(index).map(|c| run.block(c).usage_key.as_str()));
            csv.end()?;
        }
    }
    csv.finish()
}

/// Writes the accounts of the files and the totals of the tables.
pub(crate) fn write_accounts(accounts: &Accounts, folder: &Path) -> Result<(), SynthError> {
    write_tables(accounts, folder).map_err(failed(folder.to_owned()))
}

fn write_tables(accounts: &Accounts, folder: &Path) -> io::Result<()> {
    let mut files = CsvFile::create(&folder.join("files.csv"), columns::FILES)?;
    let mut rejects = CsvFile::create(&folder.join("rejects.csv"), columns::REJECTS)?;
    let mut totals: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for tally in &accounts.files {
        files.text(&tally.file_key).text(tally.kind).text(&tally.table_name).int(tally.n_records as i64).int(tally.n_rows as i64);
        files.int(tally.n_duplicates as i64).int(tally.n_blanks as i64).int(tally.n_rejects() as i64);
        files.end()?;
        for (code, n) in &tally.rejects {
            rejects.text(&tally.file_key).text(code).int(*n as i64);
            rejects.end()?;
        }
        *totals.entry((&tally.table_name, tally.site)).or_default() += tally.n_rows;
    }
    files.finish()?;
    rejects.finish()?;
    let mut csv = CsvFile::create(&folder.join("not_produced.csv"), columns::NOT_PRODUCED)?;
    for (file_key, reason) in &accounts.not_produced {
        csv.text(file_key).text(reason);
        csv.end()?;
    }
    csv.finish()?;
    let mut csv = CsvFile::create(&folder.join("totals.csv"), columns::TOTALS)?;
    for ((table, site), n_rows) in totals.into_iter().filter(|(_, n_rows)| *n_rows > 0) {
        csv.text(table).text(site).int(n_rows as i64);
        csv.end()?;
    }
    csv.finish()
}
