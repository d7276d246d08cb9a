//! The rows of a table that belong to a key, and the lines they stand in. It reads places, not contents.

use super::Key;
use super::walk::Evidence;
use crate::engine::{Engine, EngineError};
use crate::sql;

/// The lines behind a value, as statements to run.
#[derive(Debug, Clone)]
pub struct LinesOf {
    /// Counts them.
    pub count_sql: String,
    /// Lists them: `_load_id`, `_source_file`, `_source_line`, and what tells one from the other. Ordered, without a limit.
    pub list_sql: String,
    /// The condition that was used, where one is stated.
    pub condition: Option<String>,
    /// Columns of the key that the table does not have: the lines are of a wider key.
    pub left_out: Vec<String>,
}

/// What tells lines apart for a reader, where a table has it.
const TELLING: [&str; 7] = ["time", "event_source", "event_name", "_package_date", "modified", "_type", "module_type"];

/// The statements that find the lines behind a value.
///
/// # Errors
/// The table cannot be opened.
pub fn lines_of(engine: &Engine, evidence: &Evidence, key: &Key) -> Result<LinesOf, EngineError> {
    let columns = engine.columns(&evidence.table)?;
    let (mut conditions, left_out) = restrictions(&evidence.table, &columns, key);
    let table = sql::name(&evidence.table);
    // A condition is stated for one kind of line; a column with several sources may lead to another.
    let fits = |condition: &&String| engine.schema_of(&format!("select 1 from {table} where ({condition})")).is_ok();
    let condition = evidence.condition.as_ref().filter(fits).cloned();
    conditions.extend(condition.iter().map(|condition| format!("({condition})")));
    let place = where_of(&conditions);
    let has = |name: &str| columns.iter().any(|(column, _)| column == name);
    let telling: Vec<&str> = TELLING.into_iter().filter(|name| has(name)).collect();
    let telling_names: String = telling.iter().map(|name| format!(", {}", sql::name(name))).collect();
    let order = if has("time") { "time, _source_file, _source_line" } else { "_source_file, _source_line" };
    let list_sql = if has("_load_id") {
        format!("select _source_file, _source_line, _load_id{telling_names} from {table}{place} order by {order}")
    } else {
        // A file is one load.
        format!(
            "select _source_file, _source_line, load_id as _load_id{telling_names} \
             from (select file_key, load_id from loads where state = 'loaded') as known \
             right join (select _source_file, _source_line{telling_names} from {table}{place}) as found on file_key = _source_file \
             order by {order}"
        )
    };
    Ok(LinesOf { count_sql: format!("select count(*) from {table}{place}"), list_sql, condition, left_out })
}

/// A statement that counts the rows of a table for a key, and the key's columns it does not have.
///
/// # Errors
/// The table cannot be opened.
pub fn rows_of(engine: &Engine, table: &str, key: &Key) -> Result<(String, Vec<String>), EngineError> {
    let columns = engine.columns(table)?;
    let (conditions, left_out) = restrictions(table, &columns, key);
    Ok((format!("select count(*) from {}{}", sql::name(table), where_of(&conditions)), left_out))
}

fn where_of(conditions: &[String]) -> String {
    if conditions.is_empty() { String::new() } else { format!(" where {}", conditions.join(" and ")) }
}

/// The key as conditions on the columns of a table, and the columns of the key it does not have.
fn restrictions(table: &str, columns: &[(String, String)], key: &Key) -> (Vec<String>, Vec<String>) {
    let mut conditions = Vec::new();
    let mut left_out = Vec::new();
    for (name, value) in key {
        let names = names_below(table, name);
        if let Some((column, kind)) = names.iter().find_map(|name| columns.iter().find(|(column, _)| column == name)) {
            conditions.push(equals(&sql::name(column), kind, value));
        } else if name == "date" && columns.iter().any(|(column, _)| column == "time") {
            conditions.push(equals("cast(time as date)", "date", value));
        } else {
            left_out.push(name.clone());
        }
    }
    (conditions, left_out)
}

/// The names under which tables have a column of a model's key.
fn names_below<'a>(table: &str, name: &'a str) -> Vec<&'a str> {
    match name {
        "site" => vec!["site", "_site"],
        "course_run_key" => vec!["course_run_key", "_course_run_key"],
        "user_id" if table == "auth_user" => vec!["id"],
        "user_id" => vec!["user_id", "student_id", "author_id"],
        "start_time" => vec!["start_time", "time"],
        other => vec![other],
    }
}

/// A value that does not fit the type of its column compares as text, and so with nothing.
fn equals(column: &str, kind: &str, value: &str) -> String {
    if value.is_empty() {
        return format!("{column} is null");
    }
    match kind {
        "integer" if value.parse::<i64>().is_ok() => format!("{column} = {value}"),
        "date" if value.parse::<chrono::NaiveDate>().is_ok() => format!("{column} = date {}", sql::text(value)),
        "timestamp" if moment(value).is_some() => {
            format!("{column} = arrow_cast({}, 'Timestamp(Microsecond, Some(\"UTC\"))')", sql::text(&moment(value).unwrap_or_default()))
        }
        "boolean" if ["true", "false"].contains(&value) => format!("{column} = {value}"),
        "text" => format!("{column} = {}", sql::text(value)),
        _ => format!("cast({column} as varchar) = {}", sql::text(value)),
    }
}

/// A moment in UTC as the engine writes it, from RFC 3339 with or without a zone.
fn moment(value: &str) -> Option<String> {
    let value = value.trim_end_matches(['Z', 'z']).replace(' ', "T");
    let naive = chrono::NaiveDateTime::parse_from_str(&value, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    Some(format!("{}Z", naive.format("%Y-%m-%dT%H:%M:%S%.6f")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_compared_as_its_column_is_typed() {
        assert_eq!(equals("user_id", "integer", "5"), "user_id = 5");
        assert_eq!(equals("user_id", "integer", "5 or true"), "cast(user_id as varchar) = '5 or true'");
        assert_eq!(equals("mode", "text", ""), "mode is null");
        assert!(equals("time", "timestamp", "2015-03-01 10:20:30").contains("'2015-03-01T10:20:30.000000Z'"));
    }

    #[test]
    fn a_key_is_found_under_the_names_tables_give_it() {
        let key: Key = [("site", "edx"), ("user_id", "7"), ("date", "2015-03-01")].map(|(a, b)| (a.to_owned(), b.to_owned())).into();
        let columns = |list: &[(&str, &str)]| list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
        let (conditions, left_out) = restrictions("auth_user", &columns(&[("_site", "text"), ("id", "integer")]), &key);
        assert_eq!(conditions, ["\"_site\" = 'edx'", "\"id\" = 7"]);
        assert_eq!(left_out, ["date"]);
        let (conditions, _) = restrictions("learner_events", &columns(&[("time", "timestamp")]), &key);
        assert_eq!(conditions, ["cast(time as date) = date '2015-03-01'"]);
    }
}
