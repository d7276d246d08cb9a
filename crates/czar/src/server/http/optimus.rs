//! The routes of the daemon of the Optimus Ingestor, for tools that ask it: `/`, `/status`, `/newdata`. Unlike there, a token is needed.
//!
//! What the old daemon told is known, the exact names in its JSON are not: docs/guides/serve.md says which are guessed.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, Request, State};
use axum::http::header::ACCEPT;
use axum::response::{IntoResponse, Response};
use czar_pipeline::control::{Cause, TokenRecord};
use schemars::JsonSchema;
use serde::Serialize;

use super::answer::{Answer, look};
use super::api;
use super::page;
use super::wire::{Moment, StepStatus};
use crate::server::service::Service;

/// A service of the old daemon: one of our steps.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct OldService {
    name: String,
    /// `stopped`, `sleeping` or `running`.
    status: String,
    task: Option<String>,
    file: Option<String>,
    started: Option<Moment>,
    last_completed: Option<Moment>,
    tasks_left: u64,
}

/// Word that the daemon lives, or that new files are looked for.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct OldWord {
    status: &'static str,
}

/// Our page for browsers, word for all others.
pub(super) async fn root(service: State<Arc<Service>>, token: Extension<TokenRecord>, request: Request) -> Answer<Response> {
    let accepted = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepted.contains("text/html") {
        return page::page(service, token).await.map(IntoResponse::into_response);
    }
    Ok(Json(OldWord { status: "alive" }).into_response())
}

pub(super) async fn status(State(service): State<Arc<Service>>) -> Answer<Json<Vec<OldService>>> {
    let status = look(&service, api::status::status).await?;
    Ok(Json(status.steps.into_iter().map(OldService::from).collect()))
}

pub(super) async fn new_data(State(service): State<Arc<Service>>, Extension(token): Extension<TokenRecord>) -> Answer<Json<OldWord>> {
    look(&service, move |service| Ok(service.request_run(Cause::Request, &service.steps, Some(&token.name))?)).await?;
    Ok(Json(OldWord { status: "scanning" }))
}

impl From<StepStatus> for OldService {
    fn from(step: StepStatus) -> Self {
        Self {
            name: step.step,
            // The old daemon knew three states.
            status: if step.state == "waiting" { "sleeping".to_owned() } else { step.state },
            task: step.activity,
            file: step.file,
            started: step.started_at,
            last_completed: step.last_finished_at,
            tasks_left: step.n_files_left,
        }
    }
}
