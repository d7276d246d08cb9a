//! What changed from one weekly package to another: rows that came, went or changed, by table. It writes SQL and finds the packages; it
//! says nothing of why a row is gone.
//!
//! Rows are followed by the key of their table (`lake::schema::snapshot_key`) within a course run; the wiki's within a site, since its
//! files repeat the same rows for every run of a course. Rows of a table without a known key are compared as a whole: they come or go, and
//! never change. Bookkeeping columns do not count.

use chrono::NaiveDate;

use crate::engine::{Engine, EngineError};
use crate::ingest::is_row_keyed;
use crate::lake::schema::{SNAPSHOT_BOOKKEEPING, history_name, snapshot_key};
use crate::sql;

/// Two packages to compare, and what of them.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Day of the earlier package.
    pub from: NaiveDate,
    /// Day of the later package.
    pub to: NaiveDate,
    /// Only this course run.
    pub course_run_key: Option<String>,
}

/// How the counts of a table are split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountsBy {
    /// One row for the table.
    Table,
    /// One row for each course run.
    CourseRun,
}

impl Comparison {
    /// Tables with a file in either package, by name.
    ///
    /// # Errors
    /// The lake cannot be read.
    pub fn tables(&self, engine: &Engine) -> Result<Vec<String>, EngineError> {
        let course = self.course_condition("course_run_key");
        let sql = format!(
            "select distinct table_name from loads where state = 'loaded' and table_name is not null and kind <> 'program_report' \
             and package_date in ({}, {}){course} order by 1",
            sql::day(self.from),
            sql::day(self.to)
        );
        let names = engine.texts(&sql)?;
        Ok(names.into_iter().filter(|name| engine.has_table(&history_name(name))).collect())
    }

    /// Counts for one table: rows before and after, added, removed, changed.
    ///
    /// # Errors
    /// The table cannot be read.
    pub fn counts_sql(&self, engine: &Engine, table: &str, by: CountsBy) -> Result<String, EngineError> {
        let own = own_columns(engine, table)?;
        let (groups, grouping) = match by {
            CountsBy::Table => ("", ""),
            CountsBy::CourseRun => (
                "coalesce(n.site, o.o_site) as site, coalesce(n.run, o.o_run) as course_run_key, ",
                " group by coalesce(n.site, o.o_site), coalesce(n.run, o.o_run) order by 2, 3",
            ),
        };
        Ok(format!(
            "{} select {} as table_name, {groups}count(o.o_row) as n_before, count(n.row_key) as n_after, \
             count(case when o.o_row is null then 1 end) as n_added, count(case when n.row_key is null then 1 end) as n_removed, \
             count(case when {} then 1 end) as n_changed {JOIN}{grouping}",
            self.sides(table, &own),
            sql::text(table),
            changed(&own)
        ))
    }

    /// The rows of one table that came, went or changed. Beside the columns of the table: `change`, `changed_columns`, and `before` with the
    /// old values of a changed row.
    ///
    /// # Errors
    /// The table cannot be read.
    pub fn rows_sql(&self, engine: &Engine, table: &str) -> Result<String, EngineError> {
        let own = own_columns(engine, table)?;
        let key: Vec<&str> = snapshot_key(table).map(|key| key.columns.to_vec()).unwrap_or_default();
        // The key first: it says which row this is.
        let (first, rest): (Vec<&String>, Vec<&String>) = own.iter().partition(|column| key.contains(&column.as_str()));
        let both = format!("(o.o_row is not null and n.row_key is not null and {})", any_differs(&own));
        let when_different = |column: &String, value: String| format!("case when {} then {value} end", differs(column));
        let changed_columns: Vec<String> = own.iter().map(|column| when_different(column, sql::text(column))).collect();
        let before: Vec<String> = own
            .iter()
            .map(|column| {
                let old = format!("coalesce(cast(o.{} as varchar), 'null')", old(column));
                when_different(column, format!("concat({}, {old})", sql::text(&format!("{column}="))))
            })
            .collect();
        let values: Vec<String> = first
            .into_iter()
            .chain(rest)
            .map(|column| {
                format!("case when n.row_key is null then o.{} else n.{} end as {}", old(column), sql::name(column), sql::name(column))
            })
            .collect();
        Ok(format!(
            "{} select * from (select \
             case when o.o_row is null then 'added' when n.row_key is null then 'removed' when {both} then 'changed' end as change, \
             case when {both} then concat_ws(', ', {}) end as changed_columns, case when {both} then concat_ws('; ', {}) end as before, \
             coalesce(n.site, o.o_site) as _site, coalesce(n.run, o.o_run) as _course_run_key, {} {JOIN}) as compared \
             where change is not null order by _site, _course_run_key, {}, change",
            self.sides(table, &own),
            changed_columns.join(", "),
            before.join(", "),
            values.join(", "),
            sql::names(if key.is_empty() { own.iter().map(String::as_str).collect() } else { key })
        ))
    }

