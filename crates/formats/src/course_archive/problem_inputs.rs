//! The input fields of one response of a problem, with the choices they offer.
//! It refuses to grade: an answer that a script computes is not known.

use roxmltree::Node;
use serde_json::{Value, json};

use super::text::{text_of, tidy};

/// The text of a label, a choice or an answer ends after as many characters.
const MAX_TEXT_CHARS: usize = 2_000;
/// Elements a learner answers in.
const INPUTS: &[&str] = &[
    "annotationinput",
    "checkboxgroup",
    "checkboxtextgroup",
    "chemicalequationinput",
    "choicegroup",
    "codeinput",
    "crystallography",
    "designprotein2dinput",
    "drag_and_drop_input",
    "editageneinput",
    "editamoleculeinput",
    "filesubmission",
    "formulaequationinput",
    "imageinput",
    "javascriptinput",
    "jsinput",
    "matlabinput",
    "optioninput",
    "radiogroup",
    "radiotextgroup",
    "schematic",
    "textbox",
    "textline",
    "vsepr_input",
];
/// Elements inside a choice that are not its text.
const NOT_CHOICE: &[&str] = &["choicehint", "optionhint"];

/// One input field of a problem; a response without any counts as one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProblemInput {
    /// The response in the problem, from 1.
    pub response_number: i64,
    /// The field in the response, from 1.
    pub input_number: i64,
    /// The kind of response.
    pub response_type: String,
    /// The kind of field; `None` where the file has none.
    pub input_type: Option<String>,
    /// What is asked, where the field says so itself.
    pub label: Option<String>,
    /// The choices it offers.
    pub choices: Vec<Choice>,
    /// The answers that are right, as text; empty where choices or a script tell.
    pub answers: Vec<String>,
    /// How far a number may be off, as written.
    pub tolerance: Option<String>,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its name in events and answers, such as `choice_0`.
    pub id: String,
    /// Its text.
    pub text: String,
    /// Whether it is right; `None` where that is computed or right in part.
    pub correct: Option<bool>,
}

impl ProblemInput {
    /// The end of the field's key in events and answers: responses count from 2 there.
    #[must_use]
    pub fn answer_id_suffix(&self) -> String {
        format!("{}_{}", self.response_number + 1, self.input_number)
    }

    /// The choices as JSON text; `None` without any.
    #[must_use]
    pub fn choices_json(&self) -> Option<String> {
        let choices: Vec<Value> =
            self.choices.iter().map(|choice| json!({"id": choice.id, "text": choice.text, "correct": choice.correct})).collect();
        (!choices.is_empty()).then(|| Value::Array(choices).to_string())
    }
}

/// Whether an element asks for an answer: the platform and its extensions call them all so.
pub(super) fn is_response(node: &Node<'_, '_>) -> bool {
    node.is_element() && node.tag_name().name().ends_with("response")
}

/// Reads the fields of a response.
pub(super) fn read(response: Node<'_, '_>, response_number: i64) -> Vec<ProblemInput> {
    let base = ProblemInput {
        response_number,
        input_number: 1,
        response_type: response.tag_name().name().to_owned(),
        answers: answers(response),
        tolerance: response
            .children()
            .find(|child| child.has_tag_name("responseparam") && child.attribute("type") == Some("tolerance"))
            .and_then(|child| tidy(child.attribute("default")?, MAX_TEXT_CHARS)),
        label: response.attribute("label").and_then(|label| tidy(label, MAX_TEXT_CHARS)).or_else(|| {
            let label = response.children().find(|child| child.has_tag_name("label"))?;
            Some(text_of(label, MAX_TEXT_CHARS, |_| false)).filter(|text| !text.is_empty())
        }),
        ..ProblemInput::default()
    };
    let mut fields = Vec::new();
    let mut waiting: Vec<Node<'_, '_>> = response.children().rev().collect();
    while let Some(node) = waiting.pop() {
        if !node.is_element() || is_response(&node) {
            continue;
        }
        let tag = node.tag_name().name();
        if !INPUTS.contains(&tag) {
            waiting.extend(node.children().rev());
            continue;
        }
        fields.push(ProblemInput {
            input_number: i64::try_from(fields.len() + 1).unwrap_or(i64::MAX),
            input_type: Some(tag.to_owned()),
            label: node.attribute("label").and_then(|label| tidy(label, MAX_TEXT_CHARS)).or_else(|| base.label.clone()),
            choices: choices(node, &base.response_type),
            // The answers of a response with several fields are not told apart in its file.
            ..base.clone()
        });
    }
    if fields.is_empty() {
        let choices = choices(response, &base.response_type);
        fields.push(ProblemInput { choices, ..base });
    }
    fields
}

/// `answer`, and the other answers that count as well.
fn answers(response: Node<'_, '_>) -> Vec<String> {
    let own = response.attribute("answer").or_else(|| response.attribute("expect"));
    let others = response.children().filter(|child| child.has_tag_name("additional_answer"));
    let others = others.map(|other| other.attribute("answer").or_else(|| other.text()).unwrap_or_default());
    own.into_iter().chain(others).filter_map(|answer| tidy(answer, MAX_TEXT_CHARS)).collect()
}

fn choices(field: Node<'_, '_>, response_type: &str) -> Vec<Choice> {
    let listed = field.children().filter(|child| matches!(child.tag_name().name(), "choice" | "option"));
    let mut choices: Vec<Choice> = Vec::new();
    for (number, choice) in listed.enumerate() {
        let text = text_of(choice, MAX_TEXT_CHARS, |tag| NOT_CHOICE.contains(&tag));
        let id = match choice.attribute("name") {
            Some(name) if response_type == "multiplechoiceresponse" => format!("choice_{name}"),
            _ if choice.has_tag_name("option") => text.clone(),
            _ => format!("choice_{number}"),
        };
        choices.push(Choice { id, text, correct: choice.attribute("correct").and_then(truth) });
    }
    if choices.is_empty()
        && let Some(options) = field.attribute("options")
    {
        let correct = field.attribute("correct").map(str::trim).filter(|correct| !correct.starts_with('$'));
        choices.extend(quoted(options).into_iter().map(|text| Choice {
            id: text.clone(),
            correct: correct.map(|correct| correct == text),
            text,
        }));
    }
    choices
}

fn truth(text: &str) -> Option<bool> {
    text.trim().to_ascii_lowercase().parse().ok()
}

/// The texts of a list as older menus write it: `('yes','no')`.
fn quoted(list: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut characters = list.chars();
    while let Some(quote) = characters.find(|character| matches!(character, '\'' | '"')) {
        let mut text = String::new();
        while let Some(character) = characters.next() {
            match character {
                '\\' => text.extend(characters.next()),
                _ if character == quote => break,
                _ => text.push(character),
            }
        }
        texts.extend(tidy(&text, MAX_TEXT_CHARS));
    }
    texts
}
