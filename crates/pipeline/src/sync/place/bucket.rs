//! Objects of an S3 bucket. Only what begins with the names of our organisations is listed; a server that does not allow this is asked for
//! the whole list, of which the rest is counted.

use reqwest::header::{CONTENT_LENGTH, ETAG, LAST_MODIFIED};

use super::{Coming, ContentKind, Entry, Expected, Organisation, coming, http_date};
use crate::remote::Trouble;
use crate::remote::s3::{BucketAddress, S3};
use crate::sync::checksum::n_parts_of_etag;
use crate::sync::kind::prefixes;

pub(super) struct BucketPlace {
    s3: S3,
    bucket: String,
    prefix: String,
}

impl BucketPlace {
    pub(super) fn new(s3: S3, address: BucketAddress) -> Self {
        Self { s3, bucket: address.bucket, prefix: address.prefix }
    }

    pub(super) fn list(&self, kinds: &[ContentKind], organisations: &[Organisation], each: &mut dyn FnMut(Entry)) -> Result<(), Trouble> {
        for prefix in prefixes(&self.prefix, kinds, organisations) {
            let listed = self.s3.list(&self.bucket, &prefix, |page| page.entries.into_iter().for_each(&mut *each));
            match listed {
                // Rights may be given for the whole list alone. What was listed before is passed over the second time.
                Err(trouble) if trouble.code() == Some("AccessDenied") && prefix != self.prefix => {
                    let whole = self.s3.list(&self.bucket, &self.prefix, |page| page.entries.into_iter().for_each(&mut *each));
                    // The first answer says more of what was asked for.
                    return whole.map_err(|second| if second.code() == trouble.code() { trouble } else { second });
                }
                result => result?,
            }
        }
        Ok(())
    }

    pub(super) fn get(&self, entry: &Entry, from: u64) -> Result<Coming, Trouble> {
        let answer = self.s3.get(&self.bucket, &entry.key, entry.etag.as_deref(), from)?;
        // With a key of the key service, or of the customer, the ETag is no MD5 (Amazon's documentation of `Object`).
        let is_sealed = answer.header_named("x-amz-server-side-encryption").is_some_and(|how| how.starts_with("aws:kms"))
            || answer.header_named("x-amz-server-side-encryption-customer-algorithm").is_some();
        coming(answer, entry, from, is_sealed)
    }

    pub(super) fn look(&self, key: &str) -> Result<Entry, Trouble> {
        let answer = self.s3.head(&self.bucket, key, false)?;
        let n_bytes = answer.header(&CONTENT_LENGTH).and_then(|text| text.parse().ok());
        Ok(Entry {
            key: key.to_owned(),
            n_bytes: n_bytes.ok_or_else(|| Trouble::strange("the server does not say how large the object is"))?,
            modified_at: answer.header(&LAST_MODIFIED).and_then(http_date).unwrap_or_default(),
            etag: answer.header(&ETAG).map(str::to_owned),
        })
    }

    /// For an object that was sent to the server in parts.
    pub(super) fn checksum(&self, entry: &Entry) -> Result<Option<Expected>, Trouble> {
        let Some((etag, n_parts)) = entry.etag.as_deref().and_then(|etag| Some((etag, n_parts_of_etag(etag)?))) else { return Ok(None) };
        let answer = self.s3.head(&self.bucket, &entry.key, false)?;
        // A checksum of checksums has a dash and says nothing without the bounds of the parts.
        let of_all = |name: &str| answer.header_named(name).filter(|text| !text.contains('-')).map(str::to_owned);
        if let Some(text) = of_all("x-amz-checksum-crc64nvme") {
            return Ok(Some(Expected::Crc64Nvme(text)));
        }
        if let Some(text) = of_all("x-amz-checksum-crc32") {
            return Ok(Some(Expected::Crc32(text)));
        }
        // The size of the first part is that of all but the last, as all programs send them that are in use.
        let Ok(first) = self.s3.head(&self.bucket, &entry.key, true) else { return Ok(None) };
        let part_bytes: Option<u64> = first.header(&CONTENT_LENGTH).and_then(|text| text.parse().ok());
        let part_bytes = part_bytes.filter(|part_bytes| *part_bytes > 0 && entry.n_bytes.div_ceil(*part_bytes) == n_parts);
        Ok(part_bytes.map(|part_bytes| Expected::Parts { etag: etag.to_owned(), part_bytes }))
    }

    /// The next step after trouble with the bucket.
    pub(super) fn hint(&self, trouble: &Trouble, setting: &str) -> String {
        let origin = self.s3.credentials_origin();
        let Trouble::Answered { code, region, date, status, .. } = trouble else {
            return format!("check the network, and that `{}` is the right server (`sync.endpoint` or AWS_ENDPOINT_URL)", self.s3.host());
        };
        if let Some(region) = region.as_ref().filter(|_| matches!(status, 301 | 307 | 400)) {
            return format!("the bucket is in the region `{region}`: set `sync.region` or AWS_REGION to it");
        }
        match code.as_deref() {
            Some("NoSuchBucket") => format!("`{setting}` in czar.toml names the bucket"),
            Some("InvalidAccessKeyId") => {
                format!("the server does not know the key id, which comes from {origin}: is it an old one? edX sends new ones on request")
            }
            Some("SignatureDoesNotMatch") => {
                format!("the secret access key does not belong to the key id; both come from {origin}: copy both again from what edX sent")
            }
            Some("RequestTimeTooSkewed" | "RequestExpired") => match date {
                Some(date) => format!("the clock of this machine is wrong: the server's says {date}; set it, best by NTP"),
                None => "the clock of this machine is wrong: set it, best by NTP".to_owned(),
            },
            Some("ExpiredToken" | "InvalidToken") => format!("the keys from {origin} were good for some time only: get new ones"),
            Some("AccessDenied" | "AllAccessDisabled") => format!(
                "the keys from {origin} may not list this for your organisation: check `organisation.name`, take the kind out of \
                 `sync.kinds`, or ask edX for access"
            ),
            Some("AuthorizationHeaderMalformed" | "PermanentRedirect") => {
                "the bucket is in another region: set `sync.region` or AWS_REGION to it".to_owned()
            }
            _ if trouble.may_pass() => "the server has trouble of its own: try again later".to_owned(),
            _ => format!("check `{setting}` and `sync.endpoint` in czar.toml, and the keys, which come from {origin}"),
        }
    }
}
