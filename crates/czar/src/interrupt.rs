//! Ctrl-C ends the program with a word and the exit code 130. It cleans nothing up: the lake is safe against a kill at any moment.

use std::io::{self, Write as _};
use std::thread;

use crate::exit;

/// Watches for Ctrl-C on a thread of its own.
///
/// # Errors
/// The thread or the signal handler cannot be had.
pub(crate) fn watch() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("interrupt".to_owned()).spawn(move || {
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            let _ = writeln!(io::stderr().lock(), "\ninterrupted; what was loaded or built until now stays");
            std::process::exit(exit::INTERRUPTED);
        }
    })?;
    Ok(())
}
