//! `czar courses`: the course runs that the institution's own list names, and those that edX delivers and the list lacks. It writes the
//! list into the lake, where models join it, and never into the file: people keep that.

use std::fmt::Write as _;

use clap::Args;
use czar_pipeline::courses;
use czar_pipeline::engine::Engine;
use czar_pipeline::lake::Lake;

use crate::exit::Outcome;
use crate::output::{OutputOptions, text_rows};
use crate::words;
use crate::workplace::Workplace;

/// Arguments of `czar courses`.
#[derive(Debug, Args)]
#[command(after_help = "The list is the file of the setting `courses.file`:\n\n  \
    [[course]]\n  \
    id = \"PHYS101\"\n  \
    name = \"Mechanics\"\n  \
    department = \"Physics\"\n  \
    start = 2018-03-04\n  \
    course_run_keys = [\"course-v1:UniversityX+PHYS101x+T1_2018\"]\n  \
    attributes = { language = \"en\" }\n\n\
    Reports and queries join it as `course_list`; `course_totals` has it with the numbers of learners.")]
pub(crate) struct Arguments {
    /// Print entries for the course runs that are delivered and not in the list, to be put into the file
    #[arg(long, conflicts_with_all = ["format", "output"])]
    propose: bool,

    #[command(flatten)]
    output: OutputOptions,
}

const LISTED: &str = "select site, course_run_key, course_id, course_name, department, start_date, end_date, attributes, is_registered, \
                      is_delivered from course_list order by is_registered desc, course_id, course_run_key, site";

const UNREGISTERED: &str = "select site, course_run_key from course_list where not is_registered order by course_run_key, site";

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    arguments.output.check(workplace.printer)?;
    let lake = workplace.existing_lake()?;
    store(&lake, workplace)?;
    let engine = workplace.engine(&lake)?;
    let n_unregistered = text_rows(&engine, UNREGISTERED)?.len() as u64;
    if arguments.propose {
        workplace.printer.write_data(&proposal(&engine)?)?;
    } else {
        arguments.output.write(&engine, &[LISTED.to_owned()], workplace.printer)?;
    }
    let file = workplace.settings().courses.file.display();
    let runs = words::count(n_unregistered, "course run");
    match (n_unregistered, arguments.propose) {
        (0, _) => workplace.printer.say(&format!("Every course run is in `{file}`")),
        (_, true) => workplace.printer.say(&format!("{runs} not in `{file}`: complete these entries and put them there")),
        (_, false) => workplace.printer.say(&format!("{runs} not in `{file}`: `czar courses --propose` prints entries for them")),
    }
    Ok(Outcome::Done)
}

/// Puts the list into the lake, if it has changed.
pub(crate) fn store(lake: &Lake, workplace: &Workplace<'_>) -> anyhow::Result<()> {
    let courses = courses::read(&workplace.settings().courses.file)?;
    courses::store(lake, &courses, &workplace.attempt())?;
    Ok(())
}

/// Entries for runs that the list lacks: one course for each, to be completed by people.
fn proposal(engine: &Engine) -> anyhow::Result<String> {
    let mut text = String::new();
    for row in text_rows(engine, UNREGISTERED)? {
        let value = |index: usize| row.get(index).cloned().flatten().unwrap_or_default();
        let (site, key) = (value(0), value(1));
        // `course-v1:UniversityX+DemoX+T1_2018` and `UniversityX/DemoX/2013` both name the course between organisation and run.
        let number = key.rsplit(':').next().unwrap_or(&key).split(['+', '/']).nth(1).unwrap_or(&key).to_owned();
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let _ = writeln!(text, "[[course]]\nid = {}\nname = \"\"\ndepartment = \"\"", quoted(&number));
        if site != "edx" {
            let _ = writeln!(text, "site = {}", quoted(&site));
        }
        let _ = writeln!(text, "course_run_keys = [{}]\n", quoted(&key));
    }
    Ok(text)
}
