//! What a problem asks for: its kinds of input, the choices, and what learners answer.
//!
//! The log, the state of blocks and the course's own files ask alike, so that an answer is one of the choices.

use super::CourseRun;

/// A kind of input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Response {
    /// One of several choices.
    Choice,
    Number,
    Text,
    /// A menu.
    Menu,
}

/// Submissions that every problem allows.
pub(crate) const MAX_ATTEMPTS: u16 = 4;
/// Choices of a [`Response::Choice`] in their order; the second is right.
pub(crate) const CHOICES: [&str; 5] = ["Never", "In the long run", "Only at night & in winter", "Всегда", "\"None\" of these"];
/// Options of a [`Response::Menu`]; the first is right.
pub(crate) const OPTIONS: [&str; 4] = ["rises", "falls", "不变", "cannot be told"];
/// The number that is right.
pub(crate) const NUMBER: &str = "3.14";
/// The word that is right.
pub(crate) const WORD: &str = "photosynthesis";

impl Response {
    /// The name of the kind in the log, and the element in the course's files.
    pub(crate) fn response_type(self) -> &'static str {
        match self {
            Self::Choice => "multiplechoiceresponse",
            Self::Number => "numericalresponse",
            Self::Text => "stringresponse",
            Self::Menu => "optionresponse",
        }
    }

    pub(crate) fn input_type(self) -> &'static str {
        match self {
            Self::Choice => "choicegroup",
            Self::Number => "formulaequationinput",
            Self::Text => "textline",
            Self::Menu => "optioninput",
        }
    }

    /// An answer, as the log and the state of blocks have it.
    pub(crate) fn answer(self, is_right: bool, draw: u64) -> String {
        let one_of = |wrong: &[&str]| wrong[(draw % wrong.len() as u64) as usize].to_owned();
        match (self, is_right) {
            (Self::Choice, true) => "choice_1".to_owned(),
            (Self::Choice, false) => format!("choice_{}", 2 + draw % 3),
            (Self::Number, true) => NUMBER.to_owned(),
            (Self::Number, false) => format!("{}", draw % 100),
            (Self::Text, true) => WORD.to_owned(),
            (Self::Text, false) => one_of(&["no idea", "не знаю", "不知道", "50% & more"]),
            (Self::Menu, true) => OPTIONS[0].to_owned(),
            (Self::Menu, false) => one_of(&OPTIONS[1..]),
        }
    }

    /// An answer as the learner reads it: the text of a choice, not its name.
    pub(crate) fn words(self, answer: &str) -> &str {
        let number = answer.strip_prefix("choice_").filter(|_| self == Self::Choice).and_then(|number| number.parse::<usize>().ok());
        number.and_then(|number| CHOICES.get(number).copied()).unwrap_or(answer)
    }
}

impl CourseRun {
    /// What an input of a problem asks for; inputs count from 0.
    pub(crate) fn response(&self, problem: u16, number: u8) -> Response {
        let kinds = [Response::Choice, Response::Number, Response::Text, Response::Menu];
        kinds[(usize::from(problem) + usize::from(number)) % kinds.len()]
    }
}
