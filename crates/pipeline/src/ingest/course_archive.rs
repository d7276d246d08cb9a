//! The tar file of a course archive: which members are kept, and within which limits. It writes no member anywhere, follows no link, and
//! refuses an archive that is cut short or grows past what a course can be.

use std::io::{self, Read};
use std::sync::Arc;

use czar_formats::course_archive::{CourseArchive, Interest, MAX_MEMBER_BYTES, Member, interest, parse_course_archive};
use czar_formats::course_run_key::CourseRunKey;

use super::FileFailure;
use super::clear::Limited;
use super::member::Stop;
use super::record_rows::RejectedRecord;
use crate::package::DeliveredFile;

/// Members an archive may have; the largest courses have some ten thousand.
const MAX_MEMBERS: usize = 500_000;
/// Bytes of members that are kept at once.
const MAX_KEPT_BYTES: u64 = 512 << 20;
/// The same for an archive that is read beside others.
const MAX_KEPT_BYTES_OF_SMALL: u64 = 32 << 20;
/// Bytes of all members, with those that are passed over, such as hand-outs.
const MAX_ARCHIVE_BYTES: u64 = 32 << 30;
/// Bytes of a header that holds a long name.
const MAX_HEADER_BYTES: u64 = 64 << 10;
/// A tar file ends with zeros, at least as many.
const END_MARK_BYTES: u64 = 512;

/// An archive, with its members and their places.
pub struct ReadArchive {
    /// What it says.
    pub archive: CourseArchive,
    /// The members that were kept.
    pub members: Vec<Member>,
    /// Where the content of each begins in the clear file, and its length.
    places: Vec<(u64, u64)>,
}

impl ReadArchive {
    /// What was set aside, with the place of its member.
    pub fn rejects(&self) -> Vec<RejectedRecord> {
        let place = |member: Option<usize>| member.and_then(|member| self.places.get(member).copied()).unwrap_or_default();
        let name = |member: Option<usize>| member.and_then(|member| self.members.get(member)).map(|member| Arc::from(member.name.as_str()));
        let rejected = |set_aside: &czar_formats::course_archive::SetAside| RejectedRecord {
            line: set_aside.position as u64,
            offset: place(set_aside.member).0,
            n_bytes: place(set_aside.member).1,
            code: set_aside.reject.code,
            column: set_aside.reject.column,
            member: name(set_aside.member),
            salvage: None,
        };
        self.archive.rejects.iter().map(rejected).collect()
    }
}

/// Reads a whole archive. `is_alone` says that no other file is read at the same time.
///
/// # Errors
/// See [`Stop`].
pub fn read(file: &DeliveredFile, stream: Limited, known: Option<&str>, is_alone: bool) -> Result<ReadArchive, Stop> {
    let mut stream = Watched { stream, has_failed: false, n_bytes: 0, n_zeros: 0 };
    let max_kept_bytes = if is_alone { MAX_KEPT_BYTES } else { MAX_KEPT_BYTES_OF_SMALL };
    let (members, places) = match kept_members(&mut stream, max_kept_bytes) {
        Ok(kept) => kept,
        Err(Fault::KeepsTooMuch) if !is_alone => return Err(Stop::TooLarge),
        Err(fault) => return Err(Stop::File(fault.failure(file, stream.has_failed))),
    };
    let known = known.and_then(CourseRunKey::parse);
    let archive = parse_course_archive(&members, known.as_ref()).map_err(|error| {
        Stop::File(FileFailure::new(file, error.code(), error, Some("compare the archive with the same one of last week's package")))
    })?;
    Ok(ReadArchive { archive, members, places })
}

/// Why the tar file cannot be read to its end.
enum Fault {
    Stream(io::Error),
    CutShort,
    TooManyMembers,
    TooManyBytes,
    KeepsTooMuch,
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Stream(error)
    }
}

