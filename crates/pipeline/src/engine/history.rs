//! The SQL of the views over weekly packages: the newest rows, all rows ever seen, and the lake as it was on a day. It runs nothing.
//!
//! Absence in a later package is not deletion: edX leaves rows out for reasons of its own. So no view forgets a row; `_cumulative` says of
//! each when it was first and last there.

use chrono::NaiveDate;
use czar_formats::database_file::schema::TableKey;

use crate::ingest::is_row_keyed;
use crate::lake::content_columns::loaded_as;
use crate::lake::schema::{LOADS, REJECTS, history_name};
use crate::sql;

/// The name of the view of all rows ever seen.
#[must_use]
pub fn cumulative_name(view: &str) -> String {
    format!("{view}_cumulative")
}

/// The newest loaded packages, for one table: a row for each course run, as `part`. Files whose course run nobody names are told apart by the
/// organisation and the course of their names, and each is a part of its own, by the id of its load.
fn newest_packages_sql(view: &str) -> String {
    format!(
        "select distinct site, package_date, coalesce(course_run_key, load_id) as part from (\
           select site, package_date, course_run_key, load_id, \
             max(package_date) over (\
               partition by site, course_run_key, \
                 case when course_run_key is null then org end, case when course_run_key is null then stem end\
             ) as newest_date \
           from loads where table_name = {} and state = 'loaded'\
         ) where package_date = newest_date",
        sql::text(loaded_as(view))
    )
}

/// The rows of the newest loaded package in which each course run appears.
pub(super) fn newest_package_sql(view: &str) -> String {
    format!(
        "select snapshot.* from {} as snapshot join ({}) as newest \
         on snapshot._site = newest.site and snapshot._package_date = newest.package_date \
         and coalesce(snapshot._course_run_key, snapshot._load_id) = newest.part",
        sql::name(&history_name(view)),
        newest_packages_sql(view)
    )
}

/// As [`newest_package_sql`] for lists of a whole organisation, whose rows name their own course runs: for each organisation the rows of
/// the newest list in which a course run appears.
pub(super) fn newest_list_sql(view: &str) -> String {
    let history = history_name(view);
    format!(
        "select snapshot.* from \"{history}\" as snapshot \
         join (select load_id as list_id, org as list_org from loads where table_name = '{view}' and state = 'loaded') as list \
           on snapshot._load_id = list.list_id \
         join (\
           select org as newest_org, _site as newest_site, _course_run_key as newest_key, max(_package_date) as newest_date \
           from \"{history}\" join loads on _load_id = load_id where table_name = '{view}' and state = 'loaded' \
           group by org, _site, _course_run_key\
         ) as newest on snapshot._site = newest.newest_site and snapshot._package_date = newest.newest_date \
         and (list.list_org is not distinct from newest.newest_org) \
         and (snapshot._course_run_key is not distinct from newest.newest_key)"
    )
}

/// For each key ever seen its newest row, the days of the first and last package it was in, and whether it is in the newest one.
pub(super) fn cumulative_sql(view: &str, key: TableKey) -> String {
    let run = if key.is_shared_by_runs { None } else { Some("_course_run_key".to_owned()) };
    let columns: Vec<String> =
        std::iter::once("_site".to_owned()).chain(run).chain(key.columns.iter().map(|column| sql::name(column))).collect();
    let columns = columns.join(", ");
    let history = sql::name(&history_name(view));
    // Rows of a list name their own course run, or belong to none.
    let (newest, part) = if is_row_keyed(view) {
        let part = "coalesce(_course_run_key, '')";
        let newest = format!("select _site as site, max(_package_date) as package_date, {part} as part from {history} group by 1, 3");
        (newest, part)
    } else {
        (newest_packages_sql(view), "coalesce(_course_run_key, _load_id)")
    };
    format!(
        "select seen.* except (czar_place, czar_part), seen._package_date as last_package_date, \
                newest.package_date is not distinct from seen._package_date as is_in_newest \
         from (\
           select history.*, {part} as czar_part, \
             row_number() over (partition by {columns} order by _package_date desc, _source_file desc, _source_line desc) as czar_place, \
             min(_package_date) over (partition by {columns}) as first_package_date \
           from {history} as history\
         ) as seen left join ({newest}) as newest on newest.site = seen._site and newest.part = seen.czar_part \
         where seen.czar_place = 1"
    )
}

/// What of a table had been delivered by a day: event files and packages of that day and before. `None` when the table has no day.
pub(super) fn as_of_sql(table: &str, columns: &[String], day: NaiveDate) -> Option<String> {
    let has = |name: &str| columns.iter().any(|column| column == name);
    let condition = if table == LOADS {
        format!("coalesce(log_date, package_date, {0}) <= {0}", sql::day(day))
    } else if table == REJECTS {
        // The loads are narrowed already.
        format!("load_id in (select load_id from {LOADS})")
    } else if has("_package_date") {
        format!("_package_date <= {}", sql::day(day))
    } else if has("_log_date") {
        format!("_log_date <= {}", sql::day(day))
    } else {
        return None;
    };
    Some(format!("select * from {} where {condition}", sql::name(table)))
}
