//! Posts a notice to a webhook as JSON, signed if there is a secret. It follows no redirect, and tells of a webhook by its host only: the
//! rest of its address is often a token.

use std::time::Duration;

use aws_lc_rs::hmac;
use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use serde::Serialize;
use tokio::runtime::Runtime;

use super::facts::Facts;
use super::outbox::Webhooks;
use super::trouble::{SendError, Trouble, innermost};

/// Raised when a member of the body changes its meaning or goes away; new members do not raise it.
pub const FORMAT_VERSION: u32 = 1;
/// Header with the signature: `sha256=` and the HMAC-SHA256 of the body in hexadecimal.
pub const SIGNATURE_HEADER: &str = "x-czar-signature-256";
/// Header with the name of the notice: the same for each try.
pub const NOTICE_HEADER: &str = "x-czar-notice";

/// What a webhook is sent.
#[derive(Debug, Serialize)]
pub struct Body<'a> {
    /// See [`FORMAT_VERSION`].
    pub format_version: u32,
    /// The name of the notice: the same for each try.
    pub id: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// When what is told happened.
    pub made_at: DateTime<Utc>,
    /// Name of the institution.
    pub organisation: Option<&'a str>,
    /// Whether it is a test with made-up facts.
    pub is_test: bool,
    /// One line.
    pub subject: &'a str,
    /// The notice in words. Chat programs show the member of this name.
    pub text: String,
    /// The notice as values.
    pub facts: &'a Facts,
}

/// Sends to webhooks.
pub(super) struct Poster<'a> {
    webhooks: &'a Webhooks,
    client: Client,
    runtime: Runtime,
}

impl<'a> Poster<'a> {
    pub(super) fn open(webhooks: &'a Webhooks) -> Result<Self, SendError> {
        let failed = |reason: String| SendError::later(format!("could not prepare connections to webhooks: {reason}"), None);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| failed(error.to_string()))?;
        let client =
            Client::builder().redirect(Policy::none()).timeout(webhooks.timeout).user_agent(concat!("czar/", env!("CARGO_PKG_VERSION")));
        let client = client.build().map_err(|error| failed(innermost(&error)))?;
        Ok(Self { webhooks, client, runtime })
    }

    /// Posts a body, several times if the server is busy.
    pub(super) fn post(&self, name: &str, url: &Url, id: &str, body: &[u8]) -> Result<(), SendError> {
        let mut wait = self.webhooks.first_wait;
        let mut n_tries = 1;
        loop {
            match self.try_post(name, url, id, body) {
                Err(SendError::Later(trouble)) if n_tries < self.webhooks.tries => {
                    tracing::debug!(webhook = name, n_tries, reason = trouble.message, "webhook is tried again");
                    std::thread::sleep(wait);
                    wait = (wait * 2).min(Duration::from_secs(30));
                    n_tries += 1;
                }
                Err(SendError::Later(trouble)) if n_tries > 1 => {
                    let message = format!("{} ({n_tries} tries)", trouble.message);
                    return Err(SendError::Later(Trouble { message, ..trouble }));
                }
                result => return result,
            }
        }
    }

    fn try_post(&self, name: &str, url: &Url, id: &str, body: &[u8]) -> Result<(), SendError> {
        let mut request = self.client.post(url.clone()).header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request = request.header(NOTICE_HEADER, id);
        if let Some(secret) = &self.webhooks.secret {
            request = request.header(SIGNATURE_HEADER, signature(secret.reveal(), body));
        }
        let request = request.body(body.to_vec());
        // The request is begun inside the runtime: its time-out needs one.
        let answer = self.runtime.block_on(async { request.send().await });
        // The library's errors name the whole address.
        let status = match answer.map_err(reqwest::Error::without_url) {
            Ok(answer) => answer.status(),
            Err(error) if error.is_timeout() => return Err(SendError::later(format!("webhook {name} gave no answer in time"), None)),
            Err(error) => {
                let hint = "see the address of the webhook, and whether a firewall stands between";
                return Err(SendError::later(format!("could not reach webhook {name}: {}", innermost(&error)), Some(hint)));
            }
        };
        judged(name, status)
    }
}

fn judged(name: &str, status: StatusCode) -> Result<(), SendError> {
    let message = format!("webhook {name} answers {status}");
    match status.as_u16() {
        200..=299 => Ok(()),
        300..=399 => Err(SendError::never(message, Some("redirects are not followed: set the address it points to"))),
        408 | 425 | 429 | 500..=599 => Err(SendError::later(message, None)),
        401 | 403 | 404 | 410 => Err(SendError::never(message, Some("it may have been taken back: make a new one and set its address"))),
        _ => Err(SendError::never(message, Some("see whether the address is that of a webhook which takes JSON"))),
    }
}

/// The signature of a body, as it stands in the header.
#[must_use]
pub fn signature(secret: &[u8], body: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), body);
    format!("sha256={}", hex::encode(tag))
}
