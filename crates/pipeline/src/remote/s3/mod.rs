//! An S3 server, asked for listings and objects with signed requests. Addresses are of the path style, which Amazon and other servers both
//! answer. It asks for nothing that changes a bucket.

mod address;
mod answer;
mod credentials;
mod profile;
mod signing_keys;

use object_store::aws::{AwsAuthorizer, AwsCredential};
use object_store::client::{HttpRequest, HttpRequestBody};
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, IF_MATCH, RANGE};
use url::Url;

use super::percent::{encode_path, encode_value};
use super::{Answer, Http, Trouble};

pub use address::BucketAddress;
pub(crate) use answer::refusal;
pub use answer::{ListPage, list_page};
pub use credentials::{Credentials, CredentialsError, Environment};
pub use profile::{Profile, read_profile};

/// Where Amazon is when nothing says otherwise: edX's buckets are there.
pub const DEFAULT_REGION: &str = "us-east-1";

/// A server, and by whom it is asked.
#[derive(Clone)]
pub struct S3 {
    http: Http,
    endpoint: Url,
    region: String,
    credentials: Credentials,
}

impl S3 {
    /// A server, without asking it anything. Amazon's own when no endpoint is given.
    ///
    /// # Errors
    /// The endpoint is no address of a server.
    pub fn new(http: Http, endpoint: Option<&str>, region: &str, credentials: Credentials) -> Result<Self, String> {
        let is_plain = !region.is_empty() && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_plain {
            return Err(format!("`{}` is not the name of a region", region.escape_debug()));
        }
        let amazon = format!("https://s3.{region}.amazonaws.com");
        let text = endpoint.unwrap_or(&amazon).trim_end_matches('/');
        let endpoint = Url::parse(text).map_err(|error| format!("the endpoint is no address: {error}"))?;
        if !matches!(endpoint.scheme(), "http" | "https") || endpoint.host_str().is_none() {
            return Err("the endpoint has to begin with `https://` or `http://`".to_owned());
        }
        if !endpoint.username().is_empty() || endpoint.password().is_some() || endpoint.query().is_some() {
            return Err("the endpoint has to be the address of a server and nothing more".to_owned());
        }
        Ok(Self { http, endpoint, region: region.to_owned(), credentials })
    }

    /// The server that the environment and the AWS profile name, asked with their keys; `None` when there are none.
    ///
    /// # Errors
    /// What they say cannot be.
    pub fn from_environment(http: Http, environment: Environment<'_>) -> Result<Option<Self>, String> {
        let named = environment("AWS_PROFILE");
        let name = named.clone().unwrap_or_else(|| "default".to_owned());
        let profile = Credentials::profile(&name, environment).map_err(|error| error.to_string())?;
        let mut credentials = Credentials::from_environment(environment).map_err(|error| error.to_string())?;
        if credentials.is_none() && (profile.exists || named.is_some()) {
            credentials = Some(Credentials::from_profile(&name, &profile).map_err(|error| error.to_string())?);
        }
        let Some(credentials) = credentials else { return Ok(None) };
        let (endpoint, region) = endpoint_and_region(environment, profile);
        Self::new(http, endpoint.as_deref(), &region, credentials).map(Some)
    }

    /// The client by which it is asked.
    #[must_use]
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// The server's name, for messages.
    #[must_use]
    pub fn host(&self) -> &str {
        self.endpoint.host_str().unwrap_or_default()
    }

    /// Where the credentials come from, for messages.
    #[must_use]
    pub fn credentials_origin(&self) -> &str {
        self.credentials.origin()
    }

