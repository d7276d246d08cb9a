//! The files of problems: what is asked, the choices, and what is right.
//!
//! They agree with the answers in the log and in the state of blocks.

use super::escape;
use crate::courses::{CHOICES, CourseRun, NUMBER, OPTIONS, Response, WORD};

/// The element of a problem.
pub(super) fn element(run: &CourseRun, index: u16, attributes: &str) -> String {
    let block = run.block(index);
    let mut text = format!("<problem{attributes}>\n");
    text.push_str(&format!("  <p>Think of <b>{}</b> &amp; answer.</p>\n", escape(crate::courses::topic(u64::from(index)))));
    for number in 0..block.n_inputs {
        let label = format!("Part {} of {}", number + 1, block.display_name.as_deref().unwrap_or("?"));
        text.push_str(&response(run.response(index, number), &escape(&label)));
    }
    if index.is_multiple_of(3) {
        text.push_str("  <solution>\n    <div class=\"detailed-solution\">\n      <p>Explanation</p>\n      <p>Look at the units.</p>\n    </div>\n  </solution>\n");
    }
    // The log tells of two hints.
    text.push_str(
        "  <demandhint>\n    <hint>Think of the units.</hint>\n    <hint>Then of the sign.</hint>\n  </demandhint>\n</problem>\n",
    );
    text
}

fn response(response: Response, label: &str) -> String {
    let name = response.response_type();
    let (attributes, body) = match response {
        Response::Choice => {
            let choice = |(number, text): (usize, &&str)| format!("      <choice correct=\"{}\">{}</choice>\n", number == 1, escape(text));
            let choices: String = CHOICES.iter().enumerate().map(choice).collect();
            (String::new(), format!("    <choicegroup type=\"MultipleChoice\">\n{choices}    </choicegroup>\n"))
        }
        Response::Menu => {
            let option = |(number, text): (usize, &&str)| format!("      <option correct=\"{}\">{}</option>\n", number == 0, escape(text));
            let options: String = OPTIONS.iter().enumerate().map(option).collect();
            (String::new(), format!("    <optioninput>\n{options}    </optioninput>\n"))
        }
        Response::Number => {
            let body = "    <responseparam type=\"tolerance\" default=\"0.01\"/>\n    <formulaequationinput/>\n";
            (format!(" answer=\"{NUMBER}\""), body.to_owned())
        }
        Response::Text => {
            let body = "    <additional_answer answer=\"photo-synthesis\"/>\n    <textline size=\"20\"/>\n";
            (format!(" answer=\"{WORD}\" type=\"ci\""), body.to_owned())
        }
    };
    format!("  <{name}{attributes}>\n    <label>{label}</label>\n{body}  </{name}>\n")
}
