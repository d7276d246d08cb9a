//! The page on commands: what `--help` prints. It adds nothing to it.

use std::fmt::Write as _;

use clap::{Command, CommandFactory as _};

use super::WRITTEN;
use crate::cli::Cli;

pub(super) fn page() -> String {
    let mut root = Cli::command().term_width(100);
    root.build();
    let mut text = format!(
        "# Commands\n\n{WRITTEN}\nData goes to stdout, everything else to stderr. Exit codes: 0 done; 1 done, but a file failed or a check did not hold; \
         2 not done; 3 a remote could not be reached; 130 interrupted.\n"
    );
    add(&mut text, &mut root);
    text
}

fn add(text: &mut String, command: &mut Command) {
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _ = write!(text, "\n## `{name}`\n\n```text\n{}\n```\n", help.join("\n").trim_end());
    for subcommand in command.get_subcommands_mut().filter(|subcommand| !subcommand.is_hide_set() && subcommand.get_name() != "help") {
        add(text, subcommand);
    }
}
