//! Sends what waits, and marks each at once: a kill between the server's yes and the mark sends one notice twice, with the same name; none
//! is lost. It decides nothing about what deserves a notice.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use lettre::Address;

use super::facts::Facts;
use super::message::{self, Stamp};
use super::outbox::Outbox;
use super::smtp::MailSession;
use super::templates::{Context, Rendered, Templates};
use super::trouble::{SendError, Trouble};
use super::webhook::{Body, FORMAT_VERSION, Poster};
use super::{DeliverySummary, NotifyError};
use crate::clock::Clock;
use crate::control::Control;
use crate::control::notices::{self, Channel, DeliveryState, Target, Waiting};

/// The rest after a second failed try; it doubles with each. The first retry comes with the next run, however soon.
const FIRST_REST: TimeDelta = TimeDelta::minutes(1);
const LONGEST_REST: TimeDelta = TimeDelta::hours(1);

/// One round of sending.
pub(super) struct Round<'a> {
    control: &'a Control,
    outbox: &'a Outbox,
    clock: Clock,
    templates: Templates,
    mail: Option<MailSession<'a>>,
    poster: Option<Poster<'a>>,
    /// Servers that could not be reached in this round are not tried again in it.
    is_mail_down: Option<Trouble>,
    webhooks_down: BTreeMap<String, Trouble>,
    summary: DeliverySummary,
}

/// A notice with what is needed to put it into words.
struct Letter {
    notice_id: i64,
    id: String,
    made_at: DateTime<Utc>,
    is_test: bool,
    facts: Facts,
    attachments: Vec<PathBuf>,
}

impl<'a> Round<'a> {
    pub(super) fn new(control: &'a Control, outbox: &'a Outbox, clock: Clock) -> Self {
        Self {
            control,
            outbox,
            clock,
            templates: Templates::open(outbox.templates_folder.as_deref()),
            mail: None,
            poster: None,
            is_mail_down: None,
            webhooks_down: BTreeMap::new(),
            summary: DeliverySummary::default(),
        }
    }

    /// Sends notices and gives the summary.
    pub(super) fn send(mut self, waiting: Vec<Waiting>) -> Result<DeliverySummary, NotifyError> {
        for notice in waiting {
            self.send_one(notice)?;
        }
        if let Some(mail) = self.mail.take().filter(|mail| !mail.is_broken()) {
            mail.close();
        }
        let faults = self.templates.faults();
        self.summary
            .troubles
            .extend(faults.into_iter().map(|fault| Trouble::new(fault, Some("`czar notify templates` shows the built-in ones"))));
        self.summary.n_waiting = self.control.read(notices::n_waiting)?;
        Ok(self.summary)
    }

    fn send_one(&mut self, notice: Waiting) -> Result<(), NotifyError> {
        let attachments: Vec<String> = serde_json::from_str(&notice.attachments).unwrap_or_default();
        let Ok(facts) = serde_json::from_str::<Facts>(&notice.facts) else {
            // Another release wrote it, with facts that this one does not know.
            for (target, _) in notice.targets {
                self.finish(notice.notice_id, &target, DeliveryState::Dropped, Some("its facts are not understood"))?;
            }
            return Ok(());
        };
        let letter = Letter {
            notice_id: notice.notice_id,
            id: format!("czar.{}.{}", notice.notice_id, notice.made_at.timestamp_micros()),
            made_at: notice.made_at,
            is_test: notice.is_test,
            facts,
            attachments: attachments.into_iter().map(PathBuf::from).collect(),
        };
        let known = self.outbox.targets(letter.facts.kind());
        let (mut people, mut webhooks) = (Vec::new(), Vec::new());
        for (target, n_tries) in notice.targets {
            // Who left the settings in the meantime hears nothing any more.
            if !known.contains(&target) {
                self.finish(letter.notice_id, &target, DeliveryState::Dropped, Some("it is no longer in the settings"))?;
            } else if target.channel == Channel::Mail {
                people.push((target, n_tries));
            } else {
                webhooks.push((target, n_tries));
            }
        }
        if !people.is_empty() {
            self.mail(&letter, &people)?;
        }
        for (target, n_tries) in &webhooks {
            let result = self.post(&letter, target);
            self.settle(&letter, target, *n_tries, result)?;
        }
        Ok(())
    }

    fn mail(&mut self, letter: &Letter, people: &[(Target, u32)]) -> Result<(), NotifyError> {
        let addresses: Vec<Address> = people.iter().filter_map(|(target, _)| target.name.parse().ok()).collect();
        let result = self.try_mail(letter, &addresses);
        match result {
            Ok(answers) => {
                for ((target, n_tries), answer) in people.iter().zip(answers) {
                    self.settle(letter, target, *n_tries, answer)?;
                }
            }
            Err(error) => {
                for (target, n_tries) in people {
                    self.settle(letter, target, *n_tries, Err(error.clone()))?;
                }
            }
        }
        Ok(())
    }

