//! Runs the stages of `czar bench` one after the other and measures each. It shows nothing.
//!
//! All stages up to the ingest work on the same event files, which are read once before, so that each finds them in the system's cache.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use czar_pipeline::ingest::{FileFailure, IngestOptions, IngestSummary, ingest};
use czar_pipeline::lake::Lake;
use czar_pipeline::package::{self, DeliveredFile, Delivery, Place};
use czar_pipeline::{bench, marts, sql};

use super::load::Load;
use crate::stopwatch::{Cost, measure};
use crate::workplace::Workplace;

/// Questions of the kinds that are asked; `{course}` is the course run with most events.
const QUERIES: [(&str, &str); 4] = [
    ("query: events by type", "select event_name, count(*) as n from tracking_events group by event_name order by n desc"),
    (
        "query: learners a day",
        "select course_run_key, _log_date, count(distinct user_id) as n from tracking_events group by course_run_key, _log_date",
    ),
    ("query: one course", "select time, user_id, event_name, event from tracking_events where course_run_key = {course}"),
    ("query: people", "select course_run_key, mode, count(*) as n, avg(grade) as grade from person_course group by course_run_key, mode"),
];

/// One stage.
pub(super) struct Stage {
    pub(super) name: String,
    pub(super) n_files: Option<u64>,
    /// Lines or rows that were read.
    pub(super) n_records: Option<u64>,
    pub(super) n_clear_bytes: Option<u64>,
    pub(super) cost: Cost,
    /// Whether it did to the event files what decrypting and inflating alone is a part of.
    pub(super) reads_events: bool,
}

/// All stages.
pub(super) struct Measured {
    pub(super) stages: Vec<Stage>,
    pub(super) n_events: u64,
    /// Files that are left out.
    pub(super) failures: Vec<FileFailure>,
}

/// The stage the others are compared with.
pub(super) const INFLATE: &str = "decrypt and inflate";

/// Processors that this process may use.
pub(super) fn n_processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Measures everything. Files that cannot be read are left out of all stages.
pub(super) fn measure_all(load: &Load, scratch: &Path, workplace: &Workplace<'_>) -> anyhow::Result<Measured> {
    let run = Run { load, scratch, workplace, options: workplace.ingest_options() };
    let mut measured = Measured { stages: Vec::new(), n_events: 0, failures: Vec::new() };
    let mut files = Vec::new();
    for file in load.event_files() {
        match bench::clear_alone(file, load.keys.as_ref(), &run.options, &mut io::sink()) {
            Ok(_) => files.push(file),
            Err(failure) => measured.failures.push(failure),
        }
    }
    run.streams(&files, &mut measured)?;
    run.ingests(&files, &mut measured)?;
    Ok(measured)
}

struct Run<'a> {
    load: &'a Load,
    scratch: &'a Path,
    workplace: &'a Workplace<'a>,
    options: IngestOptions,
}

