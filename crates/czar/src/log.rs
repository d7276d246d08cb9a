//! The log for those who look for a fault: on stderr, off unless asked for with `--verbose` or `CZAR_LOG`.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::printer::Printer;

/// The variable with the filter, in the syntax of `RUST_LOG`: `czar_pipeline=debug`.
pub(crate) const VARIABLE: &str = "CZAR_LOG";

/// Whether a log is written.
pub(crate) fn is_on(verbose: bool) -> bool {
    verbose || std::env::var_os(VARIABLE).is_some_and(|value| !value.is_empty())
}

/// Starts the log, if it is asked for.
pub(crate) fn start(verbose: bool, printer: &Printer) {
    if !is_on(verbose) {
        return;
    }
    let filter = match std::env::var(VARIABLE) {
        Ok(filter) if !filter.is_empty() => EnvFilter::new(filter),
        // The libraries below say much that only their authors understand.
        _ => EnvFilter::new("warn,czar=debug,czar_pipeline=debug,czar_synth=debug"),
    };
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(printer.stderr_has_colours()).finish();
    // It fails only when a log was started before, which then goes on.
    let _ = tracing::subscriber::set_global_default(subscriber);
}
