//! The members every record has, as raw JSON text.
//!
//! It decides nothing: members it does not know are left out, of repeated ones the last counts.

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
}

impl<'a> Envelope<'a> {
    /// Reads a record of the usual kind, its context included, in one pass; nothing if it needs a closer look.
    pub(super) fn scan(record: &'a str) -> Option<Self> {
        let mut envelope = Self::default();
        let mut scanner = Scanner::new(record);
        scanner.members(|scanner, key| {
            if key == "context" {
                envelope.context = Context::scan(scanner)?;
                return Some(());
            }
            let value = scanner.value()?;
            if let Some(member) = envelope.member(key) {
                *member = Some(value);
            }
            Some(())
        })?;
        scanner.end()?;
        Some(envelope)
    }

    /// Reads any record, or says what is wrong with it.
    pub(super) fn read(record: &'a str) -> serde_json::Result<Self> {
        let mut envelope = Self::default();
        let mut context = None;
        json::for_each_member(record, |key, value| {
            if key == "context" {
                context = Some(value);
            } else if let Some(member) = envelope.member(key) {
                *member = Some(value);
            }
        })?;
        envelope.context = Context::read(context);
        Ok(envelope)
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
