//! The members every record has, as raw JSON text.
//!
//! It decides nothing: members it does not know are left out, of repeated ones the last counts.

use super::json;

/// Raw JSON text of the common members (docs/concepts/edx-files.md, "Common fields").
#[derive(Debug, Default)]
pub(super) struct Envelope<'a> {
    pub(super) time: Option<&'a str>,
    pub(super) event_source: Option<&'a str>,
    pub(super) event_type: Option<&'a str>,
    pub(super) name: Option<&'a str>,
    pub(super) username: Option<&'a str>,
    pub(super) event: Option<&'a str>,
    pub(super) context: Option<&'a str>,
    pub(super) ip: Option<&'a str>,
    pub(super) agent: Option<&'a str>,
    pub(super) host: Option<&'a str>,
    pub(super) page: Option<&'a str>,
    pub(super) referer: Option<&'a str>,
    pub(super) accept_language: Option<&'a str>,
    pub(super) session: Option<&'a str>,
}

impl<'a> Envelope<'a> {
    pub(super) fn read(record: &'a str) -> serde_json::Result<Self> {
        let mut envelope = Self::default();
        json::for_each_member(record, |key, value| {
            let member = match key {
                "time" => &mut envelope.time,
                "event_source" => &mut envelope.event_source,
                "event_type" => &mut envelope.event_type,
                "name" => &mut envelope.name,
                "username" => &mut envelope.username,
                "event" => &mut envelope.event,
                "context" => &mut envelope.context,
                "ip" => &mut envelope.ip,
                "agent" => &mut envelope.agent,
                "host" => &mut envelope.host,
                "page" => &mut envelope.page,
                "referer" => &mut envelope.referer,
                "accept_language" => &mut envelope.accept_language,
                "session" => &mut envelope.session,
                _ => return,
            };
            *member = Some(value);
        })?;
        Ok(envelope)
    }
}
