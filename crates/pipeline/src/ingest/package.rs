//! Loads the members of one data package: small ones beside each other, large ones one by one on all cores. It commits nothing.
//!
//! Rows of all members of one table and site go to the same data files. A member's rows are held back until it has proved sound; those of
//! a large member go to data files of its own, which are thrown away when it has not.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use czar_formats::database_file::schema as known_tables;
use czar_formats::package_file::FileKind;
use deltalake_core::arrow::array::RecordBatch;
use deltalake_core::arrow::datatypes::Schema;

use super::clear::{hold, release};
use super::in_order::in_order;
use super::known_courses::{KnownCourses, Named};
use super::load_record::{LoadRecord, LoadState};
use super::member::{self, MemberAccount, Stop};
use super::member_courses::{Courses, name_course};
use super::rejects::{CollectedRejects, FinishedRejects};
use super::row_courses::{is_row_keyed, with_courses_of_rows};
use super::row_order::SortColumns;
use super::staging::{Constant, Constants, SortedPart};
use super::table_file::is_cut_by_content;
use super::{FileFailure, IngestError, Work};
use crate::lake::content_columns::{COURSE_CONTENT_BLOCKS, GRADE_CUTOFFS, GRADING_POLICY};
use crate::lake::schema::{SNAPSHOT_PARTITIONS, arrow_schema, history_name, snapshot_columns};
use crate::lake::{BatchName, FinishedPart, LakeError, LakeTable, PartWriter};
use crate::package::{Batch, DeliveredFile};

/// A member with more bytes than this, as kept, is read as a stream on all cores.
const LARGE_MEMBER_BYTES: u64 = 1 << 20;
/// A member takes about so many times its size as kept, in clear and as rows.
const CLEAR_TIMES: usize = 8;
/// Rows of a small member may take this much memory; else it is read as a large one.
const SMALL_MEMBER_ROW_BYTES: usize = 48 << 20;
/// Rows of all tables together that may wait for their row groups to be full.
const HELD_BYTES: usize = 256 << 20;
/// Rows of a row group lie in this order.
const SORT: SortColumns = ["_course_run_key", "_source_file", "_source_line"];

/// The tables with the records of a course archive.
const RECORDS_OF_AN_ARCHIVE: [&str; 3] = [COURSE_CONTENT_BLOCKS, GRADING_POLICY, GRADE_CUTOFFS];

/// A package whose data files are written and not committed.
#[derive(Default)]
pub struct StagedPackage {
    /// What each member gave.
    pub loads: Vec<LoadRecord>,
    /// Data files by physical table.
    pub parts: BTreeMap<String, FinishedPart>,
    /// What was set aside.
    pub rejects: CollectedRejects,
    /// Members that could not be read.
    pub failures: Vec<FileFailure>,
}

/// Loads a package into data files.
///
/// # Errors
/// The lake cannot be written. A bad member is no error: it is named in the result.
pub fn stage(
    work: &Work<'_>,
    batch: &Batch,
    date: NaiveDate,
    files: &[DeliveredFile],
    stamp: &str,
    others: &KnownCourses,
) -> Result<StagedPackage, IngestError> {
    let courses = Courses::new(&batch.key, others);
    let mut staging = Staging { work, batch, date, stamp, courses, sinks: BTreeMap::new(), staged: StagedPackage::default() };
    // Course structures first: they tell which course the stem of a file name means.
    let (structures, others): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.file.kind == FileKind::CourseStructure);
    // Then files whose rows name their course, for courses without a readable structure.
    let (naming, others): (Vec<_>, Vec<_>) = others.into_iter().partition(|file| names_its_course(&file.file.kind));
    // A course archive takes its course from these, and tells the others what it is called where there are none.
    let (archives, others): (Vec<_>, Vec<_>) = others.into_iter().partition(|file| file.file.kind == FileKind::CourseArchive);
    for stage in [structures, naming, archives, others] {
        let (mut large, mut small): (Vec<_>, Vec<_>) = stage.into_iter().partition(|file| file.n_bytes > LARGE_MEMBER_BYTES);
        // A packed tar is read forward only: in its own order it is read once for the small members and once for the large ones.
        small.sort_by_key(|file| file.reading_order());
        staging.read_small(&small, &mut large)?;
        large.sort_by_key(|file| file.reading_order());
        for file in large {
            staging.read_large(file)?;
        }
    }
    staging.finish()
}

