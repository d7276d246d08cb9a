//! What is in the lake: files with their accounts, and how much was set aside. No record is ever shown.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{page, wrong_query};
use crate::output::text_rows;
use crate::server::http::answer::{Answer, Refusal, look};
use crate::server::http::wire::{Loads, RejectCount, Rejects};
use crate::server::service::Service;

/// The columns of `loads` that are shown. Those in the second list are numbers.
const TEXTS: [&str; 11] =
    ["load_id", "file_key", "site", "org", "kind", "table_name", "log_date", "package_date", "course_run_key", "state", "failure_code"];
const NUMBERS: [&str; 6] = ["n_bytes", "n_records", "n_rows", "n_duplicates", "n_blanks", "n_rejects"];

/// Which files.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::server::http) struct LoadsQuery {
    /// Only files in this state: `loaded`, `failed`, `not_produced`, `not_read`.
    state: Option<String>,
    /// Only files of this kind, such as `tracking_log`.
    kind: Option<String>,
    /// Most files on the page, at most 200.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// Files to pass over.
    offset: Option<u64>,
}

pub(in crate::server::http) async fn loads(
    State(service): State<Arc<Service>>,
    query: Result<Query<LoadsQuery>, QueryRejection>,
) -> Answer<Json<Loads>> {
    let Query(query) = query.map_err(wrong_query)?;
    let mut conditions = vec!["true".to_owned()];
    for (column, wanted) in [("state", &query.state), ("kind", &query.kind)] {
        let Some(wanted) = wanted else { continue };
        if wanted.is_empty() || !wanted.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
            return Err(Refusal::bad_request(format!("`{column}` is a name of small letters, digits and underscores")));
        }
        conditions.push(format!("{column} = '{wanted}'"));
    }
    let condition = conditions.join(" and ");
    let (limit, offset) = (page(query.limit), query.offset.unwrap_or(0));
    look(&service, move |service| read(service, &condition, limit, offset)).await.map(Json)
}

fn read(service: &Service, condition: &str, limit: usize, offset: u64) -> anyhow::Result<Loads> {
    let Some(lake) = service.lake.get(service)? else {
        return Ok(Loads { n_loads: 0, loads: Vec::new(), next_offset: None });
    };
    let n_loads = lake.engine.texts(&format!("select count(*) from loads where {condition}"))?;
    let n_loads = n_loads.first().and_then(|n| n.parse().ok()).unwrap_or_default();
    let columns: Vec<&str> = TEXTS.into_iter().chain(NUMBERS).collect();
    let sql = format!("select {} from loads where {condition} order by file_key limit {limit} offset {offset}", columns.join(", "));
    let loads: Vec<Value> = text_rows(&lake.engine, &sql)?.into_iter().map(|row| load(&columns, row)).collect();
    let next = offset + loads.len() as u64;
    Ok(Loads { n_loads, loads, next_offset: (next < n_loads).then_some(next) })
}

fn load(columns: &[&str], row: Vec<Option<String>>) -> Value {
    let value = |column: &str, text: Option<String>| match text {
        Some(text) if NUMBERS.contains(&column) => text.parse::<i64>().map_or(Value::Null, Value::from),
        Some(text) => Value::String(text),
        None => Value::Null,
    };
    Value::Object(columns.iter().zip(row).map(|(column, text)| ((*column).to_owned(), value(column, text))).collect::<Map<_, _>>())
}

pub(in crate::server::http) async fn rejects(State(service): State<Arc<Service>>) -> Answer<Json<Rejects>> {
    let counts = look(&service, |service| Ok(service.lake.get(service)?.map(|lake| lake.rejects.clone()).unwrap_or_default())).await?;
    let n_records = counts.iter().map(|count| count.n_records).sum();
    let count = |count: crate::server::lake_view::RejectCount| RejectCount {
        code: count.code,
        table_name: count.table_name,
        n_records: count.n_records,
    };
    Ok(Json(Rejects { n_records, rejects: counts.into_iter().map(count).collect() }))
}
