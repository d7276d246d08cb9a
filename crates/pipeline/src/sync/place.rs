//! A place from which files are fetched: a bucket, a folder, or a web server's page. All three list, and give an object from a byte on.
//! None of them changes anything there.

mod bucket;
mod folder;
mod web;

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use super::SyncError;
use super::checksum::Expected;
use super::kind::{ContentKind, Judged, Organisation, judge};
use super::plan::{Object, Selection};
use super::target::target;
use crate::package::is_passed_over_name;
use crate::package::listing::Entry;
use crate::remote::s3::{BucketAddress, S3};
use crate::remote::{Answer, Http, Trouble};

use bucket::BucketPlace;
use folder::FolderPlace;
use web::WebPlace;

/// A place, and which kinds of files are fetched from it.
pub struct Place {
    /// As it is in the settings.
    pub address: String,
    /// What is fetched from it.
    pub kinds: Vec<ContentKind>,
    /// By what its receipts are kept: keys are relative to this.
    pub identity: String,
    /// Its folder below the delivery folder.
    pub folder: String,
    source: Source,
}

enum Source {
    Bucket(BucketPlace),
    Folder(FolderPlace),
    Web(WebPlace),
}

/// What a place holds.
#[derive(Debug, Default)]
pub struct Listed {
    /// Files of ours, in order of key.
    pub objects: Vec<Object>,
    /// Files of other organisations.
    pub n_foreign: u64,
    /// What edX does not send.
    pub n_other: u64,
    /// Keys of ours that cannot be kept here, fit for a terminal.
    pub refused: Vec<String>,
    /// What could not be looked at, with the reason.
    pub unreadable: Vec<(String, String)>,
}

/// An object as it comes.
pub struct Coming {
    body: Body,
    /// The byte with which it begins.
    pub starts_at: u64,
    /// Whether the server has said that the ETag is no checksum: the object is kept encrypted there.
    pub has_opaque_etag: bool,
}

enum Body {
    Answer(Box<Answer>),
    File { file: File, block: Vec<u8> },
}

/// Opens places, as the settings name them.
pub struct Opener<'a> {
    /// For web servers.
    pub http: &'a Http,
    /// For buckets, when there are any.
    pub s3: Option<&'a S3>,
    /// Objects that are asked about at once.
    pub at_once: usize,
}

impl Opener<'_> {
    /// Opens a place without asking it anything.
    ///
    /// # Errors
    /// It is not written as a place.
    pub fn open(&self, address: &str, kinds: Vec<ContentKind>) -> Result<Place, SyncError> {
        let setting = kinds.first().map_or("sync", |kind| kind.setting());
        let refuse = |reason: String| SyncError::Settings {
            reason: format!("could not use `{}` as a place to fetch from: {reason}", without_user(address)),
            hint: format!("`{setting}` has to be `s3://bucket`, a folder, or the `https://` address of a page that lists files"),
        };
        let (source, identity, folder) = if BucketAddress::is_one(address) {
            let parsed = BucketAddress::parse(address).map_err(refuse)?;
            let s3 = self.s3.ok_or_else(|| refuse("there are no access keys".to_owned()))?;
            let names = (format!("s3://{}", parsed.bucket), parsed.bucket.clone());
            (Source::Bucket(BucketPlace::new(s3.clone(), parsed)), names.0, names.1)
        } else if address.starts_with("http://") || address.starts_with("https://") {
            let web = WebPlace::open(self.http.clone(), address, self.at_once).map_err(refuse)?;
            let names = (web.address().to_owned(), web.folder_name());
            (Source::Web(web), names.0, names.1)
        } else if let Some((scheme, _)) = address.split_once("://") {
            return Err(refuse(format!("`{scheme}://` is not known")));
        } else {
            let folder = FolderPlace::open(Path::new(address)).map_err(refuse)?;
            let names = (folder.path().display().to_string(), folder.folder_name());
            (Source::Folder(folder), names.0, names.1)
        };
        let folder = kept_folder(&folder);
        Ok(Place { address: address.to_owned(), kinds, identity, folder, source })
    }
}

