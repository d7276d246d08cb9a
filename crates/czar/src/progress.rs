//! Progress bars on stderr, for people only: nothing is drawn when stderr is no terminal. It tells how far the work is, not how it went.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use czar_pipeline::progress::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::printer::Printer;
use crate::run::Live;

const BY_BYTES: &str = "{prefix} {bar:30} {percent:>3}% {bytes}/{total_bytes}, {binary_bytes_per_sec}, {eta} left  {wide_msg}";
const BY_FILES: &str = "{prefix} {bar:30} {pos}/{len}  {wide_msg}";

/// Draws the current step.
pub(crate) struct Bars {
    is_visible: bool,
    current: Mutex<Option<Current>>,
    /// Who watches without a screen.
    live: Option<Arc<Live>>,
}

struct Current {
    bar: ProgressBar,
    counts_bytes: bool,
}

impl Bars {
    /// Bars for a screen; silent elsewhere, and beside a log, with which they would mix.
    pub(crate) fn new(printer: &Printer, is_logging: bool, live: Option<Arc<Live>>) -> Self {
        Self { is_visible: printer.stderr_is_terminal() && !is_logging, current: Mutex::new(None), live }
    }

    fn tell(&self, what: impl FnOnce(&Live)) {
        if let Some(live) = &self.live {
            what(live);
        }
    }

    fn with_current(&self, action: impl FnOnce(&Current)) {
        if let Some(current) = &*self.current.lock().unwrap_or_else(PoisonError::into_inner) {
            action(current);
        }
    }
}

impl Progress for Bars {
    fn begin(&self, step: &str, n_files: usize, n_bytes: u64) {
        self.tell(|live| live.begin(step, n_files, n_bytes));
        if !self.is_visible {
            return;
        }
        let counts_bytes = n_bytes > 0;
        let length = if counts_bytes { n_bytes } else { u64::try_from(n_files).unwrap_or(u64::MAX) };
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr_with_hz(8));
        if let Ok(style) = ProgressStyle::with_template(if counts_bytes { BY_BYTES } else { BY_FILES }) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(step.to_owned());
        bar.enable_steady_tick(Duration::from_millis(500));
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(Current { bar, counts_bytes });
    }

    fn file(&self, file_key: &str) {
        self.tell(|live| live.file(file_key));
        self.with_current(|current| current.bar.set_message(file_key.to_owned()));
    }

    fn advance(&self, n_bytes: u64) {
        self.tell(|live| live.advance(n_bytes));
        self.with_current(|current| {
            if current.counts_bytes {
                current.bar.inc(n_bytes);
            }
        });
    }

    fn file_done(&self) {
        self.tell(|live| live.file_done());
        self.with_current(|current| {
            if !current.counts_bytes {
                current.bar.inc(1);
            }
        });
    }

    fn end(&self) {
        self.tell(|live| live.end());
        if let Some(current) = self.current.lock().unwrap_or_else(PoisonError::into_inner).take() {
            current.bar.finish_and_clear();
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.end();
    }
}
