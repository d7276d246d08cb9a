//! The command line of `czar`. The work is done by `czar-pipeline`; here are words, settings and exit codes.
//!
//! - `cli`: the commands and their arguments; `commands/`: one file a command
//! - `config`: settings from file, environment and flags
//! - `printer`, `progress`, `output`: what the user sees; `failure`, `exit`: what it means when it goes wrong
//! - `run`: the steps of a whole run; `server`: the process that starts runs by itself
//! - [`truth`]: compares a lake with the expected numbers of a synthetic delivery
//! - `reference`: writes docs/reference

mod cli;
mod commands;
mod config;
mod exit;
mod failure;
mod interrupt;
mod keys;
mod log;
mod outbox;
mod output;
mod panics;
mod printer;
mod progress;
mod raw_records;
mod reference;
mod run;
mod server;
mod stopwatch;
mod test_clock;
pub mod truth;
mod user_command;
mod words;
mod workplace;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;
use czar_pipeline::clock::Clock;

use crate::cli::{Cli, Command};
use crate::printer::Printer;

/// Runs the program with the given arguments, the first being its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>, clock: Clock) -> ExitCode {
    let cli = match Cli::try_parse_from(cli::with_comments(arguments)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout, a wrong argument to stderr; a closed pipe on either is nobody's trouble.
            let _ = error.print();
            return exit::of_arguments(&error);
        }
    };
    let printer = Printer::detect();
    panics::tell_places(printer);
    log::start(cli.general.verbose, &printer);
    let clock = match cli.general.test_clock {
        Some(test_clock) => {
            printer.warn(&test_clock.warning());
            test_clock.begin(clock)
        }
        None => clock,
    };
    // A server ends in its own way.
    let is_server = matches!(cli.command, Command::Serve(_));
    if let Some(Err(error)) = (!is_server).then(interrupt::watch) {
        printer.warn(&format!("Ctrl-C will end the program without a word: {error}"));
    }
    match commands::run(cli, &printer, clock) {
        Ok(outcome) => exit::of_outcome(outcome),
        Err(error) if failure::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            printer.error(&error);
            exit::of_error(&error)
        }
    }
}
