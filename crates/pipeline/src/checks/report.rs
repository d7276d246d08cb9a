//! What the checks found. It judges nothing.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Check, Gravity, Group};

/// One place where a rule does not hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub gravity: Gravity,
    /// What is wrong, in words. Names no learner.
    pub message: String,
    /// Where: site, course run, table, package, day, as far as they say something.
    pub place: Map<String, Value>,
    /// The numbers behind the message.
    pub counts: Map<String, Value>,
    /// What to ask edX for.
    pub ask: Option<String>,
}

impl Finding {
    /// A finding without a place in the lake.
    pub(super) fn of_surroundings(gravity: Gravity, message: String) -> Self {
        Self { gravity, message, place: Map::new(), counts: Map::new(), ask: None }
    }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The rule holds.
    Ok,
    /// It does not hold somewhere.
    Found,
    /// There was nothing to look at.
    NotAsked,
}

/// What one check found.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// The check.
    pub id: &'static str,
    /// Its group.
    pub group: Group,
    /// The worst finding; absent when there is none.
    pub gravity: Option<Gravity>,
    /// How it ended.
    pub state: State,
    /// What should hold.
    pub rule: &'static str,
    /// Why it was not asked.
    pub reason: Option<String>,
    /// Where the rule does not hold, newest first where they have a day.
    pub findings: Vec<Finding>,
    /// What to do about it; absent when there is nothing.
    pub next_step: Option<&'static str>,
}

impl Answer {
    pub(super) fn of(check: &'static Check, findings: Vec<Finding>) -> Self {
        let state = if findings.is_empty() { State::Ok } else { State::Found };
        Self {
            id: check.id,
            group: check.group,
            gravity: findings.iter().map(|finding| finding.gravity).max(),
            state,
            rule: check.rule,
            reason: None,
            next_step: (state == State::Found).then_some(check.next_step),
            findings,
        }
    }

    pub(super) fn not_asked(check: &'static Check, reason: String) -> Self {
        Self { state: State::NotAsked, reason: Some(reason), ..Self::of(check, Vec::new()) }
    }
}

/// What all checks found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Each check that was wanted.
    pub checks: Vec<Answer>,
    /// What to ask edX for: each thing once, ready to paste.
    pub ask: Vec<String>,
}

impl Report {
    /// How many checks have a finding of this gravity as their worst.
    #[must_use]
    pub fn n_with(&self, gravity: Gravity) -> usize {
        self.checks.iter().filter(|answer| answer.gravity == Some(gravity)).count()
    }

    /// How many checks ended so.
    #[must_use]
    pub fn n_in(&self, state: State) -> usize {
        self.checks.iter().filter(|answer| answer.state == state).count()
    }

    /// Whether something is wrong. Notes do not count.
    #[must_use]
    pub fn has_trouble(&self) -> bool {
        self.checks.iter().any(|answer| answer.gravity >= Some(Gravity::Warning))
    }
}
