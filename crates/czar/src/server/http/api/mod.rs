//! The routes below `/api/v1`. They look, or put a run into the queue; they do no work themselves.

mod lake;
mod runs;
pub(super) mod status;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::QueryRejection;
use czar_pipeline::inventory::Inventory;

use super::answer::{Answer, Refusal, look};
use super::wire::{Token, Tokens};
use crate::server::service::Service;

pub(super) use lake::{LoadsQuery, loads, rejects};
pub(super) use runs::{RunsQuery, new_run, request, run, runs};

/// The largest page of a list.
pub(super) const MAX_PAGE: usize = 200;
pub(super) const DEFAULT_PAGE: usize = 50;

pub(super) async fn status(State(service): State<Arc<Service>>) -> Answer<Json<super::wire::Status>> {
    look(&service, status::status).await.map(Json)
}

pub(super) async fn inventory(State(service): State<Arc<Service>>) -> Answer<Json<Arc<Inventory>>> {
    look(&service, |service| service.inventory.get(service)).await.map(Json)
}

pub(super) async fn tokens(State(service): State<Arc<Service>>) -> Answer<Json<Tokens>> {
    let tokens = look(&service, |service| Ok(service.control.tokens()?)).await?;
    Ok(Json(Tokens { tokens: tokens.iter().map(Token::from).collect() }))
}

/// How many of a list are wanted, within reason.
fn page(limit: Option<usize>) -> usize {
    limit.unwrap_or(DEFAULT_PAGE).clamp(1, MAX_PAGE)
}

fn wrong_query(_: QueryRejection) -> Refusal {
    Refusal::bad_request("the parameters of the query are not understood").with_hint("`/api/v1/openapi.json` lists them")
}
