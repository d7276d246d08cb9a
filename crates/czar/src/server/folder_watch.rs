//! Puts a run into the queue when files in the delivery folder have changed and then been left alone for a while. It reads no file.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use czar_pipeline::control::Cause;
use notify::event::{AccessKind, AccessMode};
use notify::{Config, Event, EventKind, PollWatcher, RecursiveMode, Watcher};

use super::service::Service;
use crate::run::Step;

/// So often it is looked whether a folder that changed has been left alone for long enough, and whether the server stops.
const LOOK_EACH: Duration = Duration::from_millis(200);
const LOOK_EACH_WHEN_QUIET: Duration = Duration::from_millis(500);

/// The eyes on the folder; they close when it is dropped.
pub(super) struct FolderWatch {
    changes: Receiver<()>,
    _watcher: Box<dyn Watcher + Send>,
}

impl FolderWatch {
    /// Begins to watch a folder and all below it; a folder that is not there is made.
    ///
    /// # Errors
    /// The system does not let itself be asked.
    pub(super) fn begin(folder: &Path, poll_secs: u32) -> anyhow::Result<Self> {
        let failed = || format!("could not watch the folder `{}`", folder.display());
        std::fs::create_dir_all(folder).with_context(failed)?;
        let (sender, changes) = mpsc::channel();
        let tell = move |event: notify::Result<Event>| tell(&sender, &event);
        let mut watcher: Box<dyn Watcher + Send> = if poll_secs > 0 {
            let interval = Config::default().with_poll_interval(Duration::from_secs(poll_secs.into()));
            Box::new(PollWatcher::new(tell, interval).with_context(failed)?)
        } else {
            Box::new(notify::recommended_watcher(tell).with_context(failed)?)
        };
        watcher.watch(folder, RecursiveMode::Recursive).with_context(failed)?;
        Ok(Self { changes, _watcher: watcher })
    }

    /// Waits for changes until the server stops. What changed while it was down is looked for at once.
    pub(super) fn watch(self, service: &Service) {
        let quiet_time = TimeDelta::seconds(service.settings().serve.settle_secs.into());
        let mut last_change = Some(service.now() - quiet_time);
        while !service.is_stopping() {
            let stretch = if last_change.is_some() { LOOK_EACH } else { LOOK_EACH_WHEN_QUIET };
            match self.changes.recv_timeout(stretch) {
                Ok(()) => {
                    last_change = Some(service.now());
                    // A file that grows tells so thousands of times.
                    while self.changes.try_recv().is_ok() {}
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if is_quiet(last_change, service.now(), quiet_time) && request(service) {
                last_change = None;
            }
        }
    }
}

fn is_quiet(last_change: Option<DateTime<Utc>>, now: DateTime<Utc>, quiet_time: TimeDelta) -> bool {
    last_change.is_some_and(|last_change| now - last_change >= quiet_time)
}

/// Everything counts but that somebody reads: we do that ourselves. An error may mean that changes were lost: it counts as one.
fn tell(sender: &Sender<()>, event: &notify::Result<Event>) {
    let counts = match event {
        Ok(event) => !matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write)),
        Err(_) => true,
    };
    if counts {
        // The other end is gone only when the server stops.
        let _ = sender.send(());
    }
}

/// Tells whether it was possible. What is there need not be fetched: a sync's own files would otherwise start the next sync.
fn request(service: &Service) -> bool {
    let steps: Vec<Step> = service.steps.iter().copied().filter(|step| *step != Step::Sync).collect();
    if let Err(error) = service.request_run(Cause::FolderChanged, &steps, None) {
        service.printer.error(&error.into());
        return false;
    }
    service.printer.say("It is time for a run: the delivery folder is looked through, since files may have changed");
    true
}
