//! Runs that were, and a run that is asked for.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use czar_pipeline::control::{Cause, TokenRecord};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{page, wrong_query};
use crate::failure;
use crate::run::Step;
use crate::server::http::answer::{Answer, Refusal, look};
use crate::server::http::wire::{AcceptedRun, NewRun, QueuedRun, Run, Runs};
use crate::server::service::Service;

/// Which runs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::server::http) struct RunsQuery {
    /// Most runs on the page, at most 200.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// Only runs before this one.
    before: Option<i64>,
}

pub(in crate::server::http) async fn runs(
    State(service): State<Arc<Service>>,
    query: Result<Query<RunsQuery>, QueryRejection>,
) -> Answer<Json<Runs>> {
    let Query(query) = query.map_err(wrong_query)?;
    let limit = page(query.limit);
    let before = query.before.unwrap_or(i64::MAX);
    let mut runs = look(&service, move |service| Ok(service.control.runs_before(before, limit + 1)?)).await?;
    let has_more = runs.len() > limit;
    runs.truncate(limit);
    let next_before = runs.last().filter(|_| has_more).map(|run| run.run_id);
    Ok(Json(Runs { runs: runs.iter().map(Run::from).collect(), next_before }))
}

pub(in crate::server::http) async fn run(
    State(service): State<Arc<Service>>,
    run_id: Result<Path<i64>, PathRejection>,
) -> Answer<Json<Run>> {
    let Path(run_id) = run_id.map_err(|_| Refusal::bad_request("the number of a run is a whole number"))?;
    let run = look(&service, move |service| Ok(service.control.run(run_id)?)).await?;
    run.map(|run| Json(Run::from(&run))).ok_or_else(|| Refusal::not_found(format!("there is no run {run_id}")))
}

pub(in crate::server::http) async fn request(
    State(service): State<Arc<Service>>,
    request_id: Result<Path<i64>, PathRejection>,
) -> Answer<Json<QueuedRun>> {
    let Path(request_id) = request_id.map_err(|_| Refusal::bad_request("the number of a request is a whole number"))?;
    let request = look(&service, move |service| Ok(service.control.request(request_id)?)).await?;
    let request = request.ok_or_else(|| Refusal::not_found(format!("there is no request {request_id}")))?;
    Ok(Json(QueuedRun::from(&request)))
}

/// The body may be empty, or an object with steps.
pub(in crate::server::http) async fn new_run(
    State(service): State<Arc<Service>>,
    Extension(token): Extension<TokenRecord>,
    body: Bytes,
) -> Answer<(StatusCode, Json<AcceptedRun>)> {
    let wanted: NewRun = if body.is_empty() {
        NewRun::default()
    } else {
        // By itself the reader would take a list for an object.
        serde_json::from_slice::<Map<String, Value>>(&body).and_then(|body| serde_json::from_value(Value::Object(body))).map_err(|_| {
            Refusal::bad_request("the body is no object of this kind").with_hint("send nothing, or `{\"steps\": [\"ingest\"]}`")
        })?
    };
    let steps = Step::of_names(&wanted.steps, "the request")
        .map_err(|error| Refusal { hint: failure::hint(&error), ..Refusal::bad_request(failure::one_line(&error)) })?;
    if service.is_stopping() {
        return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", "the server is stopping"));
    }
    let requested = look(&service, move |service| {
        let steps = if steps.is_empty() { &service.steps } else { &steps };
        let requested = service.request_run(Cause::Request, steps, Some(&token.name))?;
        if requested.is_new {
            service.printer.say(&format!("The token `{}` asks for a run: request {}", token.name, requested.request_id));
        }
        Ok(requested)
    });
    let requested = requested.await?;
    Ok((StatusCode::ACCEPTED, Json(AcceptedRun { request_id: requested.request_id, is_new: requested.is_new })))
}
