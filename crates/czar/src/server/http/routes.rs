//! All routes, in one table: from it come the router and the OpenAPI document, so that neither knows what the other does not.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get, post};
use czar_pipeline::control::Role;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::access::{self, Guard};
use super::answer::{self, Refusal};
use super::{api, health, metrics, openapi, optimus, page, wire};
use crate::server::service::Service;

/// The method of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Post,
}

/// What a route answers.
pub(super) enum Content {
    /// JSON of a type.
    Json(fn(&mut SchemaGenerator) -> Schema),
    /// JSON that is described elsewhere.
    AnyJson,
    /// Something else.
    Other(&'static str),
}

/// A route.
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    /// What a token must allow; none where no token is needed.
    pub(super) role: Option<Role>,
    /// Whether it changes something.
    pub(super) changes: bool,
    pub(super) status: u16,
    pub(super) content: Content,
    pub(super) query: Option<fn(&mut SchemaGenerator) -> Schema>,
    pub(super) body: Option<fn(&mut SchemaGenerator) -> Schema>,
    handler: fn() -> MethodRouter<Arc<Service>>,
}

fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// Members of a query are described one by one, so that the type itself is not wanted among the schemas.
fn inline<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    T::json_schema(generator)
}

/// A route that shows something to readers.
fn shows(
    path: &'static str,
    name: &'static str,
    summary: &'static str,
    content: Content,
    handler: fn() -> MethodRouter<Arc<Service>>,
) -> Route {
    Route {
        method: Method::Get,
        path,
        name,
        summary,
        role: Some(Role::Reader),
        changes: false,
        status: 200,
        content,
        query: None,
        body: None,
        handler,
    }
}

/// The routes that the settings want.
pub(super) fn routes(has_optimus: bool) -> Vec<Route> {
    use Content::{AnyJson, Json, Other};
    let mut routes = vec![
        Route {
            role: None,
            ..shows("/health/livez", "isAlive", "Whether the process lives.", Json(schema::<wire::Health>), || get(health::live))
        },
        Route {
            role: None,
            ..shows("/health/readyz", "isReady", "Whether it can do its work; 503 if not.", Json(schema::<wire::Health>), || {
                get(health::ready)
            })
        },
        shows("/metrics", "getMetrics", "The state as Prometheus reads it.", Other("text/plain; version=0.0.4"), || get(metrics::metrics)),
        shows("/api/v1/openapi.json", "getApi", "This document.", AnyJson, || get(openapi::document)),
        shows("/api/v1/status", "getStatus", "What runs, waits and comes next.", Json(schema::<wire::Status>), || get(api::status)),
        Route {
            query: Some(inline::<api::RunsQuery>),
            ..shows("/api/v1/runs", "listRuns", "Past runs, the newest first.", Json(schema::<wire::Runs>), || get(api::runs))
        },
        shows("/api/v1/runs/{run_id}", "getRun", "One run.", Json(schema::<wire::Run>), || get(api::run)),
        Route {
            method: Method::Post,
            role: Some(Role::Operator),
            changes: true,
            status: 202,
            body: Some(schema::<wire::NewRun>),
            ..shows(
                "/api/v1/runs",
                "requestRun",
                "Puts a run into the queue: looks for new files now.",
                Json(schema::<wire::AcceptedRun>),
                || post(api::new_run),
            )
        },
        shows("/api/v1/requests/{request_id}", "getRequest", "What became of a requested run.", Json(schema::<wire::QueuedRun>), || {
            get(api::request)
        }),
        Route {
            query: Some(inline::<api::LoadsQuery>),
            ..shows("/api/v1/loads", "listLoads", "Delivered files and what became of them.", Json(schema::<wire::Loads>), || {
                get(api::loads)
            })
        },
        shows("/api/v1/rejects", "countRejects", "How many records were set aside, and why.", Json(schema::<wire::Rejects>), || {
            get(api::rejects)
        }),
        shows(
            "/api/v1/inventory",
            "getInventory",
            "What the delivery folder holds and lacks, as `czar inventory --format json`.",
            AnyJson,
            || get(api::inventory),
        ),
        Route {
            role: Some(Role::Admin),
            ..shows("/api/v1/tokens", "listTokens", "Who may ask the server.", Json(schema::<wire::Tokens>), || get(api::tokens))
        },
        shows("/assets/icon.svg", "getIcon", "The sign of the status page.", Other("image/svg+xml"), || get(page::icon)),
        shows("/assets/page.css", "getStyle", "The style of the status page.", Other("text/css"), || get(page::style)),
        shows("/assets/page.js", "getScript", "The script of the status page.", Other("text/javascript"), || get(page::script)),
    ];
    if has_optimus {
        routes.extend([
            shows("/", "getPageOrWord", "The status page for browsers, `alive` for others.", Other("text/html"), || get(optimus::root)),
            shows("/status", "getOldStatus", "Steps as services of the old daemon.", Json(schema::<Vec<optimus::OldService>>), || {
                get(optimus::status)
            }),
            Route {
                role: Some(Role::Operator),
                changes: true,
                ..shows("/newdata", "scanAsBefore", "Puts a run into the queue.", Json(schema::<optimus::OldWord>), || {
                    get(optimus::new_data)
                })
            },
        ]);
    } else {
        routes.push(shows("/", "getPage", "The status page.", Other("text/html"), || get(page::page)));
    }
    routes
}

/// The router: each route behind its guard.
pub(super) fn router(service: &Arc<Service>, timeout: Duration) -> Router {
    let mut router = Router::new();
    for route in routes(service.settings().serve.optimus_routes) {
        let mut handler = (route.handler)();
        if let Some(role) = route.role {
            let guard = Guard { service: Arc::clone(service), role, changes: route.changes };
            handler = handler.route_layer(from_fn_with_state(guard, access::check));
        }
        router = router.route(route.path, handler);
    }
    router
        .fallback(async || Refusal::not_found("there is no such route").with_hint("`/api/v1/openapi.json` lists all").into_response())
        .method_not_allowed_fallback(async || {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "the route has no such method").into_response()
        })
        .layer(DefaultBodyLimit::max(answer::MAX_BODY_BYTES))
        .layer(from_fn(move |request, next| answer::with_whole_body(timeout, request, next)))
        .layer(from_fn(answer::with_careful_headers))
        .with_state(Arc::clone(service))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_health_is_told_to_strangers_and_only_operators_change_something() {
        for route in routes(true) {
            assert_eq!(route.role.is_none(), route.path.starts_with("/health/"), "{}", route.path);
            assert!(!route.changes || route.role >= Some(Role::Operator), "{}", route.path);
            assert!(route.method == Method::Get || route.changes, "{}", route.path);
        }
    }
}