/// Whether the rows of a file have a column with their course.
fn names_its_course(kind: &FileKind) -> bool {
    match kind {
        FileKind::Table(name) => known_tables::table(name).is_some_and(|table| table.kind("course_id").is_some()),
        kind => *kind == FileKind::Forum,
    }
}

struct Staging<'a> {
    work: &'a Work<'a>,
    batch: &'a Batch,
    date: NaiveDate,
    stamp: &'a str,
    courses: Courses<'a>,
    sinks: BTreeMap<(String, String), Sink>,
    staged: StagedPackage,
}

/// The data files that rows of one table and site go to.
#[derive(Default)]
struct Sink {
    part: Option<SortedPart>,
    finished: FinishedPart,
}

impl<'a> Staging<'a> {
    fn read_small(&mut self, files: &[&'a DeliveredFile], large: &mut Vec<&'a DeliveredFile>) -> Result<(), IngestError> {
        let (work, batch, stamp) = (self.work, self.batch, self.stamp);
        let courses = self.courses.of_content();
        let mut next = files.iter().copied();
        in_order(
            work.options.workers,
            |file: &&DeliveredFile| usize::try_from(file.n_bytes).unwrap_or(usize::MAX).saturating_mul(CLEAR_TIMES),
            || Ok(next.next().inspect(|file| hold(file, work.keys, work.options))),
            |file| {
                work.progress.file(&file.file.file_key);
                let mut load = LoadRecord::begin(file, batch, stamp, (work.clock)());
                name_course(&mut load, file, &courses);
                let mut held = Vec::new();
                let mut held_bytes = 0;
                let read = if let Some(load) = without_content(file, &load) {
                    Ok(MemberAccount::of(load, false))
                } else {
                    member::read(work, file, load, 1, |_, table, rows| {
                        held_bytes += rows.get_array_memory_size();
                        held.push((table.to_owned(), rows));
                        if held_bytes > SMALL_MEMBER_ROW_BYTES { Err(Stop::TooLarge) } else { Ok(()) }
                    })
                };
                release(file);
                work.progress.file_done();
                let finished = read.and_then(|account| account.finish().map_err(Stop::Lake));
                (file, finished.map(|(load, rejects)| (load, rejects, held)))
            },
            |(file, read)| match read {
                Ok((mut load, rejects, held)) => {
                    self.courses.settle(&mut load);
                    for (table, rows) in &held {
                        let rows = self.with_bookkeeping(&load, table, rows)?;
                        match self.write(&load, table, &rows) {
                            Ok(()) => {}
                            // The first rows of a file show whether its columns fit; nothing of it is written then.
                            Err(error) if error.is_about_columns() => return self.stopped(file, columns_differ(file, &error)),
                            Err(error) => return Err(error.into()),
                        }
                    }
                    self.keep(load, rejects)
                }
                Err(Stop::TooLarge) => {
                    large.push(file);
                    Ok(())
                }
                Err(stop) => self.stopped(file, stop),
            },
        )
    }

    fn read_large(&mut self, file: &DeliveredFile) -> Result<(), IngestError> {
        self.work.progress.file(&file.file.file_key);
        let mut load = LoadRecord::begin(file, self.batch, self.stamp, (self.work.clock)());
        name_course(&mut load, file, &self.courses.of_content());
        let mut own: BTreeMap<String, SortedPart> = BTreeMap::new();
        // Settled with the first rows, so that all rows of the file have one course run.
        let mut course: Option<Named> = None;
        let workers = self.work.options.workers.max(2);
        let read = member::read(self.work, file, load, workers, |account, table, rows| {
            let mut load = account.load.clone();
            match &course {
                Some(course) => (load.course_run_key, load.course_named_by) = course.clone().unzip(),
                None => {
                    self.courses.settle(&mut load);
                    course = Some(load.course_run_key.clone().zip(load.course_named_by));
                }
            }
            let rows = self.with_bookkeeping(&load, table, &rows).map_err(Stop::Lake)?;
            if !own.contains_key(table)
                && let Some(part) = self.open_part(&load, table, rows.schema().as_ref()).map_err(Stop::Lake)?
            {
                own.insert(table.to_owned(), part);
            }
            own.get_mut(table).map_or(Ok(()), |part| part.write(&rows)).map_err(Stop::Lake)
        });
        self.work.progress.file_done();
        match read {
            Ok(account) => {
                let (mut load, rejects) = account.finish()?;
                match course {
                    Some(course) => (load.course_run_key, load.course_named_by) = course.unzip(),
                    None => self.courses.settle(&mut load),
                }
                for (table, part) in own {
                    let finished = part.finish()?;
                    self.staged.parts.entry(history_name(&table)).or_default().extend(finished);
                }
                self.keep(load, rejects)
            }
            Err(stop) => {
                for part in own.into_values() {
                    part.abandon()?;
                }
                match stop {
                    Stop::Lake(error) if error.is_about_columns() => self.stopped(file, columns_differ(file, &error)),
                    stop => self.stopped(file, stop),
                }
            }
        }
    }

    fn with_bookkeeping(&self, load: &LoadRecord, table: &str, rows: &RecordBatch) -> Result<RecordBatch, LakeError> {
        let mut constants = Constants::new(vec![
            ("_load_id", Constant::Text(Some(load.load_id.clone()))),
            ("_source_file", Constant::Text(Some(load.file_key.clone()))),
            ("_course_run_key", Constant::Text(load.course_run_key.clone())),
        ]);
        let rows = constants.add_to(rows);
        let rows = if is_row_keyed(table) { rows.and_then(|rows| with_courses_of_rows(&rows)) } else { rows };
        rows.map_err(|source| LakeError::Columns { table: table.to_owned(), source })
    }

    fn write(&mut self, load: &LoadRecord, table: &str, rows: &RecordBatch) -> Result<(), LakeError> {
        let Some(site) = load.site.clone().filter(|_| !table.is_empty()) else { return Ok(()) };
        let place = (table.to_owned(), site);
        let fits = self.sinks.get(&place).and_then(|sink| sink.part.as_ref()).is_some_and(|part| {
            let have = part.file_schema();
            rows.schema().fields().iter().all(|field| have.index_of(field.name()).is_ok())
        });
        if !fits {
            let opened = self.open_part(load, table, rows.schema().as_ref())?;
            let sink = self.sinks.entry(place.clone()).or_default();
            if let Some(narrower) = std::mem::replace(&mut sink.part, opened) {
                sink.finished.extend(narrower.finish()?);
            }
        }
        self.sinks.get_mut(&place).and_then(|sink| sink.part.as_mut()).map_or(Ok(()), |part| part.write(rows))?;
        let mut parts: Vec<&mut SortedPart> = self.sinks.values_mut().filter_map(|sink| sink.part.as_mut()).collect();
        if parts.iter().map(|part| part.held_bytes()).sum::<usize>() > HELD_BYTES
            && let Some(largest) = parts.iter_mut().max_by_key(|part| part.held_bytes())
        {
            largest.flush()?;
        }
        Ok(())
    }

    /// Opens data files of a table that have at least the given columns; the table is created or widened for them.
    fn open_part(&self, load: &LoadRecord, table: &str, rows: &Schema) -> Result<Option<SortedPart>, LakeError> {
        let Some(site) = load.site.as_ref().filter(|_| !table.is_empty()) else { return Ok(None) };
        let known = arrow_schema(snapshot_columns(table));
        let more = rows.fields().iter().filter(|field| known.index_of(field.name()).is_err()).cloned();
        let wanted = Schema::new(known.fields().iter().cloned().chain(more).collect::<Vec<_>>());
        let table = self.work.lake.table_with(&history_name(table), &wanted, &SNAPSHOT_PARTITIONS)?;
        open_part(self.work, &table, &self.batch.key, site, self.date).map(Some)
    }

    fn keep(&mut self, mut load: LoadRecord, rejects: FinishedRejects) -> Result<(), IngestError> {
        load.duration_secs = super::seconds_since(load.loaded_at, (self.work.clock)());
        super::check_account(&load)?;
        self.staged.rejects.add(self.work, &self.batch.key, rejects)?;
        self.staged.loads.push(load);
        Ok(())
    }

    fn stopped(&mut self, file: &DeliveredFile, stop: Stop) -> Result<(), IngestError> {
        match stop {
            Stop::File(failure) => {
                let mut load = LoadRecord::begin(file, self.batch, self.stamp, (self.work.clock)());
                load.failure_code = Some(failure.code.to_owned());
                self.courses.settle(&mut load);
                self.staged.loads.push(load);
                self.staged.failures.push(failure);
                Ok(())
            }
            Stop::Lake(error) => Err(error.into()),
            Stop::Columns(source) => Err(LakeError::Columns { table: file.file.file_key.clone(), source }.into()),
            Stop::TooLarge => Ok(()),
        }
    }

    fn finish(mut self) -> Result<StagedPackage, IngestError> {
        for ((table, _), sink) in self.sinks {
            let mut finished = sink.finished;
            if let Some(part) = sink.part {
                finished.extend(part.finish()?);
            }
            self.staged.parts.entry(history_name(&table)).or_default().extend(finished);
        }
        for load in &mut self.staged.loads {
            self.courses.settle_again(load);
        }
        check_rows(&self.staged)?;
        self.staged.loads.sort_by(|a, b| a.file_key.cmp(&b.file_key));
        Ok(self.staged)
    }
}

/// Sees that the data files have the rows that the loads name. Details of the blocks in a course archive are not its records.
fn check_rows(staged: &StagedPackage) -> Result<(), LakeError> {
    let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
    for load in &staged.loads {
        *counted.entry(load.table_name.as_deref().unwrap_or_default()).or_default() += load.n_rows;
    }
    for (table, n_counted) in counted {
        let filled = if table == COURSE_CONTENT_BLOCKS { &RECORDS_OF_AN_ARCHIVE[..] } else { &[table] };
        let n_written = filled.iter().filter_map(|table| staged.parts.get(&history_name(table))).map(FinishedPart::n_rows).sum();
        if n_counted != n_written {
            return Err(LakeError::Rows { table: history_name(table), n_counted, n_written });
        }
    }
    Ok(())
}

/// Opens data files of a table for rows of one package and site.
///
/// # Errors
/// The table cannot be written.
pub fn open_part(work: &Work<'_>, table: &LakeTable, batch: &str, site: &str, date: NaiveDate) -> Result<SortedPart, LakeError> {
    let date = date.to_string();
    let partition = [("_site", site), ("_package_date", date.as_str())];
    let schema = table.arrow_schema()?;
    let part = PartWriter::open(table, &schema, &BatchName::of(batch), work.attempt, &partition, work.lake.runtime())?;
    Ok(SortedPart::new(table, part, SORT, work.options.workers))
}

fn columns_differ(file: &DeliveredFile, error: &LakeError) -> Stop {
    let hint = "compare the header of the file with that of last week's";
    Stop::File(FileFailure::new(file, "database_file.column_type", error, Some(hint)))
}

/// The load of a member that has no content to read: edX could not produce it, or it is an archive in an archive.
fn without_content(file: &DeliveredFile, load: &LoadRecord) -> Option<LoadRecord> {
    let state = match &file.file.kind {
        _ if file.file.failed => LoadState::NotProduced,
        FileKind::Forum | FileKind::CourseStructure | FileKind::CourseArchive => return None,
        kind if is_cut_by_content(kind) => return None,
        _ => LoadState::NotRead,
    };
    let digest = crate::package::digest(file).ok();
    Some(LoadRecord { state, digest, ..load.clone() })
}
