//! Video events of the browser: the payload is JSON in a string.
//!
//! Positions and lengths are seconds of the video.

use super::envelope::Particulars;
use super::facts::Facts;
use crate::behaviour::ActionKind;
use crate::courses::KeyStyle;
use crate::json::JsonText;
use crate::moment::{Moment, SECOND};

/// 2014-06-25: before it a seek named the new position twice.
const SEEK_SINCE: Moment = 1_403_654_400 * SECOND;
/// 2017-11-01: since then payloads carry the length.
pub(crate) const DURATION_SINCE: Moment = 1_509_494_400 * SECOND;

/// The video's id as payloads have it.
pub(crate) fn video_id(facts: &Facts<'_>, video: u16) -> String {
    video_id_of(facts.run, video)
}

/// The video's id as payloads have it: the name of its block, or the old form with dashes.
pub(crate) fn video_id_of(run: &crate::courses::CourseRun, video: u16) -> String {
    let block = run.block(video);
    match run.style {
        KeyStyle::CourseV1 => block.url_name.clone(),
        KeyStyle::Slash => format!("i4x-{}-{}-video-{}", run.org, run.course.replace('.', "_"), block.url_name),
    }
}

/// Whether a seek's payload tells where it came from.
pub(crate) fn seek_is_exact(at: Moment) -> bool {
    at >= SEEK_SINCE
}

pub(super) fn write(facts: &Facts<'_>, payload: &mut JsonText) -> Particulars {
    let (event_type, name, video) = names(facts.action.kind);
    payload.open();
    match facts.action.kind {
        ActionKind::VideoSeek { from_ms, to_ms, .. } => {
            let from_ms = if seek_is_exact(facts.at()) { from_ms } else { to_ms };
            payload.key("old_time").millis(from_ms).key("new_time").millis(to_ms);
            payload.key("type").text(if facts.draw("seek").is_multiple_of(5) { "onCaptionSeek" } else { "onSlideSeek" });
        }
        ActionKind::VideoSpeed { at_ms, old, new, .. } => {
            payload.key("current_time").millis(at_ms);
            payload.key("old_speed").text(&speed(old)).key("new_speed").text(&speed(new));
        }
        ActionKind::Captions { at_ms, .. } => {
            payload.key("current_time").millis(at_ms);
        }
        ActionKind::LanguageMenu { is_shown: false, .. } => {
            payload.key("language").text("en");
        }
        ActionKind::VideoPlay { at_ms, .. }
        | ActionKind::VideoPause { at_ms, .. }
        | ActionKind::VideoStop { at_ms, .. }
        | ActionKind::Transcript { at_ms, .. } => {
            payload.key("currentTime").millis(at_ms);
        }
        _ => {}
    }
    payload.key("code").text(code(facts, video));
    payload.key("id").text(&video_id(facts, video));
    if facts.at() >= DURATION_SINCE {
        payload.key("duration").millis(facts.run.block(video).duration_ms);
    }
    payload.close();
    Particulars { name, ..Particulars::browser(event_type, facts.page_of(video)) }
}

fn code<'a>(facts: &'a Facts<'_>, video: u16) -> &'a str {
    let block = facts.run.block(video);
    if block.duration_ms % 3 == 0 { "html5" } else { &block.external_id }
}

fn speed(hundredths: u16) -> String {
    if hundredths.is_multiple_of(100) { format!("{}.0", hundredths / 100) } else { (f64::from(hundredths) / 100.0).to_string() }
}

/// The legacy type, the name where it differs, and the block.
fn names(kind: ActionKind) -> (&'static str, Option<&'static str>, u16) {
    match kind {
        ActionKind::VideoLoad { video } => ("load_video", None, video),
        ActionKind::VideoPlay { video, .. } => ("play_video", None, video),
        ActionKind::VideoPause { video, .. } => ("pause_video", None, video),
        ActionKind::VideoStop { video, .. } => ("stop_video", None, video),
        ActionKind::VideoSeek { video, .. } => ("seek_video", None, video),
        ActionKind::VideoSpeed { video, .. } => ("speed_change_video", None, video),
        ActionKind::Transcript { video, is_shown: true, .. } => ("show_transcript", None, video),
        ActionKind::Transcript { video, is_shown: false, .. } => ("hide_transcript", None, video),
        ActionKind::Captions { video, is_shown: true, .. } => ("edx.video.closed_captions.shown", None, video),
        ActionKind::Captions { video, is_shown: false, .. } => ("edx.video.closed_captions.hidden", None, video),
        ActionKind::LanguageMenu { video, is_shown: true } => ("video_show_cc_menu", Some("edx.video.language_menu.shown"), video),
        ActionKind::LanguageMenu { video, is_shown: false } => ("video_hide_cc_menu", Some("edx.video.language_menu.hidden"), video),
        _ => ("load_video", None, 0),
    }
}