    fn try_mail(&mut self, letter: &Letter, people: &[Address]) -> Result<Vec<Result<(), SendError>>, SendError> {
        if let Some(trouble) = &self.is_mail_down {
            return Err(SendError::Later(trouble.clone()));
        }
        let Some(server) = &self.outbox.mail else {
            return Err(SendError::later("no mail server is set".to_owned(), Some("set `mail.host`")));
        };
        let (attachments, not_attached) = message::attachments(&letter.attachments, self.outbox.max_attachment_bytes);
        let words = self.words(letter, not_attached);
        let stamp = Stamp { message_id: &letter.id, sent_at: (self.clock)(), recipients: people, attachments };
        let bytes = message::write(server, words, stamp);
        let bytes = bytes.map_err(|error| SendError::never(format!("could not write the message: {error}"), None))?;
        if self.mail.as_ref().is_none_or(MailSession::is_broken) {
            match MailSession::open(server) {
                Ok(session) => self.mail = Some(session),
                Err(SendError::Later(trouble) | SendError::Never(trouble)) => {
                    self.is_mail_down = Some(trouble.clone());
                    return Err(SendError::Later(trouble));
                }
            }
        }
        let Some(session) = &mut self.mail else { return Ok(Vec::new()) };
        session.send(people, &bytes)
    }

    fn post(&mut self, letter: &Letter, target: &Target) -> Result<(), SendError> {
        let Some((name, url)) = self.outbox.webhooks.urls.iter().find(|(name, _)| *name == target.name) else { return Ok(()) };
        if let Some(trouble) = self.webhooks_down.get(name) {
            return Err(SendError::Later(trouble.clone()));
        }
        let words = self.words(letter, Vec::new());
        let body = Body {
            format_version: FORMAT_VERSION,
            id: &letter.id,
            kind: letter.facts.kind().name(),
            made_at: letter.made_at,
            organisation: self.outbox.organisation.as_deref(),
            is_test: letter.is_test,
            subject: &words.subject,
            text: format!("{}\n\n{}", words.subject, words.text.trim_end()),
            facts: &letter.facts,
        };
        let body = serde_json::to_vec(&body).map_err(|error| SendError::never(format!("could not write the notice: {error}"), None))?;
        let poster = match &mut self.poster {
            Some(poster) => poster,
            none => none.insert(Poster::open(&self.outbox.webhooks)?),
        };
        let result = poster.post(name, url, &letter.id, &body);
        if let Err(SendError::Later(trouble)) = &result {
            self.webhooks_down.insert(name.clone(), trouble.clone());
        }
        result
    }

    fn words(&mut self, letter: &Letter, not_attached: Vec<String>) -> Rendered {
        self.templates.render(&Context {
            kind: letter.facts.kind().name(),
            organisation: self.outbox.organisation.as_deref(),
            place: &self.outbox.place,
            made_at: letter.made_at,
            is_test: letter.is_test,
            facts: &letter.facts,
            not_attached,
        })
    }

    /// Writes down how it went at one target, at once.
    fn settle(&mut self, letter: &Letter, target: &Target, n_tries: u32, result: Result<(), SendError>) -> Result<(), NotifyError> {
        match result {
            Ok(()) => {
                tracing::info!(notice = letter.notice_id, target = target.name, "notice sent");
                self.summary.n_sent += 1;
                self.summary.sent_to.push(target.clone());
                self.finish(letter.notice_id, target, DeliveryState::Sent, None)
            }
            Err(SendError::Never(trouble)) => {
                self.finish(letter.notice_id, target, DeliveryState::Refused, Some(&trouble.message))?;
                self.summary.n_refused += 1;
                self.tell(trouble);
                Ok(())
            }
            Err(SendError::Later(trouble)) => {
                let now = (self.clock)();
                if letter.is_test || now - letter.made_at >= self.outbox.give_up_after {
                    self.finish(letter.notice_id, target, DeliveryState::GivenUp, Some(&trouble.message))?;
                    self.summary.n_given_up += 1;
                } else {
                    let next_try_at = now + rest(n_tries);
                    self.control
                        .write(|connection| notices::put_off(connection, letter.notice_id, target, next_try_at, &trouble.message))?;
                }
                self.tell(trouble);
                Ok(())
            }
        }
    }

    fn finish(&self, notice_id: i64, target: &Target, state: DeliveryState, error: Option<&str>) -> Result<(), NotifyError> {
        let now = (self.clock)();
        self.control.write(|connection| notices::finish(connection, notice_id, target, state, now, error))?;
        Ok(())
    }

    /// Ten notices that wait for the same server are one trouble.
    fn tell(&mut self, trouble: Trouble) {
        if !self.summary.troubles.contains(&trouble) {
            self.summary.troubles.push(trouble);
        }
    }
}

/// How long a delivery rests after its next failed try.
fn rest(n_tries: u32) -> TimeDelta {
    match n_tries {
        0 => TimeDelta::zero(),
        n => (FIRST_REST * 2_i32.pow((n - 1).min(10))).min(LONGEST_REST),
    }
}
