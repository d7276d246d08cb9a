//! Writes a notice as an e-mail: text and HTML as alternatives, files beside them. It sends nothing and names no recipient to another.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, MultiPart, SinglePart};

use super::outbox::MailServer;
use super::templates::Rendered;

/// What a message says beside its words.
pub(super) struct Stamp<'a> {
    /// The same for each try, so that a mail program knows a message that comes twice.
    pub(super) message_id: &'a str,
    pub(super) sent_at: DateTime<Utc>,
    pub(super) recipients: &'a [lettre::Address],
    /// Files that go along, with their bytes.
    pub(super) attachments: Vec<(String, Vec<u8>)>,
}

/// Files of a notice: those that go along with their bytes, and the names of those that do not.
pub(super) fn attachments(paths: &[PathBuf], max_bytes: u64) -> (Vec<(String, Vec<u8>)>, Vec<String>) {
    let (mut taken, mut left) = (Vec::new(), Vec::new());
    let mut room = max_bytes;
    for path in paths {
        let name = file_name(path);
        let n_bytes = std::fs::metadata(path).map_or(u64::MAX, |facts| facts.len());
        // A file that is gone by now is told like one that is too big: it is not attached.
        match std::fs::read(path) {
            Ok(bytes) if n_bytes <= room => {
                room -= n_bytes;
                taken.push((name, bytes));
            }
            _ => left.push(name),
        }
    }
    (taken, left)
}

/// The bytes of the message.
pub(super) fn write(server: &MailServer, words: Rendered, stamp: Stamp<'_>) -> Result<Vec<u8>, lettre::error::Error> {
    let mut builder = Message::builder()
        .from(server.from.clone())
        .subject(words.subject)
        .date(SystemTime::from(stamp.sent_at))
        .message_id(Some(format!("<{}@{}>", stamp.message_id, server.from.email.domain())));
    if let Some(reply_to) = &server.reply_to {
        builder = builder.reply_to(reply_to.clone());
    }
    // A single recipient sees the own address, several see none of the others.
    builder = match (&server.to, stamp.recipients) {
        (None, [only]) => builder.to(only.clone().into()),
        (Some(to), _) => builder.to(to.clone()),
        (None, _) => builder.raw_header(header("To", "undisclosed-recipients:;")),
    };
    // RFC 3834: nobody's absence note is to answer.
    builder = builder.raw_header(header("Auto-Submitted", "auto-generated"));
    if let Some(first) = stamp.recipients.first() {
        builder = builder.envelope(lettre::address::Envelope::new(Some(server.from.email.clone()), vec![first.clone()])?);
    }
    // Boundaries from the message's own name: the same notice is the same bytes.
    let boundary = |part: &str| format!("czar-{part}-{}", blake3::hash(stamp.message_id.as_bytes()).to_hex());
    let alternative = MultiPart::alternative()
        .boundary(boundary("words"))
        .singlepart(SinglePart::plain(words.text))
        .singlepart(SinglePart::html(words.html));
    let message = if stamp.attachments.is_empty() {
        builder.multipart(alternative)?
    } else {
        let mut mixed = MultiPart::mixed().boundary(boundary("files")).multipart(alternative);
        for (name, bytes) in stamp.attachments {
            let content_type = content_type(&name);
            mixed = mixed.singlepart(Attachment::new(name).body(bytes, content_type));
        }
        builder.multipart(mixed)?
    };
    Ok(message.formatted())
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.to_owned(), value.to_owned())
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| "report".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn content_type(name: &str) -> ContentType {
    let kind = match name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
        Some("csv") => "text/csv; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("json") => "application/json",
        Some("pdf") => "application/pdf",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    ContentType::parse(kind).unwrap_or(ContentType::TEXT_PLAIN)
}