    /// Course runs with a file in one of the two packages only: those that are gone, and those that are new.
    ///
    /// # Errors
    /// The lake cannot be read.
    pub fn course_runs_of_one(&self, engine: &Engine) -> Result<(Vec<String>, Vec<String>), EngineError> {
        let of = |day: NaiveDate| {
            engine.texts(&format!(
                "select distinct course_run_key from loads where state = 'loaded' and course_run_key <> '' and package_date = {} order by 1",
                sql::day(day)
            ))
        };
        let (before, after) = (of(self.from)?, of(self.to)?);
        let gone = before.iter().filter(|run| !after.contains(run)).cloned().collect();
        Ok((gone, after.into_iter().filter(|run| !before.contains(run)).collect()))
    }

    /// The rows of both packages with a text that follows a row: its key, and how many rows with this key stand before it.
    fn sides(&self, table: &str, own: &[String]) -> String {
        let key = snapshot_key(table).filter(|key| key.columns.iter().all(|column| own.iter().any(|own| own == column)));
        let run = "coalesce(_course_run_key, '')";
        let is_shared = key.is_some_and(|key| key.is_shared_by_runs);
        let scope = if is_shared { "''" } else { run };
        let columns: Vec<&str> = key.map_or_else(|| own.iter().map(String::as_str).collect(), |key| key.columns.to_vec());
        let parts: Vec<String> =
            columns.iter().map(|column| format!("coalesce(cast({} as varchar), chr(29))", sql::name(column))).collect();
        let row_key = format!("concat_ws(chr(30), {scope}, {})", parts.join(", "));
        let side = |prefix: &str, day: NaiveDate| {
            let columns: Vec<String> = own
                .iter()
                .map(|column| if prefix.is_empty() { sql::name(column) } else { format!("{} as {}", sql::name(column), old(column)) })
                .collect();
            // Shared rows stand in the file of every run; the first of them speaks for all.
            let repeats = if is_shared { " where repeat = 1" } else { "" };
            let columns = columns.join(", ");
            let (site, run_name, row, repeat) =
                if prefix.is_empty() { ("site", "run", "row_key", "repeat") } else { ("o_site", "o_run", "o_row", "o_repeat") };
            let inner = format!(
                "select _site as {site}, {run} as {run_name}, {row_key} as {row}, \
                 row_number() over (partition by _site, {row_key} order by _source_file, _source_line) as {repeat}, {columns} \
                 from {} where _package_date = {}{}",
                sql::name(&history_name(table)),
                sql::day(day),
                self.course_condition("_course_run_key")
            );
            format!("select * from ({inner}) as numbered{}", repeats.replace("repeat", repeat))
        };
        format!("with old_rows as ({}), new_rows as ({})", side("o_", self.from), side("", self.to))
    }

    fn course_condition(&self, column: &str) -> String {
        self.course_run_key.as_ref().map(|run| format!(" and {column} = {}", sql::text(run))).unwrap_or_default()
    }
}

const JOIN: &str = "from old_rows as o full join new_rows as n on o.o_site = n.site and o.o_row = n.row_key and o.o_repeat = n.repeat";

/// The days of the packages in the lake, oldest first. Reports on programmes are no packages; their days count for their own tables.
///
/// # Errors
/// The lake cannot be read.
pub fn package_days(engine: &Engine, table: Option<&str>) -> Result<Vec<NaiveDate>, EngineError> {
    let which = match table.filter(|table| is_row_keyed(table)) {
        Some(table) => format!("table_name = {}", sql::text(table)),
        None => "kind not in ('program_report', 'email_opt_in')".to_owned(),
    };
    let sql = format!("select distinct package_date from loads where package_date is not null and state = 'loaded' and {which} order by 1");
    Ok(engine.texts(&sql)?.iter().filter_map(|day| day.parse().ok()).collect())
}

fn own_columns(engine: &Engine, table: &str) -> Result<Vec<String>, EngineError> {
    let columns = engine.columns(&history_name(table))?.into_iter().map(|(name, _)| name);
    Ok(columns.filter(|name| !SNAPSHOT_BOOKKEEPING.iter().any(|(bookkeeping, _)| bookkeeping == name)).collect())
}

/// The name a column has among the old rows. Two sides of a join with the same name trip DataFusion 55 (apache/datafusion issue 25244).
fn old(column: &str) -> String {
    sql::name(&format!("o.{column}"))
}

fn differs(column: &str) -> String {
    format!("(o.{} is distinct from n.{})", old(column), sql::name(column))
}

fn any_differs(own: &[String]) -> String {
    if own.is_empty() {
        "false".to_owned()
    } else {
        format!("({})", own.iter().map(|column| differs(column)).collect::<Vec<_>>().join(" or "))
    }
}

fn changed(own: &[String]) -> String {
    format!("o.o_row is not null and n.row_key is not null and {}", any_differs(own))
}
