//! Lists and reads an S3 bucket, or what lies under a prefix of one. It writes nothing there.
//!
//! Access keys, region and endpoint come from the environment and the AWS profile alone: who looks at a bucket needs no configuration.

use std::ops::Range;
use std::time::Duration;

use super::super::PackageError;
use super::{Entry, Listing};
use crate::remote::s3::{BucketAddress, S3};
use crate::remote::{Http, HttpOptions, Trouble};

/// Someone sits and waits: better a refusal after some seconds than silence for three minutes.
const PATIENCE: HttpOptions = HttpOptions { timeout: Duration::from_secs(20), tries: 4 };

/// A bucket, or a prefix of one.
#[derive(Clone)]
pub struct Bucket {
    address: String,
    parsed: BucketAddress,
    s3: S3,
}

impl Bucket {
    /// Whether a place is written as a bucket.
    #[must_use]
    pub fn is_address(place: &str) -> bool {
        BucketAddress::is_one(place)
    }

    /// Opens `s3://bucket[/prefix]`. Nothing is asked of the server yet.
    ///
    /// # Errors
    /// The address or the environment is not complete.
    pub fn open(address: &str) -> Result<Self, PackageError> {
        let refuse = |reason: String| PackageError::BucketAddress { address: address.to_owned(), reason };
        let parsed = BucketAddress::parse(address).map_err(refuse)?;
        let http = Http::new(PATIENCE).map_err(|trouble| refuse(trouble.to_string()))?;
        let environment = &|name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let s3 = S3::from_environment(http, environment).map_err(refuse)?;
        let without_keys =
            || PackageError::Bucket { address: address.to_owned(), reason: "there are no access keys".to_owned(), is_refusal: true };
        Ok(Self { address: address.trim_end_matches('/').to_owned(), parsed, s3: s3.ok_or_else(without_keys)? })
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
        let mut entries: Vec<Entry> = Vec::new();
        let listed = self.s3.list(&self.parsed.bucket, &self.parsed.prefix, |page| entries.extend(page.entries));
        listed.map_err(|trouble| self.failed(&trouble))?;
        // A folder, as some programs draw it in a bucket.
        entries.retain(|entry| !entry.key.ends_with('/'));
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(Listing { entries, unreadable: Vec::new() })
    }

    /// Reads some bytes of an object.
    ///
    /// # Errors
    /// The server cannot be reached or refuses, or the object is gone.
    pub fn read_range(&self, key: &str, range: Range<u64>) -> Result<Vec<u8>, PackageError> {
        self.s3.get_range(&self.parsed.bucket, key, range).map_err(|trouble| self.failed(&trouble))
    }

    fn failed(&self, trouble: &Trouble) -> PackageError {
        PackageError::Bucket { address: self.address.clone(), reason: trouble.to_string(), is_refusal: trouble.is_refusal() }
    }
}
