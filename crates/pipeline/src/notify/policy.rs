//! Decides whether a notice is told, and writes it down if so: once for each event, and no flood. It sends nothing.
//!
//! - a failure of a step: at once; the same fault again after some hours as long as it lasts, the rest between two notices doubling up to
//!   seven times; at most three times in those hours when it comes and goes
//! - the first good run after a failure that was told
//! - each file-giving run, report, warning of a key and gap: once for all times

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;

use super::NoticeKind;
use super::facts::Facts;
use crate::control::notices::{self, Earlier, NewNotice, Target};

/// So often a step that fails, recovers and fails again is told of within the hours after which the same is told again.
const MOST_FAILURES: usize = 3;

/// A fault that nobody can mend, such as a file that stays damaged, is told more and more rarely, and never less than so many times the hours.
const LONGEST_REST: u32 = 7;

/// What became of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is written down and waits to be sent.
    Written,
    /// It was told before.
    Held,
    /// Nobody is to hear of it, or there is nothing to say.
    Nothing,
}

/// Decides and writes down.
pub(super) fn settle(
    connection: &Connection,
    facts: Facts,
    attachments: &str,
    targets: &[Target],
    now: DateTime<Utc>,
    repeat_after_hours: u32,
) -> rusqlite::Result<Fate> {
    let window = Window { now, repeat_after_hours };
    match facts {
        // The end of a failure is written down even when nobody is to hear of it: the next failure is a new one.
        Facts::Recovered(_) => settle_recovery(connection, facts, attachments, targets, now),
        _ if targets.is_empty() => Ok(Fate::Nothing),
        Facts::Failure(_) => settle_failure(connection, facts, attachments, targets, &window),
        _ => settle_items(connection, facts, attachments, targets, now),
    }
}

#[derive(Clone, Copy)]
struct Window {
    now: DateTime<Utc>,
    repeat_after_hours: u32,
}

impl Window {
    /// A nightly run does not start at the same second each night: a repetition is due a tenth of the time early.
    fn is_recent(&self, made_at: DateTime<Utc>) -> bool {
        made_at > self.now - TimeDelta::minutes(i64::from(self.repeat_after_hours) * 54)
    }

    fn times(self, n: u32) -> Self {
        Self { repeat_after_hours: self.repeat_after_hours.saturating_mul(n), ..self }
    }
}

fn settle_failure(connection: &Connection, facts: Facts, attachments: &str, targets: &[Target], window: &Window) -> rusqlite::Result<Fate> {
    let (topic, fault) = (facts.topic(), facts.fault());
    let earlier = notices::earlier(connection, &topic)?;
    let open = open_failures(&earlier);
    let same: Vec<&Earlier> = open.iter().filter(|notice| notice.fault == fault).collect();
    if let Some(newest) = same.first().filter(|newest| window.times(rest(same.len())).is_recent(newest.made_at)) {
        notices::hold(connection, newest.notice_id, window.now)?;
        return Ok(Fate::Held);
    }
    let is_failure = |notice: &&Earlier| notice.kind == NoticeKind::Failure.name();
    let recent: Vec<&Earlier> = earlier.iter().filter(is_failure).filter(|notice| window.is_recent(notice.made_at)).collect();
    if let (Some(newest), true) = (recent.first(), recent.len() >= MOST_FAILURES) {
        notices::hold(connection, newest.notice_id, window.now)?;
        return Ok(Fate::Held);
    }
    let mut facts = facts;
    if let Facts::Failure(failure) = &mut facts {
        failure.failing_since = open.last().map(|first| first.made_at);
        failure.n_untold = same.first().map_or(0, |newest| newest.n_held);
        failure.repeat_after_hours = window.times(rest(same.len() + 1)).repeat_after_hours;
    }
    for unsent in same.iter().filter(|notice| notice.is_waiting) {
        notices::replace(connection, unsent.notice_id, window.now)?;
    }
    write(connection, &facts, &fault, attachments, targets, window.now)?;
    Ok(Fate::Written)
}

fn settle_recovery(
    connection: &Connection,
    facts: Facts,
    attachments: &str,
    targets: &[Target],
    now: DateTime<Utc>,
) -> rusqlite::Result<Fate> {
    let earlier = notices::earlier(connection, &facts.topic())?;
    let Some(first) = open_failures(&earlier).last() else { return Ok(Fate::Nothing) };
    let mut facts = facts;
    if let Facts::Recovered(recovered) = &mut facts {
        recovered.failing_since = Some(first.made_at);
    }
    write(connection, &facts, "", attachments, targets, now)?;
    Ok(if targets.is_empty() { Fate::Nothing } else { Fate::Written })
}

/// How many times the hours the rest is after so many notices of the same fault.
fn rest(n_notices: usize) -> u32 {
    let doublings = u32::try_from(n_notices.saturating_sub(1)).unwrap_or(u32::MAX).min(3);
    (1 << doublings).min(LONGEST_REST)
}

/// Failures since the last recovery, newest first.
fn open_failures(earlier: &[Earlier]) -> &[Earlier] {
    let n = earlier.iter().take_while(|notice| notice.kind == NoticeKind::Failure.name()).count();
    &earlier[..n]
}

fn settle_items(
    connection: &Connection,
    facts: Facts,
    attachments: &str,
    targets: &[Target],
    now: DateTime<Utc>,
) -> rusqlite::Result<Fate> {
    let kind = facts.kind().name();
    let items = facts.items();
    let mut is_new = Vec::with_capacity(items.len());
    for names in &items {
        let mut is_told = false;
        for name in names {
            is_told = is_told || notices::is_told(connection, kind, name)?;
        }
        is_new.push(!is_told);
        // A gap that grew: its new days belong to what was told.
        for name in names {
            notices::add_told(connection, kind, name)?;
        }
    }
    let Some(facts) = facts.only(&is_new) else { return Ok(Fate::Held) };
    if facts.kind() == NoticeKind::KeyExpiring {
        for unsent in notices::earlier(connection, &facts.topic())?.iter().filter(|notice| notice.is_waiting) {
            notices::replace(connection, unsent.notice_id, now)?;
        }
    }
    write(connection, &facts, "", attachments, targets, now)?;
    Ok(Fate::Written)
}

fn write(
    connection: &Connection,
    facts: &Facts,
    fault: &str,
    attachments: &str,
    targets: &[Target],
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    let text = serde_json::to_string(facts).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    let (kind, topic) = (facts.kind().name(), facts.topic());
    let attachments = attachments.to_owned();
    notices::add(connection, &NewNotice { kind, topic: &topic, fault, made_at: now, is_test: false, facts: text, attachments, targets })?;
    Ok(())
}