impl Fault {
    fn failure(self, file: &DeliveredFile, stream_has_failed: bool) -> FileFailure {
        let again = Some("fetch the file again and ingest it once more");
        let no_course = Some("look at the file: no course is that large");
        let too_large = |what: &str| FileFailure::new(file, "course_archive.too_large", format!("archive has {what}"), no_course);
        match self {
            // What a layer below found is told in its own words.
            Self::Stream(error) if stream_has_failed => FileFailure::of_stream(file, &error),
            Self::Stream(_) | Self::CutShort => {
                FileFailure::new(file, "course_archive.damaged", "archive is no tar file, or was cut before its end", again)
            }
            Self::TooManyMembers => too_large(&format!("more than {MAX_MEMBERS} members")),
            Self::TooManyBytes => too_large(&format!("more than {MAX_ARCHIVE_BYTES} bytes")),
            Self::KeepsTooMuch => too_large(&format!("more than {MAX_KEPT_BYTES} bytes of course content")),
        }
    }
}

type Kept = (Vec<Member>, Vec<(u64, u64)>);

fn kept_members(stream: &mut Watched, max_kept_bytes: u64) -> Result<Kept, Fault> {
    let (mut members, mut places) = (Vec::new(), Vec::new());
    let (mut n_members, mut n_kept_bytes) = (0_usize, 0_u64);
    let mut long_name: Option<Vec<u8>> = None;
    let mut archive = tar::Archive::new(&mut *stream);
    // Raw: the library would hold a name of any length in memory.
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry?;
        n_members += 1;
        if n_members > MAX_MEMBERS {
            return Err(Fault::TooManyMembers);
        }
        let kind = entry.header().entry_type();
        let (offset, n_bytes) = (entry.raw_file_position(), entry.size());
        if offset.saturating_add(n_bytes) > MAX_ARCHIVE_BYTES {
            return Err(Fault::TooManyBytes);
        }
        if kind.is_gnu_longname() || kind.is_pax_local_extensions() {
            if n_bytes > MAX_HEADER_BYTES {
                return Err(Fault::TooManyBytes);
            }
            let text = content(&mut entry, n_bytes)?;
            let named = if kind.is_gnu_longname() { Some(until_nul(&text).to_vec()) } else { pax_path(&text) };
            long_name = named.or(long_name);
            continue;
        }
        // These stand between a long name and its member.
        if kind.is_gnu_longlink() || kind.is_pax_global_extensions() {
            continue;
        }
        let name = long_name.take().unwrap_or_else(|| entry.path_bytes().into_owned());
        let name = String::from_utf8_lossy(&name).into_owned();
        let wanted = interest(&name);
        if !kind.is_file() || wanted == Interest::None {
            continue;
        }
        let is_too_large = n_bytes > MAX_MEMBER_BYTES && wanted == Interest::Content;
        let bytes = if wanted == Interest::Content && !is_too_large { content(&mut entry, n_bytes)? } else { Vec::new() };
        n_kept_bytes += (bytes.len() + name.len()) as u64;
        if n_kept_bytes > max_kept_bytes {
            return Err(Fault::KeepsTooMuch);
        }
        members.push(Member { name, bytes, is_too_large });
        places.push((offset, n_bytes));
    }
    // Only the end of the stream tells that the layers around it are whole.
    io::copy(stream, &mut io::sink())?;
    if stream.n_zeros < END_MARK_BYTES {
        return Err(Fault::CutShort);
    }
    Ok((members, places))
}

/// The whole content of an entry; the library ends a cut one without an error.
fn content(entry: &mut impl Read, n_bytes: u64) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    entry.take(n_bytes).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == n_bytes { Ok(bytes) } else { Err(Fault::CutShort) }
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or_default()
}

fn pax_path(text: &[u8]) -> Option<Vec<u8>> {
    let path = tar::PaxExtensions::new(text).flatten().find(|extension| extension.key_bytes() == b"path")?;
    Some(path.value_bytes().to_vec())
}

/// A stream that remembers whether it failed itself, and with how many zeros it ended.
struct Watched {
    stream: Limited,
    has_failed: bool,
    n_bytes: u64,
    n_zeros: u64,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.stream.read(buffer).inspect_err(|_| self.has_failed = true)?;
        let read = buffer.get(..n).unwrap_or_default();
        self.n_bytes += n as u64;
        match read.iter().rposition(|&byte| byte != 0) {
            Some(last) => self.n_zeros = (n - last - 1) as u64,
            None => self.n_zeros += n as u64,
        }
        if self.n_bytes > MAX_ARCHIVE_BYTES {
            self.has_failed = true;
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("archive has more than {MAX_ARCHIVE_BYTES} bytes")));
        }
        Ok(n)
    }
}
