//! One HTTP client for all places, used from plain threads: what waits on the network is async, and nothing else. It follows no redirect,
//! since a signature is good for one address only, and it tells trouble that may pass from trouble that stays.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Client, Method, Request, Response, StatusCode};
use tokio::runtime::Runtime;
use url::Url;

/// The first wait before another try; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Most of an answer that is read to learn why a server refused.
const MAX_REFUSAL_BYTES: usize = 64 << 10;

/// How patient the client is.
#[derive(Debug, Clone, Copy)]
pub struct HttpOptions {
    /// A server that sends nothing for so long is given up for this try.
    pub timeout: Duration,
    /// How often one thing is asked for before it counts as failed; at least once.
    pub tries: u32,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(60), tries: 8 }
    }
}

/// A client with its threads. Clones share them.
#[derive(Clone)]
pub struct Http {
    client: Client,
    runtime: Arc<Runtime>,
    options: HttpOptions,
}

/// An answer whose head is here and whose body is still to come.
pub struct Answer {
    response: Response,
    runtime: Arc<Runtime>,
}

/// Why something was not had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Trouble {
    /// No answer, or one that ended in the middle.
    #[error("{reason}")]
    Silent {
        /// What the system or the library said.
        reason: String,
    },
    /// The server answered with something else than what was asked for.
    #[error("{}", answered(*status, code.as_deref(), message.as_deref()))]
    Answered {
        /// Status of HTTP.
        status: u16,
        /// Code of S3: `NoSuchBucket`.
        code: Option<String>,
        /// The server's own words.
        message: Option<String>,
        /// The region in which the bucket is, if the server says so.
        region: Option<String>,
        /// The server's clock, as it writes it.
        date: Option<String>,
    },
    /// The server answered in a way that makes no sense here.
    #[error("{reason}")]
    Strange {
        /// In what way.
        reason: String,
    },
}

impl Trouble {
    /// Whether another try may help.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Silent { .. } => true,
            // S3 calls a request that came in too slowly a fault of the client, with status 400.
            Self::Answered { status, code, .. } => matches!(status, 408 | 429 | 500..) || code.as_deref() == Some("RequestTimeout"),
            Self::Strange { .. } => false,
        }
    }

    /// Whether the server refuses for good: not the network is to blame but what was asked for, or by whom.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Answered { .. }) && !self.may_pass()
    }

    /// The status of HTTP, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Answered { status, .. } => Some(*status),
            Self::Silent { .. } | Self::Strange { .. } => None,
        }
    }

    /// The code of S3, if there was an answer with one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Answered { code, .. } => code.as_deref(),
            Self::Silent { .. } | Self::Strange { .. } => None,
        }
    }

    /// Trouble with an answer that makes no sense.
    pub(crate) fn strange(reason: impl Into<String>) -> Self {
        Self::Strange { reason: reason.into() }
    }
}

fn answered(status: u16, code: Option<&str>, message: Option<&str>) -> String {
    match (code, message) {
        (Some(code), Some(message)) => format!("{code}: {}", message.trim_end_matches('.')),
        (Some(code), None) => code.to_owned(),
        (None, _) => {
            let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default();
            format!("the server answered `{}`", format!("{status} {reason}").trim_end())
        }
    }
}