/// An address without the name and password that somebody wrote into it.
fn without_user(address: &str) -> String {
    match address.split_once("://") {
        Some((scheme, rest)) => {
            let host_end = rest.find('/').unwrap_or(rest.len());
            let host_begin = rest[..host_end].rfind('@').map_or(0, |at| at + 1);
            format!("{scheme}://{}", &rest[host_begin..])
        }
        None => address.to_owned(),
    }
}

/// A folder's name that an ingest looks into.
fn kept_folder(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_alphanumeric() || "._-".contains(c) { c } else { '-' }).take(100).collect();
    let plain = plain.trim_start_matches('.');
    if plain.is_empty() || is_passed_over_name(plain) { format!("{plain}-files") } else { plain.to_owned() }
}

impl Place {
    /// Lists what is there of the kinds and organisations. What is before a wanted day need not be looked at more closely.
    ///
    /// # Errors
    /// The place cannot be listed.
    pub fn list(&self, organisations: &[Organisation], selection: &Selection) -> Result<Listed, SyncError> {
        let mut sorter = Sorter { place: self, organisations, seen: BTreeSet::new(), listed: Listed::default() };
        match &self.source {
            Source::Bucket(bucket) => bucket.list(&self.kinds, organisations, &mut |entry| sorter.take(entry)),
            Source::Folder(folder) => {
                folder.list(&mut sorter.listed.unreadable).map(|entries| entries.into_iter().for_each(|entry| sorter.take(entry)))
            }
            Source::Web(web) => web.list(&mut |entry| sorter.take(entry)),
        }
        .map_err(|trouble| self.failed(&trouble))?;
        let mut listed = sorter.listed;
        listed.objects.sort_by(|a, b| a.entry.key.cmp(&b.entry.key));
        if let Source::Web(web) = &self.source {
            // A page tells sizes in thousands, if at all.
            let objects = std::mem::take(&mut listed.objects);
            let (objects, unreadable) = web.look_at(objects, selection);
            listed.objects = objects;
            listed.unreadable.extend(unreadable);
        }
        Ok(listed)
    }

    /// Asks once for an object from a byte on.
    ///
    /// # Errors
    /// It is not given, or is another version; then the trouble has the status 412.
    pub fn get(&self, object: &Object, from: u64) -> Result<Coming, Trouble> {
        match &self.source {
            Source::Bucket(bucket) => bucket.get(&object.entry, from),
            Source::Folder(folder) => folder.get(&object.entry, from),
            Source::Web(web) => web.get(&object.entry, from),
        }
    }

    /// What is said of an object now.
    ///
    /// # Errors
    /// It is gone, or the place does not answer.
    pub fn look(&self, key: &str) -> Result<Entry, Trouble> {
        match &self.source {
            Source::Bucket(bucket) => bucket.look(key),
            Source::Folder(folder) => folder.look(key),
            Source::Web(web) => web.look(key),
        }
    }

    /// What the bytes of an object have to give, where its ETag is no MD5 and the place tells otherwise.
    ///
    /// # Errors
    /// The place does not answer.
    pub fn checksum(&self, object: &Object) -> Result<Option<Expected>, Trouble> {
        match &self.source {
            Source::Bucket(bucket) => bucket.checksum(&object.entry),
            Source::Folder(_) | Source::Web(_) => Ok(None),
        }
    }

    /// What the trouble of a whole place means, and what to do.
    fn failed(&self, trouble: &Trouble) -> SyncError {
        let setting = self.kinds.first().map_or("sync", |kind| kind.setting());
        let hint = match &self.source {
            Source::Bucket(bucket) => bucket.hint(trouble, setting),
            Source::Folder(_) => format!("`{setting}` in czar.toml names the folder; is it mounted?"),
            Source::Web(web) => web.hint(trouble, setting),
        };
        let reason = trouble.to_string();
        let is_refusal = trouble.is_refusal() || matches!(trouble, Trouble::Strange { .. });
        SyncError::Place { addresses: vec![self.address.clone()], reason, hint, is_refusal }
    }
}

/// Sorts what is listed by whose it is.
struct Sorter<'a> {
    place: &'a Place,
    organisations: &'a [Organisation],
    seen: BTreeSet<String>,
    listed: Listed,
}

