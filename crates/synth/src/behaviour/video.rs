//! Watching a video: plays, pauses, seeks, speeds, and the odd sequences that real players log.
//!
//! Positions run on by media time: at double speed two seconds of video pass in one.

use super::actions::{ActionKind, Handler};
use super::life::Pen;
use super::session::Device;
use super::study::Progress;
use crate::courses::CourseRun;
use crate::moment::SECOND;
use crate::random::Dice;

/// 2014-06-25: since then the player logs `stop_video`.
pub(super) const STOP_SINCE: i64 = 1_403_654_400 * SECOND;
/// 2016-05-05: since then closed captions have events of their own.
const CAPTIONS_SINCE: i64 = 1_462_406_400 * SECOND;

/// Watches one video, perhaps not to its end.
pub(super) fn watch(pen: &mut Pen<'_>, dice: &mut Dice, run: &CourseRun, video: u16, device: Device, progress: &mut Progress) {
    let duration = run.block(video).duration_ms;
    let place = usize::from(video);
    pen.act(ActionKind::VideoLoad { video });
    pen.wait(dice, SECOND / 2, 6 * SECOND);
    if device == Device::Web {
        settings(pen, dice, video);
    }
    let mut speed: i64 = 100;
    if device == Device::Web && dice.chance(0.12) {
        speed = *dice.pick(&[75, 125, 150, 200]);
        pen.act(ActionKind::VideoSpeed { video, at_ms: 0, old: 100, new: speed as u16 });
        pen.wait(dice, SECOND / 2, 3 * SECOND);
    }
    let mut at_ms = progress.left_at_ms[place];
    if at_ms >= duration - 1_000 {
        at_ms = 0;
    }
    // The share of people who watch on after each stretch sinks with the length of the video.
    for _ in 0..9 {
        pen.act(ActionKind::VideoPlay { video, at_ms });
        if dice.chance(0.03) {
            // A double click: two plays, one viewing.
            pen.wait(dice, SECOND / 20, SECOND / 2);
            pen.act(ActionKind::VideoPlay { video, at_ms });
        }
        let stretch = if dice.chance(0.45) { duration } else { 2_000 + dice.skewed(duration as f64 / 3.0) as i64 };
        let end = (at_ms + stretch).min(duration);
        pen.at += ((end - at_ms) * 100 / speed).max(1) * 1_000;
        pen.wait(dice, 1, SECOND / 5);
        if end == duration {
            finish(pen, dice, video, duration);
            progress.left_at_ms[place] = duration;
            return;
        }
        match dice.below(20) {
            0..=8 => {
                pen.act(ActionKind::VideoPause { video, at_ms: end });
                at_ms = end;
                let longest = if dice.chance(0.1) { 900 } else { 60 };
                pen.wait(dice, SECOND, longest * SECOND);
                if dice.chance(0.06) {
                    // The player lost its place.
                    at_ms = (at_ms - dice.between(0, 4_000)).max(0);
                }
            }
            9..=14 => {
                let to_ms = if dice.chance(0.6) { dice.between(0, end) } else { dice.between(end, duration) };
                pen.act(ActionKind::VideoSeek { video, from_ms: end, to_ms });
                pen.wait(dice, SECOND / 10, SECOND);
                // The play after a seek may still carry the old position.
                at_ms = to_ms;
                if dice.chance(0.3) {
                    pen.act(ActionKind::VideoPlay { video, at_ms: end });
                    pen.wait(dice, 5 * SECOND, 20 * SECOND);
                    let paused_at = (to_ms + 9_000).min(duration);
                    pen.act(ActionKind::VideoPause { video, at_ms: paused_at });
                    at_ms = paused_at;
                    pen.wait(dice, SECOND, 30 * SECOND);
                }
            }
            15 => {
                // A pause at once: shorter than a viewing may be.
                pen.act(ActionKind::VideoPause { video, at_ms: at_ms + dice.between(0, 200) });
                pen.wait(dice, SECOND, 9 * SECOND);
                at_ms = end;
            }
            16 if device == Device::Web => {
                // A position beyond the end, which no viewing can have.
                pen.act(ActionKind::VideoPause { video, at_ms: duration + dice.between(1_500, 90_000) });
                pen.wait(dice, SECOND, 9 * SECOND);
                at_ms = end;
            }
            17 if device == Device::Web => {
                let new = *dice.pick(&[75, 100, 125, 150, 200]);
                pen.act(ActionKind::VideoSpeed { video, at_ms: end, old: speed as u16, new: new as u16 });
                speed = new;
                pen.wait(dice, SECOND / 2, 5 * SECOND);
                at_ms = end;
            }
            _ => {
                // The window is closed: the viewing stays open.
                progress.left_at_ms[place] = end;
                if dice.chance(0.5) && device == Device::Web {
                    pen.act(ActionKind::Handler { block: video, handler: Handler::SaveVideoState { position_ms: end } });
                    pen.wait(dice, 1, SECOND);
                }
                return;
            }
        }
        progress.left_at_ms[place] = at_ms;
    }
}

fn settings(pen: &mut Pen<'_>, dice: &mut Dice, video: u16) {
    if dice.chance(0.08) {
        pen.act(ActionKind::Transcript { video, at_ms: 0, is_shown: dice.chance(0.7) });
        pen.wait(dice, SECOND / 2, 4 * SECOND);
    }
    if dice.chance(0.04) && pen.at >= CAPTIONS_SINCE {
        pen.act(ActionKind::Captions { video, at_ms: 0, is_shown: dice.chance(0.6) });
        pen.wait(dice, SECOND / 2, 4 * SECOND);
        pen.act(ActionKind::LanguageMenu { video, is_shown: true });
        pen.wait(dice, SECOND / 2, 4 * SECOND);
        pen.act(ActionKind::LanguageMenu { video, is_shown: false });
        pen.wait(dice, SECOND / 2, 2 * SECOND);
    }
}

/// The end of a video: a pause and a stop at one position.
fn finish(pen: &mut Pen<'_>, dice: &mut Dice, video: u16, duration: i64) {
    if pen.at < STOP_SINCE || dice.chance(0.9) {
        pen.act(ActionKind::VideoPause { video, at_ms: duration });
        pen.wait(dice, 1_000, 90_000);
    }
    if pen.at >= STOP_SINCE {
        pen.act(ActionKind::VideoStop { video, at_ms: duration });
    }
}
