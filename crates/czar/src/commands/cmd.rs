//! `czar cmd`: runs a user command by name, or lists them. It only reads the lake.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;

use clap::{Arg, Args, FromArgMatches as _, Subcommand};

use crate::exit::Outcome;
use crate::output::OutputOptions;
use crate::user_command::{self, Parameter, UserCommand};
use crate::words;
use crate::workplace::Workplace;

/// Arguments of `czar cmd`.
#[derive(Debug, Args)]
#[command(
    disable_help_subcommand = true,
    override_usage = "czar cmd [NAME] [--PARAMETER VALUE]... [--format FORMAT] [--output FILE]",
    after_help = "A user command is a file NAME.sql in the folder of the setting `commands.folder`. Comment lines at its head describe it\n\
    and declare its parameters:\n\n  \
    -- Learners who enrolled, by day.\n  \
    -- parameter since: date = 2000-01-01. First day that counts.\n\n\
    `czar cmd NAME --help` shows its parameters; --format and --output write its rows as those of `czar query`."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    named: Option<Named>,
}

/// What follows `czar cmd` is the name of a file and values for its parameters, which only the file knows.
#[derive(Debug, Subcommand)]
enum Named {
    #[command(external_subcommand)]
    Command(Vec<OsString>),
}

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let folder = &workplace.settings().commands.folder;
    let Some((name, given)) = arguments.named.as_ref().and_then(|Named::Command(words)| words.split_first()) else {
        let commands = user_command::all(folder)?;
        workplace.printer.write_data(&list(&commands))?;
        if commands.is_empty() {
            workplace
                .printer
                .hint(&format!("put files NAME.sql into the folder `{}`, or name another in `commands.folder`", folder.display()));
        }
        return Ok(Outcome::Done);
    };
    let command = user_command::find(folder, &name.to_string_lossy())?;
    let (output, given) = match options(&command, given) {
        Ok(options) => options,
        // Help, or an option that is none: the words are clap's, as for any other command.
        Err(error) => error.exit(),
    };
    output.check(workplace.printer)?;
    let values = command.bind(&given)?;
    let mut engine = workplace.engine(&workplace.existing_lake()?)?;
    engine.bind(values);
    let n_rows = output.write(&engine, std::slice::from_ref(&command.sql), workplace.printer)?;
    workplace.printer.say(&format!("{}{} ({})", words::count(n_rows, "row"), output.place(), words::duration(workplace.elapsed())));
    Ok(Outcome::Done)
}

/// Reads the options that a command has because of its parameters.
fn options(command: &UserCommand, given: &[OsString]) -> Result<(OutputOptions, BTreeMap<String, String>), clap::Error> {
    let mut parser = clap::Command::new(format!("czar cmd {}", command.name))
        .no_binary_name(true)
        .max_term_width(100)
        .args(command.parameters.iter().map(option));
    // The options shared with other commands would bring their own description along.
    parser = OutputOptions::augment_args(parser).about(command.description.clone()).long_about(None);
    let matches = parser.try_get_matches_from(given)?;
    let value = |parameter: &Parameter| Some((parameter.name.clone(), matches.get_one::<String>(&parameter.name)?.clone()));
    let values = command.parameters.iter().filter_map(value).collect();
    Ok((OutputOptions::from_arg_matches(&matches)?, values))
}

fn option(parameter: &Parameter) -> Arg {
    let mut help = parameter.description.clone();
    if let Some(default) = &parameter.default {
        let _ = write!(help, "{}[default: {default}]", if help.is_empty() { "" } else { " " });
    }
    Arg::new(parameter.name.clone())
        .long(parameter.name.replace('_', "-"))
        .alias(parameter.name.clone())
        .value_name(parameter.kind.name().to_ascii_uppercase())
        .help(help)
}

fn list(commands: &[UserCommand]) -> String {
    let width = commands.iter().map(|command| command.name.len()).max().unwrap_or_default();
    let line = |command: &UserCommand| format!("{}\n", format!("{:width$}  {}", command.name, command.description).trim_end());
    commands.iter().map(line).collect()
}
