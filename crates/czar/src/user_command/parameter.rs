//! A parameter of a user command and the values it takes.

use chrono::NaiveDate;
use datafusion::scalar::ScalarValue;

use crate::failure::refusal;

/// A parameter, which the SQL names as `$name`.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) kind: ParameterKind,
    pub(crate) default: Option<String>,
    pub(crate) description: String,
}

/// What the values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParameterKind {
    Text,
    Integer,
    Number,
    Date,
    Truth,
}

impl ParameterKind {
    const ALL: [(&'static str, Self); 5] =
        [("text", Self::Text), ("integer", Self::Integer), ("number", Self::Number), ("date", Self::Date), ("truth", Self::Truth)];

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// The names, for a message.
    pub(crate) fn names() -> String {
        Self::ALL.map(|(name, _)| format!("`{name}`")).join(", ")
    }

    /// The name in a declaration.
    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// Reads a value.
    ///
    /// # Errors
    /// The text is none of this kind.
    pub(crate) fn value(self, text: &str, name: &str) -> anyhow::Result<ScalarValue> {
        let fail = |expected: &str| refusal(format!("`{name}` must be {expected}"));
        Ok(match self {
            Self::Text => ScalarValue::Utf8(Some(text.to_owned())),
            Self::Integer => ScalarValue::Int64(Some(text.parse().map_err(|_| fail("a whole number"))?)),
            Self::Number => ScalarValue::Float64(Some(text.parse().map_err(|_| fail("a number"))?)),
            Self::Truth => ScalarValue::Boolean(Some(text.parse().map_err(|_| fail("`true` or `false`"))?)),
            Self::Date => {
                let day: NaiveDate = text.parse().map_err(|_| fail("a day such as 2018-03-04"))?;
                let since_1970 = day.signed_duration_since(NaiveDate::default()).num_days();
                ScalarValue::Date32(Some(i32::try_from(since_1970).map_err(|_| fail("a day of this era"))?))
            }
        })
    }
}
