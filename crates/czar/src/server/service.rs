//! What the threads of a server share: the settings, the control database, the queue's bell, how far the present run is. It does no work.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use czar_pipeline::clock::Clock;
use czar_pipeline::control::{Cause, Control, ControlError, Requested};

use super::bell::Bell;
use super::inventory_view::InventoryView;
use super::lake_view::LakeView;
use super::schedule::{self, Entry};
use crate::config::{Configuration, Settings};
use crate::printer::Printer;
use crate::run::{Live, Step};
use crate::workplace::Workplace;

/// What the threads of a server share.
pub(super) struct Service {
    pub(super) configuration: Configuration,
    pub(super) printer: Printer,
    pub(super) clock: Clock,
    pub(super) control: Control,
    pub(super) live: Arc<Live>,
    pub(super) bell: Bell,
    pub(super) schedule: Vec<Entry>,
    /// The steps of a run that nobody chose the steps of.
    pub(super) steps: Vec<Step>,
    pub(super) started_at: DateTime<Utc>,
    pub(super) lake: LakeView,
    pub(super) inventory: InventoryView,
    /// The next time of each entry of the schedule.
    next_times: Mutex<Vec<DateTime<Utc>>>,
    is_stopping: AtomicBool,
    has_worker: AtomicBool,
}

impl Service {
    /// Opens the control database and reads the settings that can be wrong.
    ///
    /// # Errors
    /// The database cannot be used, or a setting makes no sense.
    pub(super) fn open(workplace: &Workplace<'_>, printer: Printer) -> anyhow::Result<Self> {
        let settings = workplace.settings();
        let now = (workplace.clock)();
        Ok(Self {
            printer,
            clock: workplace.clock,
            control: Control::open(&settings.data_folder)?,
            live: Arc::default(),
            bell: Bell::default(),
            schedule: schedule::parse(&settings.serve.schedule, now)?,
            steps: Step::of_names(&settings.run.steps, "the setting `run.steps`")?,
            started_at: now,
            lake: LakeView::default(),
            inventory: InventoryView::default(),
            next_times: Mutex::default(),
            is_stopping: AtomicBool::new(false),
            has_worker: AtomicBool::new(false),
            configuration: workplace.configuration.clone(),
        })
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.configuration.settings
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// A workplace for one thread.
    pub(super) fn workplace(&self) -> Workplace<'_> {
        Workplace::beside(self.configuration.clone(), &self.printer, self.clock, Arc::clone(&self.live))
    }

    /// Puts a run into the queue. Steps are done in their own order, whatever order they are named in.
    ///
    /// # Errors
    /// The control database cannot be written.
    pub(super) fn request_run(&self, cause: Cause, steps: &[Step], by: Option<&str>) -> Result<Requested, ControlError> {
        let names: Vec<&str> = Step::ALL.into_iter().filter(|step| steps.contains(step)).map(Step::name).collect();
        let requested = self.control.request_run(cause, &names, by, self.now())?;
        self.bell.ring();
        Ok(requested)
    }

    /// Has all threads come to their end.
    pub(super) fn stop(&self) {
        self.is_stopping.store(true, Ordering::SeqCst);
        self.bell.ring();
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::SeqCst)
    }

    pub(super) fn set_has_worker(&self, has_worker: bool) {
        self.has_worker.store(has_worker, Ordering::SeqCst);
    }

    pub(super) fn has_worker(&self) -> bool {
        self.has_worker.load(Ordering::SeqCst)
    }

    pub(super) fn set_next_times(&self, times: Vec<DateTime<Utc>>) {
        *self.next_times.lock().unwrap_or_else(PoisonError::into_inner) = times;
    }

    /// The entries of the schedule with their next times.
    pub(super) fn next_times(&self) -> Vec<(&str, DateTime<Utc>)> {
        let times = self.next_times.lock().unwrap_or_else(PoisonError::into_inner);
        self.schedule.iter().map(|entry| entry.text.as_str()).zip(times.iter().copied()).collect()
    }
}
