//! Who may take a route: whoever shows a token of its role. It tells a stranger nothing but how to come back with one.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use czar_pipeline::control::{Role, TokenRecord};
use czar_pipeline::vault::SecretBytes;

use super::answer::{Answer, Refusal, look};
use super::basic;
use crate::server::service::Service;

/// What a route asks of who takes it.
#[derive(Clone)]
pub(super) struct Guard {
    pub(super) service: Arc<Service>,
    pub(super) role: Role,
    /// Whether the route changes something: then a page of another site must not be able to have a browser take it.
    pub(super) changes: bool,
}

/// Lets a request through, or not. The token goes with it.
pub(super) async fn check(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    match permit(&guard, request.headers()).await {
        Ok(token) => {
            request.extensions_mut().insert(token);
            next.run(request).await
        }
        Err(refusal) => {
            let is_unknown = refusal.status == StatusCode::UNAUTHORIZED;
            let mut answer = refusal.into_response();
            if is_unknown {
                // With this a browser asks for name and password by itself.
                answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"czar\", charset=\"UTF-8\""));
            }
            answer
        }
    }
}

async fn permit(guard: &Guard, headers: &HeaderMap) -> Answer<TokenRecord> {
    let refused = |code, message: &str| Refusal::new(StatusCode::UNAUTHORIZED, code, message);
    let shown = basic::token(headers);
    let role = guard.role;
    let token = look(&guard.service, move |service| {
        let (token, is_any) = service.control.known_token(shown.as_ref().unwrap_or(&SecretBytes::new(Vec::new())))?;
        if let Some(token) = token.as_ref().filter(|token| !token.has_expired(service.now())) {
            service.control.note_use(token, service.now())?;
        }
        Ok((token, is_any, shown.is_some()))
    });
    let token = match token.await? {
        (Some(token), _, _) => token,
        (None, false, _) => {
            return Err(refused("no_tokens", "there is no token yet, so nobody may ask this")
                .with_hint("make one on the server with `czar token add NAME --role operator`"));
        }
        (None, true, false) => {
            return Err(refused("token_needed", "this needs a token")
                .with_hint("send it as `Authorization: Bearer TOKEN`, or type it as the password, with any name"));
        }
        (None, true, true) => {
            return Err(refused("token_unknown", "this token is not known")
                .with_hint("it may have been revoked; `czar token list` on the server tells which there are"));
        }
    };
    if token.has_expired(guard.service.now()) {
        return Err(refused("token_expired", "the time of this token is over").with_hint("ask for a new one"));
    }
    if token.role < role {
        let told = format!("this needs the role {}, and the token has the role {}", role.name(), token.role.name());
        return Err(Refusal::new(StatusCode::FORBIDDEN, "role_too_low", told));
    }
    if guard.changes && is_of_another_site(headers) {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "cross_site", "a page of another site sent this"));
    }
    Ok(token)
}

/// A browser says where a request comes from; other programs say nothing.
fn is_of_another_site(headers: &HeaderMap) -> bool {
    let text = |value: Option<&HeaderValue>| value.map(|value| value.to_str().unwrap_or("?").to_owned());
    if let Some(site) = text(headers.get("sec-fetch-site")) {
        return site != "same-origin" && site != "none";
    }
    let Some(origin) = text(headers.get(ORIGIN)) else { return false };
    let host = text(headers.get(HOST)).unwrap_or_default();
    origin.split_once("://").is_none_or(|(_, of_origin)| of_origin != host)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot set up its data has failed")]

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (axum::http::HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_page_of_another_site_is_told_by_what_the_browser_says() {
        for (pairs, is_other) in [
            (vec![], false),
            (vec![("sec-fetch-site", "same-origin")], false),
            (vec![("sec-fetch-site", "none")], false),
            (vec![("sec-fetch-site", "same-site")], true),
            (vec![("sec-fetch-site", "cross-site"), ("origin", "http://a:1"), ("host", "a:1")], true),
            (vec![("origin", "http://a:1"), ("host", "a:1")], false),
            (vec![("origin", "http://b:1"), ("host", "a:1")], true),
            (vec![("origin", "null"), ("host", "a:1")], true),
        ] {
            assert_eq!(is_of_another_site(&headers(&pairs)), is_other, "{pairs:?}");
        }
    }
}
