//! `czar notify`: tries the settings of notices, shows their texts, sends what waits, and tells what was sent. It makes up no event: what is
//! sent as a test says so.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::builder::PossibleValue;
use clap::{Args, Subcommand, ValueHint};
use czar_pipeline::atomic_file;
use czar_pipeline::control::notices::{Channel, DeliveryState, NoticeLine};
use czar_pipeline::control::{Control, RunLock};
use czar_pipeline::notify::templates::BUILT_IN;
use czar_pipeline::notify::{self, DeliverySummary, NoticeKind};

use crate::exit::Outcome;
use crate::failure::refusal_with_hint;
use crate::outbox;
use crate::output::ReportFormat;
use crate::words;
use crate::workplace::Workplace;

/// Arguments of `czar notify`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Subcommands,
}

/// What to do about notices.
#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Send a notice with made-up facts to whom a real one would go
    Test {
        /// Of which kind
        #[arg(long, value_name = "KIND", value_parser = kind_parser(), default_value = "failure")]
        kind: String,

        /// Print it instead of sending it
        #[arg(long)]
        dry_run: bool,
    },
    /// Send what waits because a server could not be reached
    Send,
    /// List the built-in texts, or write them into a folder to be edited
    Templates {
        /// Folder to write them into; files that are there stay
        #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
        write: Option<PathBuf>,

        /// Print one of them
        #[arg(long, value_name = "NAME", conflicts_with = "write")]
        show: Option<String>,
    },
    /// List what was sent to whom, newest first
    Log {
        /// How many notices to list
        #[arg(long, value_name = "N", default_value_t = 20)]
        last: u64,

        /// How to print it
        #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
        format: ReportFormat,
    },
}

fn kind_parser() -> clap::builder::PossibleValuesParser {
    NoticeKind::ALL.map(|kind| PossibleValue::new(kind.name()).help(kind.meaning())).to_vec().into()
}

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    match &arguments.command {
        Subcommands::Test { kind, dry_run } => {
            let kind = NoticeKind::of_name(kind).unwrap_or(NoticeKind::Failure);
            if *dry_run { preview(kind, workplace) } else { test(kind, workplace) }
        }
        Subcommands::Send => send(workplace),
        Subcommands::Templates { write: Some(folder), .. } => write_templates(folder, workplace),
        Subcommands::Templates { show: Some(name), .. } => show_template(name, workplace),
        Subcommands::Templates { .. } => list_templates(workplace),
        Subcommands::Log { last, format } => log(*last, *format, workplace),
    }
}

fn test(kind: NoticeKind, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let outbox = outbox::open(workplace.settings())?;
    if outbox.targets(kind).is_empty() {
        return Err(refusal_with_hint(
            format!("nobody is to be told when {}", kind.meaning()),
            format!("name people in `notify.{kind}` or `notify.everything`, or webhooks in `[webhooks]` of czar.toml"),
        ));
    }
    let control = Control::open(&workplace.settings().data_folder)?;
    let mut summary = notify::send_test(&control, &outbox, kind, workplace.clock)?;
    // What waits from runs has nothing to do with the test.
    summary.n_waiting = 0;
    let names: Vec<&str> = summary.sent_to.iter().map(|target| target.name.as_str()).collect();
    if !names.is_empty() {
        workplace.printer.say(&format!("Sent a test of `{kind}` to {}", names.join(", ")));
    }
    Ok(close(&summary, workplace))
}

fn send(workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let outbox = outbox::open(workplace.settings())?;
    let data_folder = &workplace.settings().data_folder;
    // A run that sends at the same time would send the same.
    let _lock = RunLock::take(data_folder, std::process::id(), (workplace.clock)())?;
    let control = Control::open(data_folder)?;
    let summary = notify::send_waiting(&control, &outbox, workplace.clock)?;
    workplace.printer.say(&outbox::in_words(&summary));
    Ok(close(&summary, workplace))
}

fn close(summary: &DeliverySummary, workplace: &Workplace<'_>) -> Outcome {
    outbox::tell_troubles(summary, workplace.printer);
    Outcome::with_trouble_if(!summary.troubles.is_empty())
}

