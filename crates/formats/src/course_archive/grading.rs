//! The grading policy: which types of assignment count how much, and which share of the points passes.
//! It refuses entries that are no assignment type or no share; each is set aside by itself.

use serde_json::{Map, Value};

use super::policy::json;
use super::settings::{whole_number, word};
use crate::course_structure::metadata;
use crate::reject::{Reject, RejectCode};

/// The grading policy of a course run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GradingPolicy {
    /// The assignment types, in their order.
    pub graders: Vec<Grader>,
    /// The cutoffs, the lowest share first.
    pub cutoffs: Vec<Cutoff>,
    /// The member they stand in.
    pub member: Option<usize>,
}

/// One assignment type.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Grader {
    /// Its place among the records of the archive, counted from 1.
    pub position: usize,
    /// Its place in the policy, counted from 1.
    pub number: i64,
    /// What blocks say in `format`.
    pub assignment_type: Option<String>,
    /// Its name, where it has one of its own; else the type.
    pub name: Option<String>,
    /// How much of the grade it is, as a share of 1.
    pub weight: Option<f64>,
    /// How many assignments there are at least.
    pub min_count: Option<i64>,
    /// How many of the worst do not count.
    pub drop_count: Option<i64>,
    /// Its abbreviation.
    pub short_label: Option<String>,
    /// All its members as JSON text.
    pub attributes: String,
}

/// One cutoff.
#[derive(Debug, Clone, PartialEq)]
pub struct Cutoff {
    /// Its place among the records of the archive, counted from 1.
    pub position: usize,
    /// The letter or word: `Pass`, `A`, ...
    pub label: String,
    /// The share of points from which on it is given.
    pub fraction: f64,
}

impl GradingPolicy {
    /// The lowest cutoff: who reaches it has passed.
    #[must_use]
    pub fn lowest(&self) -> Option<&Cutoff> {
        self.cutoffs.first()
    }

    /// The highest cutoff.
    #[must_use]
    pub fn highest(&self) -> Option<&Cutoff> {
        self.cutoffs.last()
    }
}

/// Reads `grading_policy.json`. `take` gives each record its position; a reject goes through `set_aside`.
pub(super) fn read(bytes: &[u8], next_position: &mut impl FnMut() -> usize, set_aside: &mut impl FnMut(usize, Reject)) -> GradingPolicy {
    let mut policy = GradingPolicy::default();
    let mut members = match json(bytes) {
        Ok(Value::Object(members)) => members,
        Ok(_) => {
            set_aside(next_position(), Reject::new(RejectCode::CourseArchivePolicyNotJson));
            return policy;
        }
        Err(reject) => {
            set_aside(next_position(), reject);
            return policy;
        }
    };
    let entries = match members.remove("GRADER") {
        Some(Value::Array(entries)) => entries,
        Some(other) => vec![other],
        None => Vec::new(),
    };
    for (index, entry) in entries.into_iter().enumerate() {
        let position = next_position();
        match entry {
            Value::Object(entry) => policy.graders.push(grader(position, index, entry)),
            _ => set_aside(position, Reject::new(RejectCode::CourseArchivePolicyEntry)),
        }
    }
    let cutoffs = match members.remove("GRADE_CUTOFFS") {
        Some(Value::Object(cutoffs)) => cutoffs,
        Some(_) => {
            set_aside(next_position(), Reject::new(RejectCode::CourseArchivePolicyEntry));
            Map::new()
        }
        None => Map::new(),
    };
    for (label, fraction) in cutoffs {
        let position = next_position();
        match metadata::number(&fraction) {
            Some(fraction) => policy.cutoffs.push(Cutoff { position, label: label.replace('\0', ""), fraction }),
            None => set_aside(position, Reject::new(RejectCode::CourseArchivePolicyEntry)),
        }
    }
    policy.cutoffs.sort_by(|one, other| one.fraction.total_cmp(&other.fraction).then_with(|| one.label.cmp(&other.label)));
    policy
}

fn grader(position: usize, index: usize, entry: Map<String, Value>) -> Grader {
    let assignment_type = entry.get("type").and_then(word);
    Grader {
        position,
        number: i64::try_from(index + 1).unwrap_or(i64::MAX),
        name: entry.get("name").and_then(word).or_else(|| assignment_type.clone()),
        assignment_type,
        weight: entry.get("weight").and_then(metadata::number),
        min_count: entry.get("min_count").and_then(whole_number),
        drop_count: entry.get("drop_count").and_then(whole_number),
        short_label: entry.get("short_label").and_then(word),
        attributes: metadata::without_secrets(entry),
    }
}
