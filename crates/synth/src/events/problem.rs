//! Problem events: the browser's form, the server's full record, the page that came back.
//!
//! Answers are choices, numbers and free text in several scripts.

use super::envelope::Particulars;
use super::facts::Facts;
use crate::behaviour::ActionKind;
use crate::behaviour::actions::Handler;
use crate::courses::{CourseRun, KeyStyle, MAX_ATTEMPTS};
use crate::json::JsonText;
use crate::moment::{Moment, SECOND};

/// 2013-10-15: until then the server's checks were called `save_problem_check`.
const CHECK_NAME_SINCE: Moment = 1_381_795_200 * SECOND;
/// 2014-03-05: since then the server tells answers in words, and the module.
const SUBMISSION_SINCE: Moment = 1_393_977_600 * SECOND;

/// The id of an input without its leading word.
pub(crate) fn answer_id(run: &CourseRun, problem: u16, number: u8) -> String {
    let name = &run.block(problem).url_name;
    match run.style {
        KeyStyle::CourseV1 => format!("{name}_{}_1", number + 2),
        KeyStyle::Slash => format!("i4x-{}-{}-problem-{name}_{}_1", run.org, run.course.replace('.', "_"), number + 2),
    }
}

/// The name of an input field.
pub(super) fn input_name(facts: &Facts<'_>, problem: u16, number: u8) -> String {
    format!("input_{}", answer_id(facts.run, problem, number))
}

pub(super) fn answer_text(facts: &Facts<'_>, problem: u16, number: u8, is_right: bool) -> String {
    facts.run.response(problem, number).answer(is_right, facts.draw("answer") >> number)
}

fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b if b.is_ascii_alphanumeric() || b"-_.".contains(&b) => out.push(char::from(b)),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

fn form(facts: &Facts<'_>, problem: u16, points: u8) -> String {
    let n_inputs = facts.run.block(problem).n_inputs;
    let fields: Vec<String> = (0..n_inputs)
        .map(|n| {
            format!("{}={}", percent_encode(&input_name(facts, problem, n)), percent_encode(&answer_text(facts, problem, n, n < points)))
        })
        .collect();
    fields.join("&")
}

pub(super) fn write(facts: &Facts<'_>, payload: &mut JsonText) -> Particulars {
    match facts.action.kind {
        ActionKind::ProblemCheckBrowser { problem, points, .. } => {
            payload.raw(form(facts, problem, points).as_bytes());
            Particulars::browser("problem_check", facts.page_of(problem))
        }
        ActionKind::ProblemReset { problem } => {
            payload.raw(form(facts, problem, 0).as_bytes());
            Particulars::browser("problem_reset", facts.page_of(problem))
        }
        ActionKind::ProblemSave { problem, .. } => {
            payload.raw(form(facts, problem, 0).as_bytes());
            Particulars::browser("problem_save", facts.page_of(problem))
        }
        ActionKind::ProblemGraded { problem, attempt, points } => {
            let html = graded_page(facts, problem, attempt, points);
            payload.open_list().text(&form(facts, problem, points)).text(&html).close_list();
            Particulars { is_text: !facts.draw("list").is_multiple_of(3), ..Particulars::browser("problem_graded", facts.page_of(problem)) }
        }
        ActionKind::ProblemShow { problem } => {
            payload.open().key("problem").text(facts.usage_key(problem)).close();
            Particulars::browser("problem_show", facts.page_of(problem))
        }
        ActionKind::ShowAnswer { problem } => {
            payload.open().key("problem_id").text(facts.usage_key(problem)).close();
            server(facts, "showanswer", problem, Handler::ProblemShow)
        }
        ActionKind::Hint { problem } => {
            payload.open();
            payload.key("module_id").text(facts.usage_key(problem));
            payload.key("hint_index").int(0).key("hint_len").int(2).key("hint_text").text("Think of the units.").close();
            server(facts, "edx.problem.hint.demandhint_displayed", problem, Handler::ProblemGet)
        }
        ActionKind::ProblemRescore { problem, attempt, points } => rescore(facts, payload, problem, attempt, points),
        ActionKind::ProblemCheck { problem, attempt, points, .. } => {
            check(facts, payload, problem, attempt, points);
            let name = if facts.at() < CHECK_NAME_SINCE { "save_problem_check" } else { "problem_check" };
            server(facts, name, problem, Handler::ProblemCheck)
        }
        _ => server(facts, "problem_check_fail", 0, Handler::ProblemCheck),
    }
}

fn server(facts: &Facts<'_>, event_type: &str, problem: u16, handler: Handler) -> Particulars {
    let action = Facts {
        action: &crate::behaviour::Action { kind: ActionKind::Handler { block: problem, handler }, ..*facts.action },
        identity: crate::mess::IdentityFault::None,
        ..*facts
    };
    let path = super::implicit::path_of(&action);
    Particulars {
        module: (facts.at() >= SUBMISSION_SINCE).then_some(problem),
        page: Some("x_module".to_owned()),
        ..Particulars::server(event_type, path)
    }
}

