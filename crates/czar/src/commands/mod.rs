//! One file a command. A command reads its arguments, lets the pipeline work, and says what came of it.

pub(crate) mod bench;
pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod cmd;
pub(crate) mod completions;
pub(crate) mod config_show;
pub(crate) mod courses;
pub(crate) mod demo;
pub(crate) mod diff;
pub(crate) mod events;
pub(crate) mod explain;
pub(crate) mod ingest;
pub(crate) mod init;
pub(crate) mod inventory;
pub(crate) mod notify;
pub(crate) mod query;
pub(crate) mod reference;
pub(crate) mod rejects;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod serve;
pub(crate) mod status;
pub(crate) mod sync;
pub(crate) mod synth;
pub(crate) mod token;
pub(crate) mod unpack;

use czar_pipeline::clock::Clock;

use crate::cli::{Cli, Command};
use crate::exit::Outcome;
use crate::printer::Printer;
use crate::workplace::Workplace;

/// Runs the command that was asked for. Commands that need no settings do not read them: a broken czar.toml must not stand in their way.
pub(crate) fn run(cli: Cli, printer: &Printer, clock: Clock) -> anyhow::Result<Outcome> {
    let Cli { general, command } = cli;
    let open = |flags| Workplace::open(&general, flags, printer, clock);
    match command {
        Command::Init(arguments) => init::run(&arguments, printer, clock),
        Command::Inventory(arguments) => inventory::run(&arguments, &general, printer, clock),
        Command::Sync(arguments) => sync::run(&arguments, &open(Vec::new())?),
        Command::Ingest(arguments) => ingest::run(&arguments, &open(arguments.flags())?),
        Command::Build(arguments) => build::run(&arguments, &open(arguments.flags())?),
        Command::Run(arguments) => run::run(&arguments, &open(Vec::new())?),
        Command::Runs(arguments) => runs::run(&arguments, &open(Vec::new())?),
        Command::Unpack(arguments) => unpack::run(&arguments, &open(Vec::new())?),
        Command::Notify(arguments) => notify::run(&arguments, &open(Vec::new())?),
        Command::Serve(arguments) => serve::run(&open(arguments.flags())?),
        Command::Token(arguments) => token::run(&arguments, &open(Vec::new())?),
        Command::Query(arguments) => query::run(&arguments, &open(arguments.flags())?),
        Command::Status(arguments) => status::run(&arguments, &open(Vec::new())?),
        Command::Check(arguments) => check::run(&arguments, &open(Vec::new())?),
        Command::Rejects(arguments) => rejects::run(&arguments, &open(arguments.flags())?),
        Command::Cmd(arguments) => cmd::run(&arguments, &open(Vec::new())?),
        Command::Courses(arguments) => courses::run(&arguments, &open(Vec::new())?),
        Command::Explain(arguments) => explain::run(&arguments, &open(arguments.flags())?),
        Command::Diff(arguments) => diff::run(&arguments, &open(Vec::new())?),
        Command::Events(arguments) => events::run(&arguments, &open(Vec::new())?),
        Command::Bench(arguments) => bench::run(&arguments, &open(arguments.flags())?),
        Command::Synth(arguments) => synth::run(&arguments, general.verbose, printer),
        Command::Demo(arguments) => demo::run(&arguments, &general, printer, clock),
        Command::Config(arguments) => config_show::run(&arguments, &open(Vec::new())?),
        Command::Completions(arguments) => completions::run(&arguments, printer),
        Command::Reference(arguments) => reference::run(&arguments, printer),
    }
}
