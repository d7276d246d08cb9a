//! The 21 tables of open response assessments, in the folder `ora/`.
//!
//! Small on purpose: a few submissions with staff, peer and self assessments that refer to each other.

use super::{Dialect, Making, Rows, Snapshot, Table};
use crate::moment::{HOUR, Moment};
use crate::random::{hash, hex};

const fn ora(name: &'static str, columns: &'static str, rows: fn(&Snapshot<'_>, &mut Rows)) -> Table {
    Table { name, is_ora: true, dialect: Dialect::Exporter, columns, making: Making::Whole(rows), more: None }
}

/// The tables.
pub(super) fn tables() -> Vec<Table> {
    vec![
        ora("submissions_studentitem", "id student_id course_id item_id item_type", student_item),
        ora("submissions_submission", "id uuid attempt_number submitted_at created_at raw_answer status student_item_id", submission),
        ora("submissions_score", "id points_earned points_possible created_at reset student_item_id submission_id", score),
        ora("submissions_scoresummary", "id highest_id latest_id student_item_id", |s, rows| {
            each(s, rows, |id, _, rows| {
                rows.int(id).int(id).int(id).int(id);
            });
        }),
        ora("assessment_rubric", "id content_hash structure_hash", |s, rows| {
            rows.int(rubric(s)).text(&hex(1, 40)).text(&hex(2, 40)).end();
        }),
        ora("assessment_criterion", "id rubric_id name label order_num prompt", |s, rows| {
            let id = rubric(s);
            rows.int(id).int(id).text("clarity").text("Clarity").int(0).text("Is it clear?\nSay why.").end();
        }),
        ora("assessment_criterionoption", "id criterion_id order_num points name label explanation", |s, rows| {
            for points in 0..3 {
                rows.int(rubric(s) * 10 + points).int(rubric(s)).int(points).int(points);
                rows.text(["no", "somewhat", "yes"][points as usize]).text("").text("").end();
            }
        }),
        ora("assessment_assessment", "id submission_uuid rubric_id scored_at scorer_id score_type feedback", |s, rows| {
            each(s, rows, |id, o, rows| {
                rows.int(id).text(&o.uuid).int(rubric(s)).moment(o.at + HOUR).text(&o.scorer);
                rows.text(["PE", "SE", "ST"][(id % 3) as usize]).text("Well argued.\tMostly.");
            });
        }),
        ora("assessment_assessmentpart", "id assessment_id criterion_id option_id feedback", |s, rows| {
            each(s, rows, |id, _, rows| {
                rows.int(id).int(id).int(rubric(s)).int_or_null((id % 4 != 0).then_some(rubric(s) * 10 + 2)).text("");
            });
        }),
        ora("assessment_assessmentfeedback", "id submission_uuid feedback_text", |s, rows| {
            each(s, rows, |id, o, rows| {
                rows.int(id).text(&o.uuid).text("Thank you");
            });
        }),
        ora("assessment_assessmentfeedback_assessments", "id assessmentfeedback_id assessment_id", same),
        ora("assessment_assessmentfeedback_options", "id assessmentfeedback_id assessmentfeedbackoption_id", |s, rows| {
            each(s, rows, |id, _, rows| {
                rows.int(id).int(id).int(1);
            });
        }),
        ora("assessment_assessmentfeedbackoption", "id text", |_, rows| {
            rows.int(1).text("These assessments were useful.").end();
        }),
        ora(
            "assessment_peerworkflow",
            "id student_id item_id course_id submission_uuid created_at completed_at grading_completed_at cancelled_at",
            |s, rows| {
                each(s, rows, |id, o, rows| {
                    rows.int(id).text(&o.student).text(&o.item).text(&s.run.key).text(&o.uuid).moment(o.at);
                    rows.moment(o.at + HOUR).null().null();
                });
            },
        ),
        // The exporter filters this table by the wrong number, so that its rows are few and those of other courses.
        ora("assessment_peerworkflowitem", "id scorer_id author_id submission_uuid started_at assessment_id scored", |s, rows| {
            for number in 0..if s.world.mess.is_on() { 2 } else { 0 } {
                let stranger = 990_000_000 + i64::from(s.run.index) * 10 + number;
                rows.int(stranger).int(stranger + 1).int(stranger + 2).text(&hex(stranger as u64, 32)).moment(s.run.start());
                rows.int(stranger + 3).flag(true).end();
            }
        }),
        ora("assessment_studenttrainingworkflow", "id submission_uuid student_id item_id course_id", |s, rows| {
            each(s, rows, |id, o, rows| {
                rows.int(id).text(&o.uuid).text(&o.student).text(&o.item).text(&s.run.key);
            });
        }),
        ora("assessment_studenttrainingworkflowitem", "id workflow_id order_num started_at completed_at training_example_id", |s, rows| {
            each(s, rows, |id, o, rows| {
                rows.int(id).int(id).int(0).moment(o.at).moment_or_null((id % 2 == 0).then_some(o.at + HOUR)).int(rubric(s));
            });
        }),
        ora("assessment_trainingexample", "id raw_answer rubric_id content_hash", |s, rows| {
            rows.int(rubric(s)).text("{\"parts\": [{\"text\": \"An \\\"example\\\"\\n\"}]}").int(rubric(s)).text(&hex(3, 40)).end();
        }),
        ora("assessment_trainingexample_options_selected", "id trainingexample_id criterionoption_id", |s, rows| {
            rows.int(rubric(s)).int(rubric(s)).int(rubric(s) * 10 + 1).end();
        }),
        ora(
            "workflow_assessmentworkflow",
            "id created modified status status_changed submission_uuid uuid course_id item_id",
            |s, rows| {
                each(s, rows, |id, o, rows| {
                    rows.int(id).moment(o.at).moment(o.at + HOUR).text(if id % 3 == 0 { "peer" } else { "done" }).moment(o.at + HOUR);
                    rows.text(&o.dashed()).text(&hex(id as u64, 32)).text(&s.run.key).text(&o.item);
                });
            },
        ),
        ora(
            "workflow_assessmentworkflowstep",
            "id workflow_id name submitter_completed_at assessment_completed_at order_num",
            |s, rows| {
                each(s, rows, |id, o, rows| {
                    rows.int(id).int(id).text("peer").moment(o.at + HOUR).null().int(0);
                });
            },
        ),
    ]
}

struct Answered {
    student: String,
    scorer: String,
    item: String,
    uuid: String,
    at: Moment,
}

impl Answered {
    /// The other spelling of the same id.
    fn dashed(&self) -> String {
        let u = &self.uuid;
        format!("{}-{}-{}-{}-{}", &u[..8], &u[8..12], &u[12..16], &u[16..20], &u[20..])
    }
}

/// Numbers of rows do not clash between runs.
fn rubric(snapshot: &Snapshot<'_>) -> i64 {
    i64::from(snapshot.run.index) + 1
}

/// Calls for each submission there is by then; each gets one row.
fn each(snapshot: &Snapshot<'_>, rows: &mut Rows, row: impl Fn(i64, &Answered, &mut Rows)) {
    let run = snapshot.run;
    let item = run.units.first().map_or(0, |u| u.vertical);
    for number in 0..12_u64 {
        let at = run.start() + number as i64 * 40 * HOUR + 7_200_000_123;
        if at >= snapshot.as_of() {
            break;
        }
        let id = i64::from(run.index) * 1_000 + number as i64 + 1;
        let anonymous = |n: u64| hex(hash(snapshot.world.seed(), "essay", &[u64::from(run.index), n]), 32);
        let answered = Answered {
            student: anonymous(number),
            scorer: anonymous(number + 1),
            item: run.block(item).usage_key.clone(),
            uuid: anonymous(1000 + number),
            at,
        };
        row(id, &answered, rows);
        rows.end();
    }
}

fn same(snapshot: &Snapshot<'_>, rows: &mut Rows) {
    each(snapshot, rows, |id, _, rows| {
        rows.int(id).int(id).int(id);
    });
}

fn student_item(snapshot: &Snapshot<'_>, rows: &mut Rows) {
    each(snapshot, rows, |id, answered, rows| {
        rows.int(id).text(&answered.student).text(&snapshot.run.key).text(&answered.item).text("openassessment");
    });
}

fn submission(snapshot: &Snapshot<'_>, rows: &mut Rows) {
    each(snapshot, rows, |id, answered, rows| {
        let text = if id % 2 == 0 { "{\"parts\": [{\"text\": \"One\\nTwo \\\"three\\\"\"}]}" } else { "{\"text\": \"Ответ\\t1\"}" };
        rows.int(id).text(&answered.uuid).int(1).moment(answered.at).moment(answered.at).text(text).text("A").int(id);
    });
}

fn score(snapshot: &Snapshot<'_>, rows: &mut Rows) {
    each(snapshot, rows, |id, answered, rows| {
        rows.int(id).int(id % 3).int(2).moment(answered.at + HOUR).flag(false).int(id).int(id);
    });
}
