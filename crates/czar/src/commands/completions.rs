//! `czar completions`: a completion script for a shell, on stdout. It installs nothing.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::exit::Outcome;
use crate::printer::Printer;

/// Arguments of `czar completions`.
#[derive(Debug, Args)]
#[command(after_help = "For bash: czar completions bash > ~/.local/share/bash-completion/completions/czar")]
pub(crate) struct Arguments {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, printer: &Printer) -> anyhow::Result<Outcome> {
    // The generator panics on a closed pipe, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "czar", &mut script);
    printer.write_data(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Done)
}
