//! Runs checks and words their findings. It stops at the first query that fails: a check that cannot look must not say that all is well.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::facts::Facts;
use super::report::{Answer, Finding, Report};
use super::rows::objects;
use super::surroundings::Surroundings;
use super::wording::fill;
use super::{Check, Gravity, Query, Work, all};
use crate::engine::EngineError;

/// Columns of a finding that hold its day; the first that is there counts.
const DAY_COLUMNS: [&str; 4] = ["package_date", "log_date", "last_date", "delivery_date"];

/// Which checks are wanted, and which of their findings.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Groups and ids; empty for all.
    pub only: Vec<String>,
    /// Only findings about this package.
    pub package: Option<NaiveDate>,
    /// Only findings of this day or later; those without a day stay.
    pub since: Option<NaiveDate>,
}

/// Runs the wanted checks. Without facts the lake is empty, and only what surrounds it is looked at.
///
/// # Errors
/// A query cannot be run.
pub fn run(facts: Option<&Facts>, surroundings: &Surroundings, selection: &Selection) -> Result<Report, EngineError> {
    let mut checks = Vec::new();
    for check in all().filter(|check| selection.wants(check)) {
        let answer = match &check.work {
            Work::Surroundings(_) if selection.package.is_some() => None,
            Work::Surroundings(find) => Some(match check.needs.iter().find(|need| !surroundings.have(need)) {
                Some(need) => Answer::not_asked(check, format!("there is no {need}")),
                None => Answer::of(check, find(surroundings)),
            }),
            Work::Sql(query) => ask_lake(facts, surroundings, selection, check, query)?,
        };
        checks.extend(answer);
    }
    let mut ask: Vec<String> = Vec::new();
    for request in checks.iter().flat_map(|answer| &answer.findings).filter_map(|finding| finding.ask.as_ref()) {
        if !ask.contains(request) {
            ask.push(request.clone());
        }
    }
    Ok(Report { checks, ask })
}

/// The query that lists what a check finds row by row; `None` when it is no query.
#[must_use]
pub fn detail_sql(facts: &Facts, surroundings: &Surroundings, check: &Check) -> Option<String> {
    match &check.work {
        Work::Sql(query) => Some(facts.complete(query.detail, surroundings.now.date_naive())),
        Work::Surroundings(_) => None,
    }
}

impl Selection {
    fn wants(&self, check: &Check) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == check.id || name == check.group.id())
    }

    fn wants_row(&self, row: &Map<String, Value>) -> bool {
        let day = |column: &str| row.get(column).and_then(Value::as_str).and_then(|text| text.parse::<NaiveDate>().ok());
        let is_of_package = self.package.is_none_or(|package| day("package_date") == Some(package));
        let is_recent = match (self.since, DAY_COLUMNS.iter().find_map(|column| day(column))) {
            (Some(since), Some(day)) => day >= since,
            _ => true,
        };
        is_of_package && is_recent
    }
}

/// `None` when the check says nothing about packages and only one package is asked for.
fn ask_lake(
    facts: Option<&Facts>,
    surroundings: &Surroundings,
    selection: &Selection,
    check: &'static Check,
    query: &Query,
) -> Result<Option<Answer>, EngineError> {
    let Some(facts) = facts.filter(|facts| !facts.is_empty() || check.needs.is_empty()) else {
        return Ok(Some(Answer::not_asked(check, "nothing is loaded".to_owned())));
    };
    if let Some(missing) = check.needs.iter().find(|table| !facts.is_loaded(table)) {
        return Ok(Some(Answer::not_asked(check, format!("no file of `{missing}` is loaded"))));
    }
    let sql = match query.findings {
        None => query.detail.to_owned(),
        Some(findings) => format!("with detail as (\n{}\n)\n{findings}", query.detail),
    };
    let result = facts.engine().sql(&facts.complete(&sql, surroundings.now.date_naive()))?;
    if selection.package.is_some() && result.schema.index_of("package_date").is_err() {
        return Ok(None);
    }
    let mut findings = Vec::new();
    for batch in &result.batches {
        let rows = objects(batch).map_err(|source| EngineError::Setup { source: Box::new(source.into()) })?;
        findings.extend(rows.into_iter().filter(|row| selection.wants_row(row)).map(|row| finding(check, query, row)));
    }
    Ok(Some(Answer::of(check, findings)))
}

fn finding(check: &Check, query: &Query, mut row: Map<String, Value>) -> Finding {
    let is_explained = row.remove("is_explained").is_some_and(|value| value == "true");
    let message = fill(query.message, &row);
    let ask = query.ask.filter(|_| !is_explained).map(|words| fill(words, &row));
    let (counts, place) = row.into_iter().partition(|(_, value)| value.is_number());
    Finding { gravity: if is_explained { Gravity::Note } else { check.gravity }, message, place, counts, ask }
}
