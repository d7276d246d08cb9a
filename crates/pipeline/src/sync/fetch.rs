//! Fetches one object into its file: from where an earlier run stopped, again after each trouble that may pass, and compared with what the
//! server says of its bytes before the file gets its name.

use std::io;
use std::path::Path;

use super::checksum::{Expected, fits, md5_of_etag};
use super::part::Part;
use super::place::Place;
use super::plan::Object;
use crate::progress::Progress;
use crate::remote::Trouble;
use crate::remote::http::wait_before;

/// So many bytes in one try show that the connection works, and tries are counted anew.
const WORTHWHILE_BYTES: u64 = 1 << 20;
/// How often an object may change while it is fetched.
const MAX_VERSIONS: usize = 4;
/// How often bytes that do not fit the server's checksum are thrown away.
const MAX_MISFITS: usize = 3;

/// Why an object did not arrive.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    /// The place does not give it.
    #[error("{0}")]
    Trouble(Trouble),
    /// It cannot be written here.
    #[error("{0}")]
    Disk(io::Error),
    /// Another process fetches it.
    #[error("another run is fetching it now")]
    Busy,
    /// It changes faster than it can be fetched.
    #[error("it was changed at its place again and again while it was fetched")]
    Restless,
    /// What arrives is something else each time.
    #[error("what arrived did not have the checksum that the server tells, {MAX_MISFITS} times")]
    Misfit,
}

impl FetchError {
    /// The next step.
    pub(super) fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Trouble(trouble) => match trouble.status() {
                Some(404) => "it was there when the place was listed, and is gone now".to_owned(),
                Some(403) => "the access keys may list it and not read it: ask edX".to_owned(),
                _ if trouble.may_pass() => "run `czar sync` again: it goes on where this run stopped".to_owned(),
                _ => return None,
            },
            Self::Disk(_) => return None,
            Self::Busy => "wait for the other run to end".to_owned(),
            Self::Restless => "run `czar sync` again later".to_owned(),
            Self::Misfit => "something between here and the server changes bytes: try another network, or tell edX".to_owned(),
        })
    }
}

