//! `czar explain`: from a research table, a column and a key to the definition and to the lines behind the number. It only reads.

mod about;
mod definition;
mod text;
mod value;

use chrono::NaiveDate;
use clap::Args;
use czar_pipeline::explain::Key;
use czar_pipeline::marts::{Model, column_docs, models};
use czar_pipeline::originals::{Original, RecordPlace};

use crate::config::Flag;
use crate::exit::Outcome;
use crate::failure::refusal_with_hint;
use crate::output::ReportFormat;
use crate::raw_records::{self, RawOptions, WantedRecord};
use crate::words::nearest;
use crate::workplace::Workplace;

use about::About;
use value::Explained;

/// Arguments of `czar explain`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    czar explain person_course\n  \
    czar explain person_course.viewed\n  \
    czar explain person_course.nplay_video site=edx course_run_key=course-v1:UniversityX+DemoX+2015 user_id=2003\n  \
    czar explain person_course_day.nevents user_id=2003 date=2015-03-01 --lines 20 --show-lines")]
pub(crate) struct Arguments {
    /// A research table, or a column of one: `person_course.nplay_video`
    #[arg(value_name = "TABLE[.COLUMN]")]
    name: String,

    /// Which row: columns of the table's key with their values; the value is told when one row has them
    #[arg(value_name = "KEY=VALUE")]
    key: Vec<String>,

    /// Name so many of the lines behind the value
    #[arg(long, value_name = "N", default_value_t = 5)]
    lines: u64,

    /// Show what the lines say, read again from where they were delivered: learner data, on stdout only
    #[arg(long)]
    show_lines: bool,

    #[command(flatten)]
    raw_options: RawOptions,

    /// Explain the number as of this day: as if nothing had been delivered after it
    #[arg(long, value_name = "DATE")]
    as_of: Option<NaiveDate>,

    /// How to print it
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
}

impl Arguments {
    /// The arguments that are settings.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        self.raw_options.flags()
    }
}

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let (model, column) = named(&arguments.name)?;
    let key = key_of(model, &arguments.key)?;
    let about = about::about(model, column);
    // A definition can be read without a lake.
    let is_asked = !key.is_empty() || arguments.as_of.is_some() || arguments.show_lines;
    let explained = match column.filter(|_| is_asked || workplace.has_lake()) {
        Some(column) => {
            let lake = workplace.existing_lake()?;
            let engine = workplace.engine_as_of(&lake, arguments.as_of)?;
            let lake = arguments.as_of.is_none().then_some(&lake);
            Some(value::explain(&engine, lake, model, column, &key, arguments.lines)?)
        }
        None => None,
    };
    print(arguments, &about, explained.as_ref(), workplace)?;
    let Some(explained) = explained.filter(|_| arguments.show_lines) else { return Ok(Outcome::Done) };
    raw_records::show(&wanted(&explained, workplace), &arguments.raw_options, workplace)
}

fn print(arguments: &Arguments, about: &About, explained: Option<&Explained>, workplace: &Workplace<'_>) -> anyhow::Result<()> {
    let text = match arguments.format {
        ReportFormat::Text => text::write(about, explained),
        ReportFormat::Json => {
            let mut value = serde_json::to_value(about)?;
            if let (Some(object), Some(explained)) = (value.as_object_mut(), explained) {
                object.insert("explained".to_owned(), serde_json::to_value(explained)?);
            }
            format!("{}\n", serde_json::to_string_pretty(&value)?)
        }
    };
    Ok(workplace.printer.write_data(&text)?)
}

/// The records to read again. Blocks of a course structure and of a course archive are entries of one document, not lines.
fn wanted(explained: &Explained, workplace: &Workplace<'_>) -> Vec<WantedRecord> {
    let mut wanted = Vec::new();
    for line in explained.evidence.iter().flat_map(|evidence| &evidence.lines) {
        let (Some(source_path), Some(number)) = (&line.source_path, line.line) else { continue };
        if matches!(line.kind.as_deref(), Some("course_structure" | "course_archive")) {
            workplace.printer.say(&format!("{}: entry {number} of one document is not shown", line.file));
            continue;
        }
        let load_id = line.load_id.clone().unwrap_or_default();
        let original = Original { source_path: source_path.clone(), file_key: line.file.clone(), load_id };
        wanted.push(WantedRecord { original, place: RecordPlace::Line(number), label: format!("{}:{number}", line.file) });
    }
    wanted
}

/// The model and the column that are asked for.
fn named(name: &str) -> anyhow::Result<(&'static Model, Option<&str>)> {
    let (model_name, column) = name.split_once('.').map_or((name, None), |(model, column)| (model, Some(column)));
    let Some(model) = models().iter().find(|model| model.name == model_name) else {
        let hint = nearest(model_name, models().iter().map(|model| model.name.as_str())).map_or_else(
            || "`czar build --list` names them; tables that `ingest` fills stand in docs/reference/tables.md".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(refusal_with_hint(format!("there is no research table `{model_name}`"), hint));
    };
    let docs = column_docs(&model.name);
    if let Some(column) = column.filter(|column| !docs.contains_key(*column)) {
        let hint = nearest(column, docs.keys().map(String::as_str)).map_or_else(
            || format!("`czar explain {model_name}` lists its columns"),
            |near| format!("did you mean `{model_name}.{near}`?"),
        );
        return Err(refusal_with_hint(format!("`{model_name}` has no column `{column}`"), hint));
    }
    Ok((model, column))
}

fn key_of(model: &Model, given: &[String]) -> anyhow::Result<Key> {
    let mut key = Key::new();
    for pair in given {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(refusal_with_hint(format!("`{pair}` is no part of a key"), "write it as KEY=VALUE, such as `user_id=2003`"));
        };
        if !model.key.iter().any(|known| known == name) {
            let known = model.key.join(", ");
            return Err(refusal_with_hint(format!("`{name}` is not in the key of `{}`", model.name), format!("its key is {known}")));
        }
        key.insert(name.to_owned(), value.to_owned());
    }
    Ok(key)
}