fn preview(kind: NoticeKind, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let outbox = outbox::open(workplace.settings())?;
    let (notice, faults) = notify::preview(&outbox, kind, workplace.clock);
    workplace.printer.write_data(&format!("Subject: {}\n\n{}", notice.subject, notice.text))?;
    faults.iter().for_each(|fault| workplace.printer.warn(fault));
    Ok(Outcome::with_trouble_if(!faults.is_empty()))
}

fn list_templates(workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let folder = workplace.settings().notify.templates_folder.as_deref();
    let mut text = String::new();
    for (name, _) in BUILT_IN {
        let place = folder.map(|folder| folder.join(name)).filter(|path| path.is_file());
        let _ = match place {
            Some(path) => writeln!(text, "{name:24}yours: {}", path.display()),
            None => writeln!(text, "{name:24}built in"),
        };
    }
    workplace.printer.write_data(&text)?;
    Ok(Outcome::Done)
}

fn show_template(name: &str, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let Some((_, source)) = BUILT_IN.iter().find(|(known, _)| *known == name) else {
        let hint = match words::nearest(name, BUILT_IN.iter().map(|(known, _)| *known)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`czar notify templates` lists them".to_owned(),
        };
        return Err(refusal_with_hint(format!("there is no template `{name}`"), hint));
    };
    workplace.printer.write_data(source)?;
    Ok(Outcome::Done)
}

fn write_templates(folder: &Path, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    std::fs::create_dir_all(folder).with_context(|| format!("could not make the folder `{}`", folder.display()))?;
    let (mut n_written, mut n_kept) = (0, 0);
    for (name, source) in BUILT_IN {
        let path = folder.join(name);
        if path.exists() {
            n_kept += 1;
            continue;
        }
        atomic_file::write(&path, source.as_bytes()).with_context(|| format!("could not write `{}`", path.display()))?;
        n_written += 1;
    }
    let kept = if n_kept > 0 { format!(", kept {n_kept} that were there") } else { String::new() };
    workplace.printer.say(&format!("Wrote {} into `{}`{kept}", words::count(n_written, "template"), folder.display()));
    let setting = workplace.settings().notify.templates_folder.as_deref();
    if setting != Some(folder) {
        workplace
            .printer
            .hint(&format!("set `notify.templates_folder = \"{}\"`, and delete those that you leave as they are", folder.display()));
    }
    Ok(Outcome::Done)
}

fn log(last: u64, format: ReportFormat, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let data_folder = &workplace.settings().data_folder;
    // Looking makes nothing.
    let lines = if Control::exists(data_folder) { Control::open(data_folder)?.notice_lines(last)? } else { Vec::new() };
    let text = match format {
        ReportFormat::Json => serde_json::to_string_pretty(&lines)? + "\n",
        ReportFormat::Text => lines.iter().map(line).collect(),
    };
    workplace.printer.write_data(&text)?;
    if lines.is_empty() {
        workplace.printer.say("Nobody was told of anything");
    }
    Ok(Outcome::Done)
}

/// `2026-11-20 02:00 UTC  failure  step sync  mail ada@example.org: sent`
fn line(line: &NoticeLine) -> String {
    let test = if line.is_test { " (test)" } else { "" };
    let held = if line.n_held > 0 { format!(" (and {} more)", words::count(line.n_held, "time")) } else { String::new() };
    let mut text = format!("{}  {}{test}  {}{held}", line.made_at.format("%Y-%m-%d %H:%M UTC"), line.kind, line.topic);
    if let (Some(target), Some(state)) = (&line.target, line.state) {
        let channel = match target.channel {
            Channel::Mail => "mail",
            Channel::Webhook => "webhook",
        };
        let _ = write!(text, "  {channel} {}: {}", target.name, in_words(state));
    }
    text.push('\n');
    if let (Some(error), true) = (&line.error, line.state != Some(DeliveryState::Sent)) {
        let _ = writeln!(text, "    {error}");
    }
    text
}

fn in_words(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Waiting => "waiting",
        DeliveryState::Sent => "sent",
        DeliveryState::Refused => "refused",
        DeliveryState::GivenUp => "given up",
        DeliveryState::Dropped => "not sent",
    }
}
