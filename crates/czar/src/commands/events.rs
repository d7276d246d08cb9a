//! `czar events`: a census of the types of events in the lake. It counts events; it shows none.

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use czar_formats::tracking_log::known_events;
use czar_pipeline::sql;

use crate::exit::Outcome;
use crate::output::OutputOptions;
use crate::words;
use crate::workplace::Workplace;

/// Arguments of `czar events`.
#[derive(Debug, Args)]
#[command(
    after_help = "One row for each event type and sender. `is_documented` tells whether edX's documentation has it; requests for pages are\n\
    `page:` and the kind of page. `is_new` tells whether it came first on the newest day of the log (with --new-since: on that day or later)."
)]
pub(crate) struct Arguments {
    /// Only types that are new: first seen in the newest day of the log
    #[arg(long = "new")]
    only_new: bool,

    /// Only types that came first on this day of the log or later
    #[arg(long, value_name = "DATE")]
    new_since: Option<NaiveDate>,

    /// Only types that are not documented
    #[arg(long)]
    undocumented: bool,

    /// Only events of this course run
    #[arg(long, value_name = "KEY")]
    course: Option<String>,

    /// Only events of this site
    #[arg(long, value_name = "SITE")]
    site: Option<String>,

    /// Count for each of these separately
    #[arg(long, value_enum, value_name = "WHAT")]
    by: Option<By>,

    /// Count how payloads came instead: as objects, as text, cut short ...
    #[arg(long, conflicts_with_all = ["only_new", "new_since", "undocumented", "by"])]
    payloads: bool,

    #[command(flatten)]
    output: OutputOptions,
}

/// What a census is split by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// Months, of the time of the event
    Month,
    /// Course runs
    Course,
    /// Sites
    Site,
}

impl By {
    /// The column's name and its value.
    fn column(self) -> (&'static str, &'static str) {
        match self {
            Self::Month => ("month", "to_char(time, '%Y-%m')"),
            Self::Course => ("course_run_key", "course_run_key"),
            Self::Site => ("site", "_site"),
        }
    }
}

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    arguments.output.check(workplace.printer)?;
    let lake = workplace.existing_lake()?;
    let engine = workplace.engine(&lake)?;
    let sql = if arguments.payloads { payloads_sql(arguments) } else { census_sql(arguments) };
    let n_rows = arguments.output.write(&engine, &[sql], workplace.printer)?;
    let what = if arguments.payloads { "kind of payload" } else { "type" };
    let counted =
        if arguments.payloads && n_rows != 1 { format!("{} kinds of payload", words::number(n_rows)) } else { words::count(n_rows, what) };
    workplace.printer.say(&format!("{counted}{} ({})", arguments.output.place(), words::duration(workplace.elapsed())));
    Ok(Outcome::Done)
}

fn census_sql(arguments: &Arguments) -> String {
    let known: Vec<String> =
        known_events().iter().map(|event| format!("({}, {})", sql::text(event.event_name), sql::text(event.group))).collect();
    let (by, by_value) = arguments.by.map_or((None, ""), |by| (Some(by.column().0), by.column().1));
    let select_by = by.map(|name| format!("{by_value} as {name}, ")).unwrap_or_default();
    let by = by.map(|name| format!("{name}, ")).unwrap_or_default();
    // Groups are counted in two steps: several count(distinct ...) at once are slow.
    let counted = format!(
        "select {select_by}event_name, event_source, course_run_key as run, _site as of_site, count(*) as n, min(time) as first_time, \
         max(time) as last_time from tracking_events{} group by {}event_name, event_source, course_run_key, _site",
        conditions(arguments),
        if by_value.is_empty() { String::new() } else { format!("{by_value}, ") }
    );
    // Whether a type is new is asked of the whole log, not of the course or month that is looked at.
    let since = arguments.new_since.map_or_else(|| "newest_log_date".to_owned(), sql::day);
    let first_days = format!(
        "select new_name, bool_and(first_log_date >= {since}) as is_new from (\
           select event_name as new_name, _site as new_site, min(_log_date) as first_log_date from tracking_events group by event_name, _site\
         ) as firsts join (select _site as newest_site, max(_log_date) as newest_log_date from tracking_events group by _site) as newest \
         on newest_site = new_site group by new_name"
    );
    let mut wanted: Vec<&str> = Vec::new();
    if arguments.only_new || arguments.new_since.is_some() {
        wanted.push("is_new");
    }
    if arguments.undocumented {
        wanted.push("not is_documented");
    }
    let wanted = if wanted.is_empty() { String::new() } else { format!("where {}", wanted.join(" and ")) };
    format!(
        "select * from (select {by}event_name, event_source, n_events, n_course_runs, first_time, last_time, \
           case when event_name like 'page:%' then 'page' else known_group end as event_group, \
           (event_name like 'page:%' or known_group is not null) as is_documented, is_new \
         from (values {}) as known(known_name, known_group) right join (\
           select {by}event_name, event_source, sum(n) as n_events, count(distinct run) as n_course_runs, min(first_time) as first_time, \
             max(last_time) as last_time from ({counted}) as counted group by {by}event_name, event_source\
         ) as census on known_name = event_name join ({first_days}) as first_days on new_name = event_name) as told {wanted} \
         order by {by}n_events desc, event_name, event_source",
        known.join(", ")
    )
}

fn payloads_sql(arguments: &Arguments) -> String {
    format!(
        "select event_source, event_status, n_events, round(cast(n_events as double) / sum(n_events) over (), 4) as share_of_events from (\
           select event_source, event_status, count(*) as n_events from tracking_events{} group by event_source, event_status\
         ) as counted order by n_events desc, event_source, event_status",
        conditions(arguments)
    )
}

fn conditions(arguments: &Arguments) -> String {
    let course = arguments.course.as_ref().map(|key| format!("course_run_key = {}", sql::text(key)));
    let site = arguments.site.as_ref().map(|site| format!("_site = {}", sql::text(site)));
    let all: Vec<String> = course.into_iter().chain(site).collect();
    if all.is_empty() { String::new() } else { format!(" where {}", all.join(" and ")) }
}
