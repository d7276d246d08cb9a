//! Whether the process lives, and whether it can do its work. It tells a stranger no name, path or reason: those are in the log.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::answer::look;
use super::wire::Health;
use crate::server::service::Service;

pub(super) async fn live() -> Json<Health> {
    Json(Health { status: "ok", checks: [("process", "ok")].into() })
}

pub(super) async fn ready(State(service): State<Arc<Service>>) -> (StatusCode, Json<Health>) {
    let control = look(&service, |service| Ok(service.control.open_requests()?)).await.is_ok();
    let lake = look(&service, |service| Ok(service.lake.get(service)?.is_some())).await.is_ok();
    let worker = service.has_worker() && !service.is_stopping();
    let said = |is_well: bool| if is_well { "ok" } else { "failed" };
    let is_ready = control && lake && worker;
    let checks = [("control_database", said(control)), ("lake", said(lake)), ("worker", said(worker))].into();
    let code = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(Health { status: said(is_ready), checks }))
}
