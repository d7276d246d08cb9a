//! The policies of a course run: its own settings, and how it is graded.
//!
//! Settings of other blocks stand in their own files.

use std::io;

use serde_json::{Map, Value, json};

use super::Archive;
use crate::courses::CourseRun;
use crate::moment::{DAY, content_text};

pub(super) fn add(archive: &mut Archive, run: &CourseRun) -> io::Result<()> {
    let folder = format!("policies/{}", run.run);
    archive.add(&format!("{folder}/policy.json"), &format!("{:#}\n", policy(run)))?;
    archive.add(&format!("{folder}/grading_policy.json"), &format!("{:#}\n", grading_policy(run)))?;
    archive.add("policies/assets.json", "{}\n")
}

fn policy(run: &CourseRun) -> Value {
    let settings = json!({
        "display_name": run.display_name,
        "start": content_text(run.start()),
        "end": content_text(run.end() + 30 * DAY),
        "graceperiod": "3600 seconds",
        "showanswer": "attempted",
        "advanced_modules": ["poll", "survey"],
        "discussion_topics": {"General": {"id": "course"}},
        "lti_passports": ["tool:key:not-a-real-secret"],
        "tabs": [
            {"course_staff_only": false, "name": "Home", "type": "course_info"},
            {"course_staff_only": false, "name": "Course", "type": "courseware"},
            {"course_staff_only": false, "name": "Reading list", "type": "static_tab", "url_slug": "reading_list"},
            {"course_staff_only": false, "is_hidden": true, "name": "Wiki", "type": "wiki"},
        ],
    });
    Value::Object(Map::from_iter([(format!("course/{}", run.run), settings)]))
}

fn grading_policy(run: &CourseRun) -> Value {
    let graders: Vec<Value> = run
        .graders()
        .iter()
        .map(|grader| {
            json!({
                "type": grader.assignment_type, "short_label": grader.short_label, "min_count": grader.min_count,
                "drop_count": grader.drop_count, "weight": grader.weight,
            })
        })
        .collect();
    let cutoffs: Map<String, Value> =
        run.cutoffs.iter().map(|(label, percent)| ((*label).to_owned(), json!(f64::from(*percent) / 100.0))).collect();
    json!({ "GRADER": graders, "GRADE_CUTOFFS": cutoffs })
}