impl Sorter<'_> {
    fn take(&mut self, entry: Entry) {
        // A folder, as some programs draw it in a bucket.
        if entry.key.ends_with('/') || entry.key.is_empty() {
            return;
        }
        let judged = judge(&entry.key, self.organisations);
        let Judged::Ours { kind, organisation, date } = judged else {
            let is_foreign = judged == Judged::Foreign;
            self.listed.n_foreign += u64::from(is_foreign);
            self.listed.n_other += u64::from(!is_foreign);
            return;
        };
        if !self.place.kinds.contains(&kind) {
            return;
        }
        if target(&self.place.folder, &entry.key).is_none() {
            self.listed.refused.push(super::target::shown(&entry.key));
        } else if self.seen.insert(entry.key.clone()) {
            self.listed.objects.push(Object { entry, kind, organisation, date });
        }
    }
}

impl Coming {
    /// The next bytes; empty at the end.
    ///
    /// # Errors
    /// The connection broke or stands still, or the file cannot be read.
    pub fn next(&mut self, mut take: impl FnMut(&[u8]) -> std::io::Result<()>) -> Result<std::io::Result<usize>, Trouble> {
        use std::io::Read as _;
        match &mut self.body {
            Body::Answer(answer) => {
                let bytes = answer.next_bytes()?;
                let bytes = bytes.as_ref();
                Ok(if bytes.is_empty() { Ok(0) } else { take(bytes).map(|()| bytes.len()) })
            }
            Body::File { file, block } => loop {
                return match file.read(block) {
                    Ok(0) => Ok(Ok(0)),
                    Ok(n_bytes) => Ok(take(block.get(..n_bytes).unwrap_or_default()).map(|()| n_bytes)),
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                    Err(error) => Err(Trouble::Silent { reason: format!("the file could not be read: {error}") }),
                };
            },
        }
    }
}

/// The object is another version now.
fn changed() -> Trouble {
    Trouble::Answered { status: 412, code: None, message: None, region: None, date: None }
}

/// First byte and size of the whole, as `Content-Range` tells them: `bytes 5-9/10`.
fn content_range(text: &str) -> Option<(u64, u64)> {
    let (range, size) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    Some((range.split_once('-')?.0.parse().ok()?, size.parse().ok()?))
}

/// An answer to a request for an object from a byte on, if it is what was asked for.
fn coming(answer: Answer, entry: &Entry, from: u64, has_opaque_etag: bool) -> Result<Coming, Trouble> {
    use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG};
    let (starts_at, n_bytes) = match answer.status() {
        206 => answer
            .header(&CONTENT_RANGE)
            .and_then(content_range)
            .map(|(start, size)| (start, Some(size)))
            .ok_or_else(|| Trouble::strange("the server does not say which bytes it sends"))?,
        _ => (0, answer.header(&CONTENT_LENGTH).and_then(|text| text.parse().ok())),
    };
    let etag = answer.header(&ETAG);
    let is_other_etag = etag.is_some() && entry.etag.is_some() && etag != entry.etag.as_deref();
    if is_other_etag || n_bytes.is_some_and(|n_bytes| n_bytes != entry.n_bytes) {
        return Err(changed());
    }
    if starts_at != from && starts_at != 0 {
        return Err(Trouble::strange("the server sends other bytes than it was asked for"));
    }
    Ok(Coming { body: Body::Answer(Box::new(answer)), starts_at, has_opaque_etag })
}

/// Moments as HTTP writes them: `Sun, 11 Mar 2018 00:00:00 GMT`.
fn http_date(text: &str) -> Option<i64> {
    chrono::DateTime::parse_from_rfc2822(text).ok().map(|moment| moment.timestamp_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_place_is_one_that_an_ingest_looks_into() {
        for (name, kept) in [
            ("edx-course-data", "edx-course-data"),
            ("keys", "keys-files"),
            (".hidden", "hidden"),
            ("", "-files"),
            ("a b:8080", "a-b-8080"),
        ] {
            assert_eq!(kept_folder(name), kept);
        }
    }

    #[test]
    fn ranges_and_moments_of_http_are_read() {
        assert_eq!(content_range("bytes 5-9/10"), Some((5, 10)));
        assert_eq!(content_range("bytes */10"), None);
        assert_eq!(http_date("Sun, 11 Mar 2018 00:00:00 GMT"), Some(1_520_726_400_000_000));
    }
}
