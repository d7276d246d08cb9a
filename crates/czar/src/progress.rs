//! Progress bars on stderr, for people only: nothing is drawn when stderr is no terminal. It tells how far the work is, not how it went.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use czar_pipeline::progress::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::printer::Printer;

const BY_BYTES: &str = "{prefix} {bar:30} {percent:>3}% {bytes}/{total_bytes}, {binary_bytes_per_sec}, {eta} left  {wide_msg}";
const BY_FILES: &str = "{prefix} {bar:30} {pos}/{len}  {wide_msg}";

/// Draws the current step.
pub(crate) struct Bars {
    is_visible: bool,
    current: Mutex<Option<Current>>,
}

struct Current {
    bar: ProgressBar,
    counts_bytes: bool,
}

impl Bars {
    /// Bars for a screen; silent elsewhere, and beside a log, with which they would mix.
    pub(crate) fn new(printer: &Printer, is_logging: bool) -> Self {
        Self { is_visible: printer.stderr_is_terminal() && !is_logging, current: Mutex::new(None) }
    }

    fn with_current(&self, action: impl FnOnce(&Current)) {
        if let Some(current) = &*self.current.lock().unwrap_or_else(PoisonError::into_inner) {
            action(current);
        }
    }
}

impl Progress for Bars {
    fn begin(&self, step: &str, n_files: usize, n_bytes: u64) {
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
        self.with_current(|current| current.bar.set_message(file_key.to_owned()));
    }

    fn advance(&self, n_bytes: u64) {
        self.with_current(|current| {
            if current.counts_bytes {
                current.bar.inc(n_bytes);
            }
        });
    }

    fn file_done(&self) {
        self.with_current(|current| {
            if !current.counts_bytes {
                current.bar.inc(1);
            }
        });
    }

    fn end(&self) {
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