impl From<io::Error> for FetchError {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

/// Fetches an object, of which the listing may be out of date; gives it back as it was fetched.
pub(super) fn fetch(place: &Place, object: &Object, target: &Path, tries: u32, progress: &dyn Progress) -> Result<Object, FetchError> {
    let mut object = object.clone();
    for _ in 0..MAX_VERSIONS {
        let Some(mut part) = Part::open(target, &object.version(), object.entry.n_bytes)? else { return Err(FetchError::Busy) };
        progress.advance(part.n_bytes());
        match fill_and_check(place, &object, &mut part, tries, progress) {
            Ok(true) => {
                part.finish(target, object.entry.modified_at)?;
                return Ok(object);
            }
            Ok(false) => part.discard(),
            Err(error) => {
                // There is nothing to go on with.
                if part.n_bytes() == 0 {
                    part.discard();
                }
                return Err(error);
            }
        }
        object.entry = place.look(&object.entry.key).map_err(FetchError::Trouble)?;
    }
    Err(FetchError::Restless)
}

/// Gets all bytes of one version; `false` when there is another version now.
fn fill_and_check(place: &Place, object: &Object, part: &mut Part, tries: u32, progress: &dyn Progress) -> Result<bool, FetchError> {
    let mut has_opaque_etag = false;
    let mut misfits: Vec<String> = Vec::new();
    loop {
        if !fill(place, object, part, &mut has_opaque_etag, tries, progress)? {
            return Ok(false);
        }
        if is_as_told(place, object, part, has_opaque_etag)? {
            return Ok(true);
        }
        // The same bytes twice are what the server has: then its ETag is no checksum of them, as with some servers that encrypt.
        let md5 = part.md5();
        if misfits.contains(&md5) {
            tracing::debug!(key = object.entry.key, "the ETag is no checksum");
            return Ok(true);
        }
        misfits.push(md5);
        if misfits.len() >= MAX_MISFITS {
            return Err(FetchError::Misfit);
        }
        part.begin_anew()?;
    }
}

/// Gets bytes until all are there; `false` when there is another version now.
fn fill(
    place: &Place,
    object: &Object,
    part: &mut Part,
    has_opaque_etag: &mut bool,
    tries: u32,
    progress: &dyn Progress,
) -> Result<bool, FetchError> {
    let mut n_fruitless = 0;
    while part.n_bytes() < object.entry.n_bytes {
        let before = part.n_bytes();
        let trouble = match pull(place, object, part, has_opaque_etag, progress)? {
            Ok(()) => continue,
            Err(trouble) if trouble.status() == Some(412) => return Ok(false),
            Err(trouble) => trouble,
        };
        if part.n_bytes().saturating_sub(before) >= WORTHWHILE_BYTES {
            n_fruitless = 0;
        }
        n_fruitless += 1;
        if !trouble.may_pass() || n_fruitless >= tries {
            return Err(FetchError::Trouble(trouble));
        }
        tracing::debug!(key = object.entry.key, %trouble, n_fruitless, at = part.n_bytes(), "asking again");
        std::thread::sleep(wait_before(n_fruitless));
    }
    Ok(true)
}

/// One request, and the bytes that came of it.
fn pull(
    place: &Place,
    object: &Object,
    part: &mut Part,
    has_opaque_etag: &mut bool,
    progress: &dyn Progress,
) -> Result<Result<(), Trouble>, FetchError> {
    let mut coming = match place.get(object, part.n_bytes()) {
        Ok(coming) => coming,
        Err(trouble) => return Ok(Err(trouble)),
    };
    *has_opaque_etag = coming.has_opaque_etag;
    if coming.starts_at != part.n_bytes() {
        // The server knows no ranges.
        part.begin_anew()?;
    }
    while part.n_bytes() < object.entry.n_bytes {
        let room = object.entry.n_bytes - part.n_bytes();
        let next = coming.next(|bytes| match u64::try_from(bytes.len()) {
            Ok(n_bytes) if n_bytes <= room => part.write(bytes),
            _ => Err(io::ErrorKind::InvalidData.into()),
        });
        match next {
            Ok(Ok(0)) => return Ok(Err(Trouble::Silent { reason: "the server sent fewer bytes than it has".to_owned() })),
            Ok(Ok(n_bytes)) => progress.advance(n_bytes as u64),
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                return Ok(Err(Trouble::strange("the server sent more bytes than it has")));
            }
            Ok(Err(error)) => return Err(error.into()),
            Err(trouble) => return Ok(Err(trouble)),
        }
    }
    Ok(Ok(()))
}

/// Whether the bytes are what the place says of them; where it says nothing, their number has to do.
fn is_as_told(place: &Place, object: &Object, part: &Part, has_opaque_etag: bool) -> Result<bool, FetchError> {
    if has_opaque_etag {
        return Ok(true);
    }
    if let Some(md5) = object.entry.etag.as_deref().and_then(md5_of_etag) {
        return Ok(md5 == part.md5());
    }
    match place.checksum(object) {
        Ok(Some(expected)) => Ok(fits(part.path(), &expected)?),
        Ok(None) => Ok(true),
        // A server that gives objects and no word of them is believed.
        Err(trouble) => {
            tracing::debug!(key = object.entry.key, %trouble, "no checksum");
            Ok(true)
        }
    }
}

/// Whether a file that lies here is an object, as far as its ETag tells. The size has been compared.
pub(super) fn is_same(file: &Path, object: &Object) -> bool {
    match object.entry.etag.as_deref().and_then(md5_of_etag) {
        Some(md5) => fits(file, &Expected::Md5(md5)).unwrap_or(false),
        None => true,
    }
}
