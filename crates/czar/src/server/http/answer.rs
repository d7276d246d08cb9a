//! What all answers have in common: how a refusal looks, and the headers that keep a browser careful.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use czar_pipeline::error::ErrorKind;
use schemars::JsonSchema;
use serde::Serialize;

use crate::failure;
use crate::server::service::Service;

/// The largest request that makes sense names six steps.
pub(super) const MAX_BODY_BYTES: usize = 16 << 10;

const CONTENT_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A request that was refused or could not be met.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

/// How a refusal looks.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ErrorAnswer {
    error: ErrorBody,
}

/// What went wrong.
#[derive(Debug, Serialize, JsonSchema)]
struct ErrorBody {
    /// A name for programs. It stays the same from release to release.
    code: String,
    /// For people.
    message: String,
    /// The next step, when one is known.
    hint: Option<String>,
}

pub(super) type Answer<T> = Result<T, Refusal>;

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), hint: None }
    }

    pub(super) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        let (status, code) = match failure::kind(&error) {
            ErrorKind::Remote => (StatusCode::BAD_GATEWAY, "remote"),
            ErrorKind::Input => (StatusCode::INTERNAL_SERVER_ERROR, "input"),
            ErrorKind::Config => (StatusCode::INTERNAL_SERVER_ERROR, "configuration"),
            ErrorKind::Bug => (StatusCode::INTERNAL_SERVER_ERROR, "bug"),
        };
        Self { status, code, message: failure::one_line(&error), hint: failure::hint(&error) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = ErrorBody { code: self.code.to_owned(), message: self.message, hint: self.hint };
        (self.status, Json(ErrorAnswer { error: body })).into_response()
    }
}

/// Looks at files or databases, on a thread that may wait.
pub(super) async fn look<T: Send + 'static>(
    service: &Arc<Service>,
    work: impl FnOnce(&Service) -> anyhow::Result<T> + Send + 'static,
) -> Answer<T> {
    let service = Arc::clone(service);
    match tokio::task::spawn_blocking(move || work(&service)).await {
        Ok(result) => result.map_err(Refusal::from),
        Err(_) => Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "bug", "the answer could not be made")),
    }
}

/// Reads the whole of a small body within a time, whether the route wants one or not.
pub(super) async fn with_whole_body(timeout: Duration, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match tokio::time::timeout(timeout, to_bytes(body, MAX_BODY_BYTES)).await {
        Ok(Ok(bytes)) => next.run(Request::from_parts(head, Body::from(bytes))).await,
        Ok(Err(_)) => {
            let told = format!("the body has more than {MAX_BODY_BYTES} bytes, or was not sent whole");
            Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", told).into_response()
        }
        Err(_) => Refusal::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "the body did not arrive in time").into_response(),
    }
}

/// Adds what keeps a browser from doing more with an answer than it should.
pub(super) async fn with_careful_headers(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let headers: [(HeaderName, &'static str); 6] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in headers {
        answer.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    answer
}