fn correct_map(facts: &Facts<'_>, payload: &mut JsonText, problem: u16, points: u8) {
    payload.open();
    for number in 0..facts.run.block(problem).n_inputs {
        payload.key(&answer_id(facts.run, problem, number)).open();
        payload.key("hint").text("").key("hintmode").null();
        payload.key("correctness").text(if number < points { "correct" } else { "incorrect" });
        payload.key("npoints").null().key("answervariable").null().key("msg").text("").key("queuestate").null();
        payload.close();
    }
    payload.close();
}

fn check(facts: &Facts<'_>, payload: &mut JsonText, problem: u16, attempt: u16, points: u8) {
    let block = facts.run.block(problem);
    let n_inputs = block.n_inputs;
    payload.open();
    if facts.at() >= SUBMISSION_SINCE {
        payload.key("submission").open();
        for number in 0..n_inputs {
            payload.key(&answer_id(facts.run, problem, number)).open();
            payload.key("question").text(&format!("Part {} of {}", number + 1, block.display_name.as_deref().unwrap_or("?")));
            let response = facts.run.response(problem, number);
            payload.key("answer").text(response.words(&answer_text(facts, problem, number, number < points)));
            payload.key("response_type").text(response.response_type()).key("input_type").text(response.input_type());
            payload.key("correct").bool(number < points).key("variant").text("").key("group_label").text("");
            payload.close();
        }
        payload.close();
    }
    payload.key("success").text(if points == n_inputs { "correct" } else { "incorrect" });
    payload.key("grade").int(i64::from(points));
    payload.key("correct_map");
    correct_map(facts, payload, problem, points);
    payload.key("state").open();
    payload.key("student_answers").open().close().key("seed").int(1);
    payload.key("done").raw(if attempt > 1 { b"true" } else { b"null" });
    payload.key("correct_map").open().close().key("input_state").open();
    for number in 0..n_inputs {
        payload.key(&answer_id(facts.run, problem, number)).open().close();
    }
    payload.close().close();
    payload.key("answers").open();
    for number in 0..n_inputs {
        payload.key(&answer_id(facts.run, problem, number)).text(&answer_text(facts, problem, number, number < points));
    }
    payload.close();
    payload.key("attempts").int(i64::from(attempt));
    payload.key("max_grade").int(i64::from(n_inputs));
    payload.key("problem_id").text(facts.usage_key(problem));
    payload.close();
}

fn rescore(facts: &Facts<'_>, payload: &mut JsonText, problem: u16, attempt: u16, points: u8) -> Particulars {
    let n_inputs = facts.run.block(problem).n_inputs;
    payload.open();
    payload.key("problem_id").text(facts.usage_key(problem));
    payload.key("student").text(&facts.person.username);
    payload.key("orig_score").int(i64::from(points)).key("orig_total").int(i64::from(n_inputs));
    payload.key("new_score").int(i64::from(points)).key("new_total").int(i64::from(n_inputs));
    payload.key("attempts").int(i64::from(attempt));
    payload.key("success").text(if points == n_inputs { "correct" } else { "incorrect" });
    payload.key("correct_map");
    correct_map(facts, payload, problem, points);
    payload.key("task_id").text(&crate::random::hex(facts.draw("task"), 32));
    payload.close();
    let path = format!("/courses/{}/instructor/api/rescore_problem", facts.run.key);
    let event_type = "problem_rescore";
    Particulars { actor: Some(super::enrolment::team_member(facts)), module: Some(problem), ..Particulars::server(event_type, path) }
}

/// The piece of page a check returns: longer than the shorter of the two lengths at which lines get cut, now and then than the longer.
fn graded_page(facts: &Facts<'_>, problem: u16, attempt: u16, points: u8) -> String {
    let block = facts.run.block(problem);
    let mut html = format!(
        "\n\n<h3 class=\"hd hd-3 problem-header\" id=\"{0}-problem-title\">\n  {1}\n</h3>\n<div class=\"problem-progress\">{2}/{3} points (graded)</div>\n",
        block.url_name,
        block.display_name.as_deref().unwrap_or_default(),
        points,
        block.n_inputs
    );
    let n_paragraphs = if is_long(facts.draw("page")) { 90 } else { 13 };
    for number in 0..n_paragraphs {
        html.push_str(&format!(
            "<div class=\"wrapper-problem-response\" tabindex=\"-1\" aria-label=\"Question {number}\"><span class=\"message\">Part {number}\u{2026}</span></div>\n"
        ));
    }
    html.push_str(&format!("<div class=\"submission-feedback\">You have used {attempt} of {MAX_ATTEMPTS} attempts</div>"));
    html
}

fn is_long(draw: u64) -> bool {
    draw.is_multiple_of(40)
}
