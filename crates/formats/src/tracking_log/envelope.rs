//! The members every record has, as raw JSON text.
//!
//! It decides nothing: members it does not know are kept as they are, of repeated ones that it knows the last counts.

use std::fmt::Write as _;

use super::context::Context;
use super::json;
use super::scan::Scanner;

/// Raw JSON text of the common members (docs/concepts/edx-files.md, "Common fields").
#[derive(Debug, Default)]
pub(super) struct Envelope<'a> {
    pub(super) time: Option<&'a str>,
    pub(super) event_source: Option<&'a str>,
    pub(super) event_type: Option<&'a str>,
    pub(super) name: Option<&'a str>,
    pub(super) username: Option<&'a str>,
    pub(super) event: Option<&'a str>,
    pub(super) context: Context<'a>,
    pub(super) ip: Option<&'a str>,
    pub(super) agent: Option<&'a str>,
    pub(super) host: Option<&'a str>,
    pub(super) page: Option<&'a str>,
    pub(super) referer: Option<&'a str>,
    pub(super) accept_language: Option<&'a str>,
    pub(super) session: Option<&'a str>,
    /// The beginning of a JSON object of the members that have no column, as written; empty without any.
    others: String,
}

impl<'a> Envelope<'a> {
    /// Reads a record of the usual kind, its context included, in one pass; nothing if it needs a closer look.
    pub(super) fn scan(record: &'a str) -> Option<Self> {
        let mut envelope = Self::default();
        let mut scanner = Scanner::new(record);
        scanner.members(|scanner, key| {
            if key == "context" && scanner.next()? == b'{' {
                envelope.context = Context::scan(scanner)?;
            } else {
                envelope.put(key, scanner.value()?);
            }
            Some(())
        })?;
        scanner.end()?;
        Some(envelope)
    }

    /// Reads any record, or says what is wrong with it.
    pub(super) fn read(record: &'a str) -> serde_json::Result<Self> {
        let mut envelope = Self::default();
        json::for_each_member(record, |key, value| {
            if key == "context" && value.starts_with('{') {
                envelope.context = Context::read(value);
            } else {
                envelope.put(key, value);
            }
        })?;
        Ok(envelope)
    }

    /// The members that have no column, as a JSON object.
    pub(super) fn others(&self) -> Option<String> {
        (!self.others.is_empty()).then(|| format!("{}}}", self.others))
    }

    /// Puts a value where it belongs. A context that is no object comes here, too.
    fn put(&mut self, key: &str, value: &'a str) {
        if key == "context" {
            self.context = Context::default();
            if matches!(value, "null" | "\"\"") {
                return;
            }
        } else if let Some(member) = self.member(key) {
            *member = Some(value);
            // Only the payload's column takes an object or a list.
            if key == "event" || !value.starts_with(['{', '[']) {
                return;
            }
        }
        let before = if self.others.is_empty() { '{' } else { ',' };
        let _ = write!(self.others, "{before}{}:{value}", serde_json::Value::from(key));
    }

    fn member(&mut self, key: &str) -> Option<&mut Option<&'a str>> {
        Some(match key {
            "time" => &mut self.time,
            "event_source" => &mut self.event_source,
            "event_type" => &mut self.event_type,
            "name" => &mut self.name,
            "username" => &mut self.username,
            "event" => &mut self.event,
            "ip" => &mut self.ip,
            "agent" => &mut self.agent,
            "host" => &mut self.host,
            "page" => &mut self.page,
            "referer" => &mut self.referer,
            "accept_language" => &mut self.accept_language,
            "session" => &mut self.session,
            _ => return None,
        })
    }
}
