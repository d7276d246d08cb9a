//! What a command works with: the settings, the printer, the clock, and the lake and engine that the settings name. It does no work.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use chrono::NaiveDate;
use czar_pipeline::clock::Clock;
use czar_pipeline::engine::{Engine, EngineOptions};
use czar_pipeline::ingest::IngestOptions;
use czar_pipeline::lake::Lake;

use crate::cli::GeneralOptions;
use crate::config::{self, Configuration, Flag, Settings, Sources};
use crate::failure::refusal_with_hint;
use crate::log;
use crate::printer::Printer;
use crate::progress::Bars;
use crate::run::Live;

/// What a command works with.
pub(crate) struct Workplace<'a> {
    pub(crate) configuration: Configuration,
    pub(crate) printer: &'a Printer,
    pub(crate) clock: Clock,
    is_logging: bool,
    live: Arc<Live>,
    step_begun: Cell<Instant>,
}

impl<'a> Workplace<'a> {
    /// Reads the settings; flags of the command come on top of the general ones.
    pub(crate) fn open(general: &GeneralOptions, mut flags: Vec<Flag>, printer: &'a Printer, clock: Clock) -> anyhow::Result<Self> {
        if let Some(folder) = &general.data_folder {
            let value = toml::Value::String(folder.to_string_lossy().into_owned());
            flags.push(Flag { name: "--data-folder", key: "data_folder", value });
        }
        let folder = std::env::current_dir().context("could not find the current folder")?;
        let configuration =
            config::load(&Sources { file: general.config.clone(), folder, environment: std::env::vars_os().collect(), flags })?;
        Ok(Self::with(configuration, printer, clock, log::is_on(general.verbose), Arc::default()))
    }

    /// Reads the settings of one file and of nothing else: what the environment says about the user's own lake does not count.
    pub(crate) fn open_alone(file: &Path, verbose: bool, printer: &'a Printer, clock: Clock) -> anyhow::Result<Self> {
        let sources = Sources { file: Some(file.to_owned()), folder: PathBuf::new(), environment: Vec::new(), flags: Vec::new() };
        let configuration = config::load(&sources)?;
        Ok(Self::with(configuration, printer, clock, log::is_on(verbose), Arc::default()))
    }

    /// A workplace with the same settings, for another thread.
    pub(crate) fn beside(configuration: Configuration, printer: &'a Printer, clock: Clock, live: Arc<Live>) -> Self {
        // Bars are for one who sits before them.
        Self::with(configuration, printer, clock, true, live)
    }

    fn with(configuration: Configuration, printer: &'a Printer, clock: Clock, is_logging: bool, live: Arc<Live>) -> Self {
        Self { configuration, printer, clock, is_logging, live, step_begun: Cell::new(Instant::now()) }
    }

    /// The settings in force.
    pub(crate) fn settings(&self) -> &Settings {
        &self.configuration.settings
    }

    /// Where the lake is.
    pub(crate) fn lake_folder(&self) -> PathBuf {
        self.settings().data_folder.join("lake")
    }

    /// Whether anything has ever been loaded.
    pub(crate) fn has_lake(&self) -> bool {
        self.lake_folder().join("loads").is_dir()
    }

    /// Opens the lake, making it when it does not exist.
    pub(crate) fn lake(&self) -> anyhow::Result<Lake> {
        Ok(Lake::open_folder(&self.lake_folder())?.allowing_network_folder(self.settings().lake.allow_network_folder))
    }

    /// Opens the lake to look at it.
    ///
    /// # Errors
    /// There is none: looking makes nothing.
    pub(crate) fn existing_lake(&self) -> anyhow::Result<Lake> {
        if self.has_lake() {
            return self.lake();
        }
        Err(refusal_with_hint(
            format!("there is nothing in the lake `{}`", self.lake_folder().display()),
            "load a delivery with `czar ingest FOLDER`, or see what this looks like with `czar demo`",
        ))
    }

    /// How queries are computed.
    pub(crate) fn engine_options(&self) -> EngineOptions {
        let query = &self.settings().query;
        EngineOptions { memory_bytes: query.memory_bytes, workers: workers(query.workers) }
    }

    /// How files are read.
    pub(crate) fn ingest_options(&self) -> IngestOptions {
        let ingest = &self.settings().ingest;
        IngestOptions {
            workers: workers(ingest.workers),
            max_record_bytes: ingest.max_record_bytes,
            max_clear_bytes: ingest.max_clear_bytes,
            keep_replaced_days: ingest.keep_replaced_days,
            merge_small_files: ingest.merge_small_files,
            ..IngestOptions::default()
        }
    }

    /// Opens a lake for SQL.
    pub(crate) fn engine(&self, lake: &Lake) -> anyhow::Result<Engine> {
        Ok(Engine::open(lake, &self.engine_options())?)
    }

    /// Opens a lake for SQL, as it is or as it would be had nothing been delivered after a day.
    pub(crate) fn engine_as_of(&self, lake: &Lake, day: Option<NaiveDate>) -> anyhow::Result<Engine> {
        Ok(match day {
            Some(day) => Engine::open_as_of(lake, &self.engine_options(), day)?,
            None => Engine::open(lake, &self.engine_options())?,
        })
    }

    /// Bars, if someone watches.
    pub(crate) fn bars(&self) -> Bars {
        Bars::new(self.printer, self.is_logging, Some(Arc::clone(&self.live)))
    }

    /// Where a run tells how far it is.
    pub(crate) fn live(&self) -> &Live {
        &self.live
    }

    /// A name for one attempt at writing, unlike that of any other on any machine.
    pub(crate) fn attempt(&self) -> String {
        // Two containers may begin in the same moment, each as process 1.
        let random = getrandom::u64().unwrap_or_else(|_| process::id().into());
        format!("{:x}-{random:x}", (self.clock)().timestamp_micros())
    }

    /// Begins another step, for commands that have several.
    pub(crate) fn begin_step(&self) {
        self.step_begun.set(Instant::now());
    }

    /// Time since the command, or its present step, began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.step_begun.get().elapsed()
    }
}

/// A number of workers, where 0 stands for one for each processor.
pub(crate) fn workers(setting: usize) -> usize {
    match setting {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        given => given,
    }
}
