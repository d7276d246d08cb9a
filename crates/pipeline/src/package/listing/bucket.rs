//! Lists and reads an S3 bucket, or what lies under a prefix of one. It writes nothing there.
//!
//! Credentials, region and endpoint come from the standard environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`,
//! `AWS_ENDPOINT_URL`). Addresses are of the path style, which Amazon and other servers both answer.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{BackoffConfig, ObjectStore as _, ObjectStoreExt as _, RetryConfig};
use tokio::runtime::Runtime;

use super::super::PackageError;
use super::{Entry, Listing};

/// Someone sits and waits: better a refusal after some seconds than silence for three minutes.
const RETRY_SECS: u64 = 15;

/// A bucket, or a prefix of one.
#[derive(Clone)]
pub struct Bucket {
    address: String,
    prefix: Option<Path>,
    store: Arc<AmazonS3>,
    runtime: Arc<Runtime>,
}

impl Bucket {
    /// Whether a place is written as a bucket.
    #[must_use]
    pub fn is_address(place: &str) -> bool {
        place.starts_with("s3://")
    }

    /// Opens `s3://bucket[/prefix]`. Nothing is asked of the server yet.
    ///
    /// # Errors
    /// The address or the environment is not complete.
    pub fn open(address: &str) -> Result<Self, PackageError> {
        let refuse = |reason: &str| PackageError::BucketAddress { address: address.to_owned(), reason: reason.to_owned() };
        let rest = address.strip_prefix("s3://").ok_or_else(|| refuse("it does not begin with `s3://`"))?;
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if name.is_empty() {
            return Err(refuse("it names no bucket"));
        }
        let prefix = prefix.trim_matches('/');
        let prefix = if prefix.is_empty() { None } else { Some(Path::parse(prefix).map_err(|error| refuse(&error.to_string()))?) };
        let retry = RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(RETRY_SECS), backoff: BackoffConfig::default() };
        let endpoint = std::env::var("AWS_ENDPOINT_URL_S3").or_else(|_| std::env::var("AWS_ENDPOINT_URL")).ok();
        let mut builder = AmazonS3Builder::from_env().with_bucket_name(name).with_retry(retry);
        if let Some(endpoint) = endpoint {
            builder = builder.with_allow_http(endpoint.starts_with("http://")).with_endpoint(endpoint);
        }
        let store = builder.build().map_err(|error| refuse(&error.to_string()))?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|error| refuse(&error.to_string()))?;
        Ok(Self { address: address.trim_end_matches('/').to_owned(), prefix, store: Arc::new(store), runtime: Arc::new(runtime) })
    }

    /// As it was given.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Lists all keys under the prefix.
    ///
    /// # Errors
    /// The server cannot be reached or refuses.
    pub fn list(&self) -> Result<Listing, PackageError> {
        let objects = self.store.list(self.prefix.as_ref());
        let objects: Vec<_> = self.runtime.block_on(objects.try_collect()).map_err(|source| self.failed(source))?;
        let mut entries: Vec<Entry> = objects
            .into_iter()
            .map(|object| Entry {
                key: object.location.to_string(),
                n_bytes: object.size,
                modified_at: object.last_modified.timestamp_micros(),
                etag: object.e_tag,
            })
            .collect();
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(Listing { entries, unreadable: Vec::new() })
    }

    /// Reads some bytes of an object.
    ///
    /// # Errors
    /// The server cannot be reached or refuses, or the object is gone.
    pub fn read_range(&self, key: &str, range: Range<u64>) -> Result<Vec<u8>, PackageError> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let read = async { self.store.get_range(&Path::parse(key)?, range).await };
        let bytes = self.runtime.block_on(read).map_err(|source| self.failed(source))?;
        Ok(bytes.to_vec())
    }

    fn failed(&self, source: object_store::Error) -> PackageError {
        let text = source.to_string();
        // The library has no kind of error for a list that is refused, only the text.
        let is_refusal = text.contains("status code: 40") || matches!(source, object_store::Error::NotFound { .. });
        let reason = answer(&text).unwrap_or(text);
        PackageError::Bucket { address: self.address.clone(), reason, is_refusal }
    }
}

/// Code and message of a server's answer in XML, without the rest of it.
fn answer(text: &str) -> Option<String> {
    let member = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        Some(rest.split_once('<')?.0)
    };
    let code = member("Code")?;
    Some(member("Message").map_or_else(|| code.to_owned(), |message| format!("{code}: {}", message.trim_end_matches('.'))))
}