impl Http {
    /// A client.
    ///
    /// # Errors
    /// The system gives no threads, or has no certificates to check servers with.
    pub fn new(options: HttpOptions) -> Result<Self, Trouble> {
        let failed = |reason: String| Trouble::Silent { reason: format!("could not start to use the network: {reason}") };
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // Tries are counted here, over all of an object.
            .retry(reqwest::retry::never())
            .connect_timeout(options.timeout.min(Duration::from_secs(20)))
            .read_timeout(options.timeout)
            .user_agent(concat!("czar/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| failed(reason(&error)))?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).thread_name("network").enable_all().build();
        Ok(Self { client, runtime: Arc::new(runtime.map_err(|error| failed(error.to_string()))?), options })
    }

    /// Sends a request once and waits for the head of the answer, whatever its status.
    ///
    /// # Errors
    /// There is no answer.
    pub fn send(&self, method: Method, url: &Url, headers: HeaderMap) -> Result<Answer, Trouble> {
        let mut request = Request::new(method, url.clone());
        *request.headers_mut() = headers;
        // Within the runtime from the start: the clock of its time-out is set when it is made.
        let response = self.runtime.block_on(async { self.client.execute(request).await }).map_err(|error| silent(&error))?;
        Ok(Answer { response, runtime: self.runtime.clone() })
    }

    /// Asks until there is an answer or trouble that stays, waiting longer each time.
    ///
    /// # Errors
    /// The last trouble.
    pub fn insist<T>(&self, mut ask: impl FnMut() -> Result<T, Trouble>) -> Result<T, Trouble> {
        let mut n_tries = 1;
        loop {
            match ask() {
                Err(trouble) if trouble.may_pass() && n_tries < self.options.tries => {
                    tracing::debug!(%trouble, n_tries, "asking again");
                    std::thread::sleep(wait_before(n_tries));
                    n_tries += 1;
                }
                result => return result,
            }
        }
    }

    /// How often one thing is asked for.
    #[must_use]
    pub fn tries(&self) -> u32 {
        self.options.tries
    }

    /// Runs something else that waits on the network.
    pub(crate) fn wait_for<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}

/// The wait after so many tries.
pub(crate) fn wait_before(n_tries: u32) -> Duration {
    FIRST_WAIT.saturating_mul(2_u32.saturating_pow(n_tries.saturating_sub(1))).min(LONGEST_WAIT)
}

impl Answer {
    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// A header as text, by a name of lower-case letters.
    #[must_use]
    pub fn header_named(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// The next bytes of the body; empty at its end.
    ///
    /// # Errors
    /// The connection broke, or stands still.
    pub fn next_bytes(&mut self) -> Result<impl AsRef<[u8]> + use<>, Trouble> {
        let bytes = self.runtime.block_on(self.response.chunk()).map_err(|error| silent(&error))?;
        Ok(bytes.unwrap_or_default())
    }

    /// The whole body.
    ///
    /// # Errors
    /// It is longer than allowed, or does not come whole.
    pub fn whole(mut self, max_bytes: usize) -> Result<Vec<u8>, Trouble> {
        let mut body = Vec::new();
        loop {
            let next = self.next_bytes()?;
            if next.as_ref().is_empty() {
                return Ok(body);
            }
            if body.len() + next.as_ref().len() > max_bytes {
                return Err(Trouble::strange(format!("the server's answer has more than {max_bytes} bytes")));
            }
            body.extend_from_slice(next.as_ref());
        }
    }

    /// What a status that was not hoped for means.
    #[must_use]
    pub fn into_trouble(self) -> Trouble {
        let status = self.status();
        let region = self.header_named("x-amz-bucket-region").map(str::to_owned);
        let date = self.header_named("date").map(str::to_owned);
        let target = self.header_named("location").and_then(|target| without_secrets(self.response.url(), target));
        // An answer that cannot be read is told by its status.
        let body = self.whole(MAX_REFUSAL_BYTES).unwrap_or_default();
        let (code, message) = super::s3::refusal(&body);
        let message = message.or_else(|| target.map(|target| format!("it is at {target} now")));
        Trouble::Answered { status, code, message, region, date }
    }
}

/// Where a redirect leads, without what may be a secret: a query can be a signature, and a name can come with a password.
fn without_secrets(from: &Url, target: &str) -> Option<Url> {
    let mut target = from.join(target).ok()?;
    target.set_query(None);
    target.set_fragment(None);
    let has_no_login = target.set_username("").and_then(|()| target.set_password(None)).is_ok();
    has_no_login.then_some(target)
}

fn silent(error: &reqwest::Error) -> Trouble {
    Trouble::Silent { reason: reason(error) }
}

/// The innermost cause says what happened, the outer ones repeat the address.
fn reason(error: &reqwest::Error) -> String {
    let what = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    let mut cause = error.source();
    let mut texts: Vec<String> = Vec::new();
    while let Some(inner) = cause {
        texts.push(inner.to_string());
        cause = inner.source();
    }
    match texts.last().filter(|text| !text.contains("timed out") || !error.is_timeout()) {
        // The name of a server is looked up by the system, whose words say nothing of that.
        Some(text) if texts.iter().any(|text| text.contains("dns error")) => format!("the server's name is not known: {text}"),
        Some(text) => format!("{what}: {text}"),
        None => what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_end_at_half_a_minute() {
        let waits: Vec<u128> = (1..=10).map(|n| wait_before(n).as_millis()).collect();
        assert_eq!(waits, [200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
    }

    #[test]
    fn the_target_of_a_redirect_is_told_without_query_and_login() {
        let told = |target: &str| {
            let from = Url::parse("https://files.example.org/a/b?token=secret").ok()?;
            without_secrets(&from, target).map(|url| url.to_string())
        };
        assert_eq!(
            told("https://ann:secret@other.example.org/c?X-Amz-Signature=secret#secret").as_deref(),
            Some("https://other.example.org/c")
        );
        assert_eq!(told("/c?secret").as_deref(), Some("https://files.example.org/c"));
        assert_eq!(told("mailto:ann@example.org?secret"), None);
        assert_eq!(told("http://["), None);
    }

    #[test]
    fn what_the_server_may_get_over_is_asked_again_and_a_refusal_is_not() {
        let answer =
            |status, code: &str| Trouble::Answered { status, code: Some(code.to_owned()), message: None, region: None, date: None };
        for (status, code) in [(500, "InternalError"), (503, "SlowDown"), (400, "RequestTimeout"), (429, "")] {
            assert!(answer(status, code).may_pass(), "{status} {code}");
        }
        for (status, code) in [(403, "AccessDenied"), (404, "NoSuchBucket"), (403, "RequestTimeTooSkewed"), (412, "PreconditionFailed")] {
            assert!(answer(status, code).is_refusal(), "{status} {code}");
        }
    }
}
