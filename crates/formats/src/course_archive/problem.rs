//! A problem: its question as plain text, what kinds of answer it asks for, and its hints.
//! It refuses to read scripts: what a problem computes when it is shown is not in its file.

use roxmltree::Node;
use serde_json::{Map, Value};

use super::problem_inputs::{self, ProblemInput};
use super::text::text_of;
use crate::course_structure::metadata;

/// The text of a question ends after as many characters.
const MAX_TEXT_CHARS: usize = 20_000;
/// Elements whose text is not part of the question.
const NOT_QUESTION: &[&str] = &[
    "additional_answer",
    "answer",
    "choice",
    "choicehint",
    "compoundhint",
    "correcthint",
    "demandhint",
    "hint",
    "hintgroup",
    "hintpart",
    "option",
    "optionhint",
    "partial",
    "script",
    "solution",
    "stringequalhint",
    "style",
];

/// A problem.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Problem {
    /// The question, without answers, hints, scripts and mark-up, in single spaces.
    pub text: String,
    /// The kinds of response in order, each once: `multiplechoiceresponse`, `numericalresponse`, ...
    pub response_types: Vec<String>,
    /// How many responses it has.
    pub n_responses: i64,
    /// Its input fields, in order.
    pub inputs: Vec<ProblemInput>,
    /// How many hints it has that learners ask for.
    pub n_hints: i64,
    /// Whether it has an explanation of the answer.
    pub has_solution: bool,
    /// Whether it has a script that may change question and answer.
    pub has_script: bool,
    /// Its weight in points.
    pub weight: Option<f64>,
}

impl Problem {
    /// The kind of response as one word: `mixed` for several, `None` for none.
    #[must_use]
    pub fn itype(&self) -> Option<&str> {
        match self.response_types.as_slice() {
            [] => None,
            [only] => Some(only),
            _ => Some("mixed"),
        }
    }
}

/// Reads the element of a problem and its attributes.
pub(super) fn read(node: Node<'_, '_>, attributes: &Map<String, Value>) -> Problem {
    let mut response_types: Vec<String> = Vec::new();
    let mut inputs = Vec::new();
    let mut n_responses = 0;
    for response in node.descendants().filter(problem_inputs::is_response) {
        let kind = response.tag_name().name();
        if !response_types.iter().any(|known| known == kind) {
            response_types.push(kind.to_owned());
        }
        n_responses += 1;
        inputs.extend(problem_inputs::read(response, n_responses));
    }
    let has = |tag: &str| node.descendants().any(|child| child.has_tag_name(tag));
    let hints = node.descendants().filter(|child| child.has_tag_name("hint") && parent_is(child, "demandhint")).count();
    Problem {
        text: text_of(node, MAX_TEXT_CHARS, |tag| NOT_QUESTION.contains(&tag)),
        response_types,
        n_responses,
        inputs,
        n_hints: i64::try_from(hints).unwrap_or(i64::MAX),
        has_solution: has("solution"),
        has_script: has("script"),
        weight: attributes.get("weight").and_then(metadata::number),
    }
}

fn parent_is(node: &Node<'_, '_>, tag: &str) -> bool {
    node.parent().is_some_and(|parent| parent.has_tag_name(tag))
}
