//! Tells people what happened: e-mail and webhooks, each event once. It never says a word about a learner, and nothing that goes wrong in
//! it makes a run fail.
//!
//! ```text
//! what a step gave -> builders -> Facts -> policy (told before? flood?) -> control database, waiting for each target
//!                                                                          |
//!                       templates (the user's, else built in) <- send <----+   marked as soon as a server took it
//!                       -> message -> smtp        -> webhook
//! ```
//!
//! How learners are kept out: a notice is a value of [`facts::Facts`], whose members are counts, dates, codes, and names of files, steps, keys
//! and reports. Nothing else reaches a template, a webhook or the control database. Only a report that is attached on purpose can hold more.

mod builders;
mod error;
pub mod facts;
mod kind;
mod message;
mod outbox;
mod plain_words;
mod policy;
mod samples;
mod send;
mod smtp;
pub mod templates;
mod trouble;
pub mod webhook;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use chrono::TimeDelta;

use crate::clock::Clock;
use crate::control::Control;
use crate::control::notices::{self, NewNotice, Target, Which};

pub use builders::{failure, gaps, key_expiring, new_data, recovered, report, step_ended};
pub use error::NotifyError;
pub use facts::Facts;
pub use kind::NoticeKind;
pub use outbox::{MailSettings, Outbox, OutboxSettings, WebhookSettings};
pub use plain_words::PlainWords;
pub use trouble::Trouble;

use policy::Fate;
use send::Round;

/// What was told is forgotten after so many days. That it was told is not.
const KEEP_DAYS: i64 = 400;

/// Something that may deserve to be told.
#[derive(Debug, Clone)]
pub struct Notice {
    /// What happened.
    pub facts: Facts,
    /// Files that go along by e-mail.
    pub attachments: Vec<PathBuf>,
}

impl From<Facts> for Notice {
    fn from(facts: Facts) -> Self {
        Self { facts, attachments: Vec::new() }
    }
}

/// What came of it, for the closing line of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliverySummary {
    /// Deliveries that a server took; a notice to three people counts three.
    pub n_sent: u64,
    /// To whom.
    pub sent_to: Vec<Target>,
    /// Notices that were told before, and are not told again.
    pub n_held: u64,
    /// Deliveries that wait for the next run.
    pub n_waiting: u64,
    /// Deliveries that a server will not take.
    pub n_refused: u64,
    /// Deliveries that are tried no more.
    pub n_given_up: u64,
    /// What went wrong.
    pub troubles: Vec<Trouble>,
}

/// Writes down the notices that deserve it, then sends them and all that still wait from earlier runs.
///
/// One process at a time is to call it for a data folder: the lock of a run sees to that.
///
/// # Errors
/// The control database cannot be used. That a server cannot be reached is no error: the summary tells it.
pub fn deliver(control: &Control, outbox: &Outbox, notices: Vec<Notice>, clock: Clock) -> Result<DeliverySummary, NotifyError> {
    let mut n_held = 0;
    for notice in notices {
        let targets = outbox.targets(notice.facts.kind());
        let paths: Vec<String> = notice.attachments.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        let attachments = serde_json::Value::from(paths).to_string();
        let (now, hours) = (clock(), outbox.repeat_after_hours);
        let fate = control.write(|connection| policy::settle(connection, notice.facts, &attachments, &targets, now, hours))?;
        n_held += u64::from(fate == Fate::Held);
    }
    let now = clock();
    control.write(|connection| notices::forget(connection, now - TimeDelta::days(KEEP_DAYS)))?;
    let waiting = control.read(|connection| notices::waiting(connection, Which::Due(now)))?;
    let mut summary = Round::new(control, outbox, clock).send(waiting)?;
    summary.n_held = n_held;
    Ok(summary)
}

/// Sends all that waits, also what is to rest a while after a failed try.
///
/// # Errors
/// The control database cannot be used.
pub fn send_waiting(control: &Control, outbox: &Outbox, clock: Clock) -> Result<DeliverySummary, NotifyError> {
    let waiting = control.read(|connection| notices::waiting(connection, Which::All))?;
    Round::new(control, outbox, clock).send(waiting)
}

/// Sends a notice with made-up facts to whom one of the kind would go, once. Nothing else is sent.
///
/// # Errors
/// The control database cannot be used.
pub fn send_test(control: &Control, outbox: &Outbox, kind: NoticeKind, clock: Clock) -> Result<DeliverySummary, NotifyError> {
    let now = clock();
    let facts = samples::sample(kind, now);
    let text = serde_json::to_string(&facts).unwrap_or_default();
    let targets = outbox.targets(kind);
    let waiting = control.write(|connection| {
        let notice = NewNotice {
            kind: kind.name(),
            topic: "test",
            fault: "",
            made_at: now,
            is_test: true,
            facts: text,
            attachments: "[]".to_owned(),
            targets: &targets,
        };
        let notice_id = notices::add(connection, &notice)?;
        notices::waiting(connection, Which::Test(notice_id))
    })?;
    Round::new(control, outbox, clock).send(waiting)
}

/// A notice of a kind in words, with made-up facts, as the templates of a folder give it; and what is wrong with them.
#[must_use]
pub fn preview(outbox: &Outbox, kind: NoticeKind, clock: Clock) -> (templates::Rendered, Vec<String>) {
    let now = clock();
    let facts = samples::sample(kind, now);
    let mut templates = templates::Templates::open(outbox.templates_folder.as_deref());
    let rendered = templates.render(&templates::Context {
        kind: kind.name(),
        organisation: outbox.organisation.as_deref(),
        place: &outbox.place,
        made_at: now,
        is_test: true,
        facts: &facts,
        not_attached: Vec::new(),
    });
    (rendered, templates.faults())
}
