//! `courseware_studentmodule`: one row for each member and block touched.
//!
//! The largest table, in a dialect of its own; absent when it would be empty.

use super::{Member, Rows, Snapshot, state_before};
use crate::courses::CourseRun;
use crate::json::JsonText;
use crate::moment::content_text;
use crate::tables::state::Touched;

pub(super) const COLUMNS: &str = "id module_type module_id student_id state grade created modified max_grade done course_id";

pub(super) fn rows(snapshot: &Snapshot<'_>, member: &Member<'_>, rows: &mut Rows) {
    let run = snapshot.run;
    let state = state_before(snapshot.world, run, member.life, snapshot.blocks_as_of());
    for touched in &state.touched {
        let block = run.block(touched.block);
        let id = (i64::from(run.index) + 1) * 1_000_000_000 + i64::from(member.life.person) * 1_000 + i64::from(touched.block);
        rows.int(id).text(block.category).text(&block.usage_key).int(member.person.user_id);
        rows.text(&state_text(run, touched));
        let is_problem = block.category == "problem";
        if is_problem && touched.attempts > 0 {
            rows.hundredths(i64::from(touched.points) * 100);
        } else {
            rows.null();
        }
        rows.moment(touched.first_at).moment(touched.last_at);
        if is_problem && touched.attempts > 0 {
            rows.hundredths(i64::from(block.n_inputs) * 100);
        } else {
            rows.null();
        }
        rows.text("na").text(&run.key);
        rows.end();
    }
}

fn state_text(run: &CourseRun, touched: &Touched) -> String {
    let block = run.block(touched.block);
    let mut json = JsonText::new(false);
    json.open();
    match block.category {
        "problem" if touched.attempts > 0 => {
            json.key("attempts").int(i64::from(touched.attempts)).key("seed").int(1).key("done").bool(true);
            json.key("last_submission_time").text(&content_text(touched.last_at));
            json.key("student_answers").open();
            for number in 0..block.n_inputs {
                let answer = run.response(touched.block, number).answer(number < touched.points, touched.last_at as u64);
                json.key(&crate::events::answer_id(run, touched.block, number)).text(&answer);
            }
            json.close().key("correct_map").open();
            for number in 0..block.n_inputs {
                let correctness = if number < touched.points { "correct" } else { "incorrect" };
                json.key(&crate::events::answer_id(run, touched.block, number)).open();
                json.key("correctness").text(correctness).key("msg").text("<p class=\"hint\">\n</p>").key("npoints").null().close();
            }
            json.close().key("input_state").open().close();
        }
        "problem" => {
            json.key("seed").int(1).key("input_state").open().close();
        }
        "video" => {
            let seconds = touched.video_ms / 1000;
            let text = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
            json.key("saved_video_position").text(&text).key("speed").millis(1000);
        }
        _ => {
            json.key("position").int(i64::from(touched.position));
        }
    }
    json.close();
    String::from_utf8_lossy(json.bytes()).into_owned()
}
