//! The commands and their arguments, as the user types them. The help texts here are also the reference page. Nothing is done here.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueHint};

use crate::commands::{
    bench, build, check, cmd, completions, config_show, courses, demo, diff, events, explain, ingest, init, inventory, notify, query,
    reference, rejects, run, runs, serve, status, sync, synth, token, unpack,
};
use crate::test_clock::TestClock;

/// The data czar's job in one program: reads the data packages that edX sends, keeps them queryable, and derives the research tables.
#[derive(Debug, Parser)]
#[command(
    name = "czar",
    version,
    propagate_version = false,
    disable_help_subcommand = true,
    after_help = "New here? `czar demo` makes a synthetic delivery and takes it all the way to `person_course`.",
    arg_required_else_help = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) general: GeneralOptions,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Arguments as the parser understands them. A query may begin with a comment, which looks like an option; a space before it makes it a text.
/// It is told by white space in what would be the name of the option.
pub(crate) fn with_comments(arguments: impl IntoIterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let mut is_query = false;
    arguments.into_iter().map(move |argument| {
        is_query |= argument == "query";
        let name = argument.to_str().and_then(|text| text.split('=').next()).unwrap_or_default();
        if is_query && name.starts_with("--") && name.contains(char::is_whitespace) {
            let mut text = OsString::from(" ");
            text.push(argument);
            text
        } else {
            argument
        }
    })
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct GeneralOptions {
    /// Configuration file [default: czar.toml in the current folder, if there is one]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "General options", display_order = 900)]
    pub(crate) config: Option<PathBuf>,

    /// Folder for everything czar keeps, in place of the setting `data_folder`
    #[arg(long, global = true, value_name = "FOLDER", value_hint = ValueHint::DirPath, help_heading = "General options", display_order = 901)]
    pub(crate) data_folder: Option<PathBuf>,

    /// Write a log of the work to stderr; the environment variable CZAR_LOG chooses what is in it
    #[arg(short, long, global = true, action = ArgAction::SetTrue, help_heading = "General options", display_order = 902)]
    pub(crate) verbose: bool,

    /// For tests: begin at another moment and go faster, as in `2026-03-01T20:00:00Z*3600`
    #[arg(long, global = true, hide = true, value_name = "MOMENT*SPEED", value_hint = ValueHint::Other)]
    pub(crate) test_clock: Option<TestClock>,
}

/// All commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Set up a folder: write an annotated czar.toml, and make or import the data czar's key
    Init(init::Arguments),
    /// Tell what a folder or bucket of deliveries holds and lacks: a calendar of days and weeks, and what is wrong
    Inventory(inventory::Arguments),
    /// Fetch what edX has delivered since the last time, from its buckets or a copy of them
    Sync(sync::Arguments),
    /// Load what is new in a delivery into the lake
    Ingest(ingest::Arguments),
    /// Build the research tables from the lake
    Build(build::Arguments),
    /// Lay a delivery out as clear files, for tools that expect those
    Unpack(unpack::Arguments),
    /// Do all that a night needs: fetch, load, build, report, tell
    Run(run::Arguments),
    /// Show what past runs did, and how far the present one is
    Runs(runs::Arguments),
    /// Try, show and look up what people are told by e-mail and webhooks
    Notify(notify::Arguments),
    /// Stay at work: start runs by schedule and when files arrive, and tell how it goes over HTTP
    Serve(serve::Arguments),
    /// Make, list and revoke tokens, with which the server may be asked
    Token(token::Arguments),
    /// Ask the lake and the research tables in SQL
    Query(query::Arguments),
    /// Show what is loaded, what is missing and what failed
    Status(status::Arguments),
    /// Look for what is wrong, and say what to do and what to ask edX for
    Check(check::Arguments),
    /// Show the records that were set aside, and why
    Rejects(rejects::Arguments),
    /// Run a query of your own by name, or list them
    Cmd(cmd::Arguments),
    /// List course runs: those of the institution's own list, and those it lacks
    Courses(courses::Arguments),
    /// Explain a number of a research table: its definition, and the lines it was made from
    Explain(explain::Arguments),
    /// Show what changed from one weekly package to another
    Diff(diff::Arguments),
    /// Count the types of events: by whom they are sent, since when, and which are new
    Events(events::Arguments),
    /// Write a synthetic delivery that looks like what edX sends
    Synth(synth::Arguments),
    /// Make a synthetic delivery, load it, build the research tables and check every number
    Demo(demo::Arguments),
    /// Measure what each stage of the work costs on this machine, in about a minute
    Bench(bench::Arguments),
    /// Look at the configuration
    Config(config_show::Arguments),
    /// Write a completion script for a shell
    Completions(completions::Arguments),
    /// Write or check the reference pages of the documentation
    #[command(hide = true)]
    Reference(reference::Arguments),
}
