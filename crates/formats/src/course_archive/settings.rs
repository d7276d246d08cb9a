//! The settings of a block that are inherited, typed. It refuses values of the wrong type: they are as if they were not set.

use serde_json::{Map, Value};

use crate::course_structure::metadata;

/// A setting longer than this is no word of ours to hand down.
const MAX_WORD_CHARS: usize = 200;

/// Settings that hold for a block and, unless set again, for all below it. Moments are microseconds since 1970 UTC.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// When learners can see it.
    pub start: Option<i64>,
    /// When answers are due.
    pub due: Option<i64>,
    /// Whether it counts for the grade.
    pub graded: Option<bool>,
    /// Its assignment type.
    pub format: Option<String>,
    /// Whether learners cannot see it.
    pub visible_to_staff_only: Option<bool>,
    /// How long after the due date answers are taken, as written.
    pub graceperiod: Option<String>,
    /// When learners may see the answer.
    pub showanswer: Option<String>,
    /// When random values of a problem are drawn anew.
    pub rerandomize: Option<String>,
    /// How many answers a learner may hand in.
    pub max_attempts: Option<i64>,
}

impl Settings {
    /// Reads a block's own settings.
    pub(super) fn own(attributes: &Map<String, Value>) -> Self {
        let own = |name: &str| attributes.get(name);
        Self {
            start: own("start").and_then(metadata::moment),
            due: own("due").and_then(metadata::moment),
            graded: own("graded").and_then(metadata::boolean),
            format: own("format").and_then(word),
            visible_to_staff_only: own("visible_to_staff_only").and_then(metadata::boolean),
            graceperiod: own("graceperiod").and_then(word),
            showanswer: own("showanswer").and_then(word),
            rerandomize: own("rerandomize").and_then(word),
            max_attempts: own("max_attempts").and_then(whole_number),
        }
    }

    /// These settings where they are made, and those of the block above where they are not.
    pub(super) fn or(&self, above: &Self) -> Self {
        let word = |own: &Option<String>, above: &Option<String>| own.clone().or_else(|| above.clone());
        Self {
            start: self.start.or(above.start),
            due: self.due.or(above.due),
            graded: self.graded.or(above.graded),
            format: word(&self.format, &above.format),
            visible_to_staff_only: self.visible_to_staff_only.or(above.visible_to_staff_only),
            graceperiod: word(&self.graceperiod, &above.graceperiod),
            showanswer: word(&self.showanswer, &above.showanswer),
            rerandomize: word(&self.rerandomize, &above.rerandomize),
            max_attempts: self.max_attempts.or(above.max_attempts),
        }
    }
}

/// A short text; some exports write it in quotes of its own, and `null` for a setting that is not made.
pub(super) fn word(value: &Value) -> Option<String> {
    let text = metadata::text(value)?;
    let text = text.trim();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    (!text.is_empty() && text != "null" && text.chars().count() <= MAX_WORD_CHARS).then(|| text.to_owned())
}

pub(super) fn whole_number(value: &Value) -> Option<i64> {
    let number = metadata::number(value)?;
    // Beyond 2^53 a float is no exact number any more; no setting is that large.
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}
