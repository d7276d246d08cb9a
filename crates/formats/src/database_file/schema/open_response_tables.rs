//! Open response assessment, the tables of a package's `ora/` directory (docs/concepts/edx-files.md, "Open response assessment").
//! It refuses what only newer platforms ship: those columns are read as text until they are documented.

use super::{TableSchema, integer, text, timestamp};

pub(super) const TABLES: &[TableSchema] = &[
    TableSchema {
        name: "submissions_studentitem",
        columns: &[integer("id"), text("student_id"), text("course_id"), text("item_id"), text("item_type")],
    },
    TableSchema {
        name: "submissions_submission",
        columns: &[
            integer("id"),
            text("uuid"),
            integer("attempt_number"),
            timestamp("submitted_at"),
            timestamp("created_at"),
            text("raw_answer"),
            integer("student_item_id"),
        ],
    },
    TableSchema {
        name: "submissions_score",
        columns: &[
            integer("id"),
            integer("points_earned"),
            integer("points_possible"),
            timestamp("created_at"),
            integer("reset"),
            integer("student_item_id"),
            integer("submission_id"),
        ],
    },
    TableSchema {
        name: "submissions_scoresummary",
        columns: &[integer("id"), integer("highest_id"), integer("latest_id"), integer("student_item_id")],
    },
    TableSchema { name: "assessment_rubric", columns: &[integer("id"), text("content_hash"), text("structure_hash")] },
    TableSchema {
        name: "assessment_criterion",
        columns: &[integer("id"), integer("rubric_id"), text("name"), text("label"), integer("order_num"), text("prompt")],
    },
    TableSchema {
        name: "assessment_criterionoption",
        columns: &[
            integer("id"),
            integer("criterion_id"),
            integer("order_num"),
            integer("points"),
            text("name"),
            text("label"),
            text("explanation"),
        ],
    },
    TableSchema {
        name: "assessment_assessment",
        columns: &[
            integer("id"),
            text("submission_uuid"),
            integer("rubric_id"),
            timestamp("scored_at"),
            text("scorer_id"),
            text("score_type"),
            text("feedback"),
        ],
    },
    TableSchema {
        name: "assessment_assessmentpart",
        columns: &[integer("id"), integer("assessment_id"), integer("criterion_id"), integer("option_id"), text("feedback")],
    },
    TableSchema { name: "assessment_assessmentfeedback", columns: &[integer("id"), text("submission_uuid"), text("feedback_text")] },
    TableSchema {
        name: "assessment_assessmentfeedback_assessments",
        columns: &[integer("id"), integer("assessmentfeedback_id"), integer("assessment_id")],
    },
    TableSchema {
        name: "assessment_assessmentfeedback_options",
        columns: &[integer("id"), integer("assessmentfeedback_id"), integer("assessmentfeedbackoption_id")],
    },
    TableSchema { name: "assessment_assessmentfeedbackoption", columns: &[integer("id"), text("text")] },
    TableSchema {
        name: "assessment_peerworkflow",
        columns: &[
            integer("id"),
            text("student_id"),
            text("item_id"),
            text("course_id"),
            text("submission_uuid"),
            timestamp("created_at"),
            timestamp("completed_at"),
            timestamp("grading_completed_at"),
        ],
    },
    TableSchema {
        name: "assessment_peerworkflowitem",
        columns: &[
            integer("id"),
            integer("scorer_id"),
            integer("author_id"),
            text("submission_uuid"),
            timestamp("started_at"),
            integer("assessment_id"),
            integer("scored"),
        ],
    },
    TableSchema {
        name: "assessment_studenttrainingworkflow",
        columns: &[integer("id"), text("submission_uuid"), text("student_id"), text("item_id"), text("course_id")],
    },
    TableSchema {
        name: "assessment_studenttrainingworkflowitem",
        columns: &[
            integer("id"),
            integer("workflow_id"),
            integer("order_num"),
            timestamp("started_at"),
            timestamp("completed_at"),
            integer("training_example_id"),
        ],
    },
    TableSchema {
        name: "assessment_trainingexample",
        columns: &[integer("id"), text("raw_answer"), integer("rubric_id"), text("content_hash")],
    },
    TableSchema {
        name: "assessment_trainingexample_options_selected",
        columns: &[integer("id"), integer("trainingexample_id"), integer("criterionoption_id")],
    },
    TableSchema {
        name: "workflow_assessmentworkflow",
        columns: &[
            integer("id"),
            timestamp("created"),
            timestamp("modified"),
            text("status"),
            timestamp("status_changed"),
            text("submission_uuid"),
            text("uuid"),
            text("course_id"),
            text("item_id"),
        ],
    },
    TableSchema {
        name: "workflow_assessmentworkflowstep",
        columns: &[
            integer("id"),
            integer("workflow_id"),
            text("name"),
            timestamp("submitter_completed_at"),
            timestamp("assessment_completed_at"),
            integer("order_num"),
        ],
    },
];
