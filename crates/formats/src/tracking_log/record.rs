//! Puts an [`Event`] together from the text of one record.
//!
//! The order matters: the name says what the payload's members mean, and the payload may name another learner than the context.

use std::borrow::Cow;

use crate::course_run_key;
use crate::reject::{Reject, RejectCode};

use super::context::Context;
use super::envelope::Envelope;
use super::event::{Event, Text};
use super::json::{self, filled_text_of, text_of, user_id_of};
use super::members::Members;
use super::payload::{self, Payload};
use super::{course, learner, line, names, page, redact, time, typed};

/// Reads the text of a line that is not blank.
pub(super) fn read(record: &str) -> Result<Event<'_>, Reject> {
    let (start, object) = line::object_of(record)?;
    let envelope = match Envelope::scan(object) {
        Some(envelope) => envelope,
        None if json::is_deeper_than(object, json::MAX_DEPTH) => return Err(Reject::new(RejectCode::TrackingLogTooDeep)),
        None => Envelope::read(object).map_err(|fault| line::reject_of(&fault, start, record))?,
    };
    let context = &envelope.context;
    let time = envelope.time.and_then(time::moment_of).ok_or(Reject::new(RejectCode::TrackingLogNoTime))?;

    let mut event = common_fields(time, &envelope, context);
    let group = name_event(&mut event);
    event.course_run_key = course::run_named_in(&context.course_id.and_then(text_of))
        .or_else(|| course::run_of_address(&event.context_path))
        .or_else(|| course::run_of_address(&event.event_type))
        .or_else(|| course::run_of_address(&event.page));

    let mut payload = payload::decode(envelope.event);
    // Of a payload that was not read nothing is known.
    let mut may_hold_secrets = true;
    if payload.is_object() {
        match read_members(&mut event, group, &payload) {
            Some(may) => may_hold_secrets = may,
            None => {
                payload = payload.mended();
                if payload.is_object() {
                    read_members(&mut event, group, &payload);
                }
            }
        }
    }
    if group == Some("enrollment") && event.enrollment_mode.is_none() {
        event.enrollment_mode = context.mode.and_then(filled_text_of);
    }
    if event.usage_key.is_none() && event.video_id.is_none() {
        event.usage_key = event.module_usage_key.clone();
    }
    if event.user_id.is_none() && event.subject_username.is_none() {
        event.user_id = event.actor_user_id;
    }
    event.org = context.org_id.and_then(filled_text_of).or_else(|| match event.course_run_key.as_ref()? {
        Cow::Borrowed(key) => course_run_key::org_of(key).map(Cow::Borrowed),
        Cow::Owned(key) => course_run_key::org_of(key).map(|org| Cow::Owned(org.to_owned())),
    });
    event.event_status = payload.status;
    event.event = if may_hold_secrets { clean_payload(payload) } else { payload.text };
    Ok(event)
}

/// What stands in the record and its context as it is.
fn common_fields<'a>(time: i64, envelope: &Envelope<'a>, context: &Context<'a>) -> Event<'a> {
    let filled = |raw: Option<&'a str>| raw.and_then(filled_text_of);
    let address = |raw: Option<&'a str>| filled(raw).map(redact::redacted_form);
    Event {
        time,
        received_at: context.received_at.and_then(time::moment_of),
        event_source: filled(envelope.event_source),
        event_type: address(envelope.event_type),
        name: filled(envelope.name),
        username: filled(envelope.username),
        actor_user_id: context.user_id.and_then(user_id_of),
        ip: filled(envelope.ip),
        agent: filled(envelope.agent),
        host: filled(envelope.host),
        page: address(envelope.page),
        referer: address(envelope.referer),
        accept_language: filled(envelope.accept_language),
        session: filled(envelope.session),
        context_path: address(context.path),
        module_usage_key: filled(context.module_usage_key),
        module_display_name: filled(context.module_display_name),
        context: context.object.map(payload::json_text).map(
            |object| {
                if context.may_hold_secrets { redact::redacted_json(object) } else { object }
            },
        ),
        other_members: envelope.others().map(|object| redact::redacted_json(Cow::Owned(payload::json_text(&object).into_owned()))),
        ..Event::default()
    }
}

/// Gives the event its canonical name, and a request its page; returns the group the event belongs to.
fn name_event(event: &mut Event<'_>) -> Option<&'static str> {
    let sent = event.name.clone().or_else(|| event.event_type.clone())?;
    let path = [&event.event_type, &event.name].into_iter().find_map(|text| text.as_deref().filter(|text| text.starts_with('/')));
    if let Some(path) = path {
        let page = page::page_of(path);
        let own = |text: Option<&str>| text.map(|text| Cow::Owned(text.to_owned()));
        let (forum_thread_id, forum_commentable_id) = (own(page.forum_thread_id), own(page.forum_commentable_id));
        event.page_kind = Some(page.kind);
        event.event_name = Some(Cow::Borrowed(page.kind.event_name()));
        event.forum_thread_id = forum_thread_id;
        event.forum_commentable_id = forum_commentable_id;
        return Some("page");
    }
    let known = names::known_event(&sent);
    event.event_name = Some(known.map_or(sent, |known| Cow::Borrowed(known.event_name)));
    known.map(|known| known.group)
}

/// Reads the members of a payload that should be an object; whether secrets have to be looked for in it. Nothing if it is no object.
fn read_members<'a>(event: &mut Event<'a>, group: Option<&str>, payload: &Payload<'a>) -> Option<bool> {
    match &payload.text {
        Some(Cow::Borrowed(text)) => take_members(event, group, text, |text| text),
        Some(Cow::Owned(text)) => take_members(event, group, text, |text| text.map(|text| Cow::Owned(text.into_owned()))),
        None => None,
    }
}

fn take_members<'event, 'payload>(
    event: &mut Event<'event>,
    group: Option<&str>,
    object: &'payload str,
    keep: impl Fn(Text<'payload>) -> Text<'event>,
) -> Option<bool> {
    if group == Some("page") {
        // The payload of a request is what a browser sent: its members are not the platform's.
        return json::check_and_secrets(object).ok();
    }
    let members = Members::read(object).ok()?;
    let subject = learner::subject_of(event.event_name.as_deref().unwrap_or_default(), group, &members);
    event.user_id = subject.user_id;
    event.subject_username = keep(subject.username);
    if event.course_run_key.is_none() {
        event.course_run_key = course::run_named(&members.course_id.and_then(text_of));
    }
    typed::fill(event, group, &members, keep);
    Some(members.may_hold_secrets)
}

/// The payload's text without secrets.
fn clean_payload(payload: Payload<'_>) -> Text<'_> {
    use super::event::EventStatus::{Cut, Form, Invalid};
    let text = redact::redacted_json(payload.text?);
    Some(if matches!(payload.status, Cut | Form | Invalid) { redact::redacted_form(text) } else { text })
}