    /// Lists all keys that begin with a prefix, page by page, telling each page's size as it comes.
    ///
    /// # Errors
    /// The last try for a page failed.
    pub fn list(&self, bucket: &str, prefix: &str, mut each: impl FnMut(ListPage)) -> Result<(), Trouble> {
        let mut token: Option<String> = None;
        loop {
            let mut url = self.url(bucket, "")?;
            let mut query = format!("encoding-type=url&list-type=2&prefix={}", encode_value(prefix));
            if let Some(token) = &token {
                query = format!("continuation-token={}&{query}", encode_value(token));
            }
            url.set_query(Some(&query));
            let page = self.http.insist(|| {
                let answer = self.send(Method::GET, &url, HeaderMap::new())?;
                match answer.status() {
                    200 => list_page(&answer.whole(answer::MAX_PAGE_BYTES)?),
                    _ => Err(answer.into_trouble()),
                }
            })?;
            let next = page.next.clone();
            each(page);
            match next {
                // A server that gives the same token again would be asked for ever.
                Some(next) if token.as_ref() == Some(&next) => return Err(Trouble::strange("the server's listing goes in a circle")),
                Some(next) => token = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// Asks once for an object from a byte on, if it still has the ETag.
    ///
    /// # Errors
    /// There is no answer, or another one.
    pub fn get(&self, bucket: &str, key: &str, etag: Option<&str>, from: u64) -> Result<Answer, Trouble> {
        let mut headers = HeaderMap::new();
        if from > 0 {
            headers.insert(RANGE, value(&format!("bytes={from}-"))?);
        }
        if let Some(etag) = etag {
            headers.insert(IF_MATCH, value(etag)?);
        }
        headers.insert(HeaderName::from_static("x-amz-checksum-mode"), HeaderValue::from_static("ENABLED"));
        let answer = self.send(Method::GET, &self.url(bucket, key)?, headers)?;
        match answer.status() {
            200 | 206 => Ok(answer),
            _ => Err(answer.into_trouble()),
        }
    }

    /// Asks for some bytes of an object.
    ///
    /// # Errors
    /// The last try failed.
    pub fn get_range(&self, bucket: &str, key: &str, range: std::ops::Range<u64>) -> Result<Vec<u8>, Trouble> {
        let n_bytes = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX);
        if n_bytes == 0 {
            return Ok(Vec::new());
        }
        let url = self.url(bucket, key)?;
        self.http.insist(|| {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, value(&format!("bytes={}-{}", range.start, range.end - 1))?);
            let answer = self.send(Method::GET, &url, headers)?;
            match answer.status() {
                206 => answer.whole(n_bytes),
                200 => Err(Trouble::strange("the server sends whole objects only")),
                _ => Err(answer.into_trouble()),
            }
        })
    }

    /// Asks for what is said of an object, or of the first part in which it was sent to the server.
    ///
    /// # Errors
    /// The last try failed.
    pub fn head(&self, bucket: &str, key: &str, of_first_part: bool) -> Result<Answer, Trouble> {
        let mut url = self.url(bucket, key)?;
        if of_first_part {
            url.set_query(Some("partNumber=1"));
        }
        self.http.insist(|| {
            let answer = self.send(Method::HEAD, &url, HeaderMap::new())?;
            match answer.status() {
                200 | 206 => Ok(answer),
                _ => Err(answer.into_trouble()),
            }
        })
    }

    fn url(&self, bucket: &str, key: &str) -> Result<Url, Trouble> {
        let mut url = self.endpoint.clone();
        let before = url.path().trim_end_matches('/').to_owned();
        let path = format!("{before}/{}/{}", encode_path(bucket), encode_path(key));
        url.set_path(&path);
        // Dots that an address resolves would lead to another object.
        if url.path() == path { Ok(url) } else { Err(Trouble::strange("the key cannot be asked for")) }
    }

    fn send(&self, method: Method, url: &Url, headers: HeaderMap) -> Result<Answer, Trouble> {
        let credential = self.http.wait_for(self.credentials.current())?;
        let headers = signed(&credential, &self.region, &method, url, headers)?;
        self.http.send(method, url, headers)
    }
}

/// What the environment says, else the profile, else what edX's buckets need.
pub fn endpoint_and_region(environment: Environment<'_>, profile: Profile) -> (Option<String>, String) {
    let endpoint = environment("AWS_ENDPOINT_URL_S3").or_else(|| environment("AWS_ENDPOINT_URL")).or(profile.endpoint_url);
    let region = environment("AWS_REGION").or_else(|| environment("AWS_DEFAULT_REGION")).or(profile.region);
    (endpoint, region.unwrap_or_else(|| DEFAULT_REGION.to_owned()))
}

/// The headers with a signature, which is good for a few minutes and this request only.
fn signed(credential: &AwsCredential, region: &str, method: &Method, url: &Url, headers: HeaderMap) -> Result<HeaderMap, Trouble> {
    let mut request = HttpRequest::new(HttpRequestBody::empty());
    *request.method_mut() = method.clone();
    *request.uri_mut() = url.as_str().parse().map_err(|_| Trouble::strange("the address cannot be asked for"))?;
    *request.headers_mut() = headers;
    AwsAuthorizer::new(credential, "s3", region).authorize(&mut request, None);
    Ok(std::mem::take(request.headers_mut()))
}

fn value(text: &str) -> Result<HeaderValue, Trouble> {
    HeaderValue::from_str(text).map_err(|_| Trouble::strange("the server's ETag cannot be asked for"))
}