impl Run<'_> {
    /// The stages before rows are made.
    fn streams(&self, files: &[&DeliveredFile], measured: &mut Measured) -> anyhow::Result<()> {
        let keys = self.load.keys.as_ref();
        let each = |work: &dyn Fn(&DeliveredFile) -> Result<u64, FileFailure>| -> anyhow::Result<(u64, Cost)> {
            let (sum, cost) = measure(|| files.iter().map(|file| work(file)).sum::<Result<u64, FileFailure>>());
            Ok((sum.map_err(|failure| anyhow::anyhow!("could not read `{}` again: {}", failure.path, failure.message))?, cost))
        };
        let (n_clear_bytes, inflate) = each(&|file| bench::clear_alone(file, keys, &self.options, &mut io::sink()))?;
        let stage = |name: &str, n_records, cost| Stage {
            name: name.to_owned(),
            n_files: Some(files.len() as u64),
            n_records,
            n_clear_bytes: Some(n_clear_bytes),
            cost,
            reads_events: true,
        };
        if let Some(keys) = keys.filter(|_| files.iter().all(|file| file.file.wrapping.encrypted)) {
            let (_, cost) = each(&|file| bench::decrypt_alone(file, keys, &self.options, &mut io::sink()))?;
            measured.stages.push(stage("decrypt", None, cost));
        }
        measured.stages.push(stage(INFLATE, None, inflate));
        let (n_events, cost) = each(&|file| bench::read_alone(file, keys, &self.options))?;
        measured.stages.push(stage("read lines, one thread", Some(n_events), cost));
        measured.n_events = n_events;
        Ok(())
    }

    /// The stages that fill a lake and ask it.
    fn ingests(&self, files: &[&DeliveredFile], measured: &mut Measured) -> anyhow::Result<()> {
        if self.load.is_synthetic {
            for shape in [Shape::Clear, Shape::Gzip] {
                let folder = self.scratch.join(shape.name());
                self.write_shape(files, shape, &folder)?;
                let lake = Lake::open_folder(&self.scratch.join(format!("lake-{}", shape.name())))?;
                self.ingest(&format!("ingest .{}", shape.name()), &package::find(&folder)?, &lake, true, measured)?;
            }
        }
        let lake = Lake::open_folder(&self.scratch.join("lake"))?;
        let is_good = |file: &DeliveredFile| files.iter().any(|good| good.file.file_key == file.file.file_key);
        let batches = self.load.events.batches.iter().filter(|batch| batch.files().iter().all(is_good)).cloned().collect();
        let events = Delivery { batches, ..Delivery::default() };
        let name = if self.load.is_synthetic { "ingest .log.gz.gpg" } else { "ingest event files" };
        self.ingest(name, &events, &lake, true, measured)?;
        self.ingest("ingest again, nothing new", &events, &lake, false, measured)?;
        if self.load.packages.n_files() > 0 {
            self.ingest("ingest packages", &self.load.packages, &lake, false, measured)?;
        }
        let (built, cost) =
            measure(|| marts::build(&lake, &self.workplace.engine_options(), &[], &self.workplace.attempt(), &self.workplace.bars()));
        let n_rows = built?.built.iter().map(|model| model.n_rows).sum();
        measured.stages.push(Stage::of_lake("build", Some(n_rows), cost));
        self.queries(&lake, measured)
    }

    fn ingest(&self, name: &str, delivery: &Delivery, lake: &Lake, reads_events: bool, measured: &mut Measured) -> anyhow::Result<()> {
        let workplace = self.workplace;
        let keys = self.load.keys.as_ref();
        let (summary, cost) =
            measure(|| ingest(lake, delivery, keys, &self.options, workplace.clock, &workplace.attempt(), &workplace.bars()));
        let summary: IngestSummary = summary?;
        let n_records = summary.n_rows + summary.n_duplicates + summary.n_blanks + summary.n_rejects;
        measured.stages.push(Stage {
            name: name.to_owned(),
            n_files: Some(delivery.n_files() as u64),
            n_records: Some(n_records),
            n_clear_bytes: Some(summary.n_clear_bytes),
            cost,
            reads_events,
        });
        measured.failures.extend(summary.failures);
        Ok(())
    }

    fn queries(&self, lake: &Lake, measured: &mut Measured) -> anyhow::Result<()> {
        let engine = self.workplace.engine(lake)?;
        let courses = engine.texts(
            "select course_run_key from tracking_events where course_run_key is not null group by course_run_key order by count(*) desc limit 1",
        )?;
        let course = sql::text(courses.first().map_or("", String::as_str));
        for (name, question) in QUERIES {
            // Opening the lake is a part of every `czar query`.
            let (answer, cost) =
                measure(|| -> anyhow::Result<_> { Ok(self.workplace.engine(lake)?.sql(&question.replace("{course}", &course))?) });
            let n_rows = answer?.batches.iter().map(|rows| rows.num_rows() as u64).sum();
            measured.stages.push(Stage::of_lake(name, Some(n_rows), cost));
        }
        Ok(())
    }

    /// Writes event files without their outer layers. Only for synthetic ones.
    fn write_shape(&self, files: &[&DeliveredFile], shape: Shape, folder: &Path) -> anyhow::Result<()> {
        let make = || -> io::Result<()> { fs::create_dir_all(folder) };
        make().with_context(|| format!("could not make folder `{}`", folder.display()))?;
        for file in files {
            let Some(path) = shape.path(file, folder) else { continue };
            let write = |path: &PathBuf| -> anyhow::Result<()> {
                let mut out = BufWriter::new(File::create(path)?);
                let keys = self.load.keys.as_ref();
                let written = match (shape, keys) {
                    (Shape::Gzip, Some(keys)) => bench::decrypt_alone(file, keys, &self.options, &mut out),
                    _ => bench::clear_alone(file, keys, &self.options, &mut out),
                };
                written.map_err(|failure| anyhow::anyhow!("{}", failure.message))?;
                Ok(out.flush()?)
            };
            write(&path).with_context(|| format!("could not write `{}`", path.display()))?;
        }
        Ok(())
    }
}

impl Stage {
    /// A stage that reads the lake and no delivered file.
    fn of_lake(name: &str, n_records: Option<u64>, cost: Cost) -> Self {
        Self { name: name.to_owned(), n_files: None, n_records, n_clear_bytes: None, cost, reads_events: false }
    }
}

/// A shape of a log without its outer layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Clear,
    Gzip,
}

impl Shape {
    fn name(self) -> &'static str {
        match self {
            Self::Clear => "log",
            Self::Gzip => "log.gz",
        }
    }

    /// Where the file of this shape goes: `x.log.gz.gpg` as `x.log` or `x.log.gz`.
    fn path(self, file: &DeliveredFile, folder: &Path) -> Option<PathBuf> {
        let Place::File(path) = &file.place else { return None };
        let name = path.file_name()?.to_string_lossy();
        let stem = name.split_once(".log").map_or(&*name, |(stem, _)| stem);
        Some(folder.join(format!("{stem}.{}", self.name())))
    }
}
