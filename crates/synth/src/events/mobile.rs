//! Events of the mobile application: their own context, sent when the device next had a network.
//!
//! Only videos are watched there.

use super::envelope::{course_id, time, user_id};
use super::facts::Facts;
use crate::behaviour::ActionKind;
use crate::json::JsonText;
use crate::moment::push_event_time;

/// When the application's events reached edX.
pub(crate) fn received_at(facts: &Facts<'_>) -> i64 {
    facts.at() + facts.session.delay
}

/// Writes the whole line.
pub(super) fn write(facts: &Facts<'_>, time_text: &[u8], payload: &mut JsonText, line: &mut JsonText) {
    let (event_type, name) = names(facts.action.kind);
    payload.open();
    payload.key("code").text("mobile");
    let video = match facts.action.kind {
        ActionKind::VideoPlay { video, at_ms } | ActionKind::VideoPause { video, at_ms } | ActionKind::VideoStop { video, at_ms } => {
            payload.key("currentTime").millis(at_ms);
            video
        }
        ActionKind::VideoSeek { video, from_ms, to_ms } => {
            payload.key("old_time").millis(from_ms).key("new_time").millis(to_ms);
            payload.key("requested_skip_interval").millis(to_ms - from_ms);
            payload.key("type").text("onSlideSeek");
            video
        }
        ActionKind::VideoLoad { video } => video,
        _ => 0,
    };
    payload.key("id").text(&super::video::video_id(facts, video));
    payload.close();

    let is_android = facts.person.agent.is_multiple_of(2);
    line.open();
    line.key("username").text(&facts.person.username);
    line.key("event_type").text(event_type);
    line.key("ip").text("");
    line.key("agent").text(if is_android {
        "Dalvik/2.1.0 (Linux; U; Android 8.0.0; Pixel 2)"
    } else {
        "edX/org.edx.mobile (2.12.1; OS Version 11.2.6)"
    });
    line.key("host").text(facts.run.installation.host());
    line.key("referer").text("");
    line.key("accept_language").text("");
    line.key("event").text_of(payload);
    line.key("event_source").text("mobile");
    line.key("context").open();
    course_id(line, facts);
    line.key("open_in_browser_url").text(&facts.page_of(video));
    line.key("received_at");
    let mut received = Vec::with_capacity(40);
    push_event_time(&mut received, received_at(facts));
    time(line, &received);
    line.key("component").text("videoplayer");
    line.key("application").open();
    line.key("version").text("2.12.1").key("name").text(if is_android { "edx.mobileapp.android" } else { "edx.mobileapp.iOS" });
    line.close();
    line.key("client").open();
    line.key("network").open().key("wifi").bool(true).key("carrier").text("").close();
    line.key("locale").text("en-US");
    line.close();
    user_id(line, facts, facts.person.user_id);
    line.key("org_id").text(&facts.run.org);
    line.key("path").text("/segmentio/event");
    line.close();
    line.key("time");
    time(line, time_text);
    line.key("page").text(&facts.page_of(video));
    line.key("session").text("");
    line.key("name").text(name);
    line.close();
}

fn names(kind: ActionKind) -> (&'static str, &'static str) {
    match kind {
        ActionKind::VideoPlay { .. } => ("play_video", "edx.video.played"),
        ActionKind::VideoPause { .. } => ("pause_video", "edx.video.paused"),
        ActionKind::VideoStop { .. } => ("stop_video", "edx.video.stopped"),
        ActionKind::VideoSeek { .. } => ("seek_video", "edx.video.position.changed"),
        _ => ("load_video", "edx.video.loaded"),
    }
}
