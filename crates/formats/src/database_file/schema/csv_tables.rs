//! Lists and reports that come as CSV: who wants mail, and what learners of programmes did (docs/concepts/edx-files.md, "CSV files").
//! It refuses names with spaces: a column is named by its words, joined with underscores.

use super::{TableSchema, float, integer, text, timestamp, truth, user_id};

/// The list of who wants to hear from the organisation.
pub const EMAIL_OPT_IN: &str = "email_opt_in";
/// What learners of programmes did in each course run.
pub const PROGRAM_LEARNER_REPORT: &str = "program_learner_report";
/// Which course runs of a programme a learner has bought in advance.
pub const PROGRAM_ENTITLEMENT_REPORT: &str = "program_entitlement_report";
/// The column of [`EMAIL_OPT_IN`] that no file has: whether the learner ever chose.
pub const HAS_CHOSEN: &str = "has_chosen";
/// The `preference_set_datetime` of a learner who never chose: 2014-12-01 00:00:00, in microseconds since 1970 UTC.
pub const NEVER_CHOSEN: i64 = 1_417_392_000_000_000;

pub(super) const TABLES: &[TableSchema] = &[
    TableSchema {
        name: EMAIL_OPT_IN,
        columns: &[
            user_id("user_id"),
            text("username"),
            text("email"),
            text("full_name"),
            text("course_id"),
            truth("is_opted_in_for_email"),
            timestamp("preference_set_datetime"),
            truth(HAS_CHOSEN),
        ],
    },
    TableSchema {
        name: PROGRAM_LEARNER_REPORT,
        columns: &[
            text("authoring_institution"),
            text("program_type"),
            text("program_uuid"),
            text("program_title"),
            user_id("user_id"),
            text("username"),
            text("name"),
            text("user_roles"),
            text("course_run_key"),
            text("course_title"),
            text("track"),
            text("letter_grade"),
            float("grade"),
            truth("currently_enrolled"),
            truth("purchased_as_bundle"),
            truth("completed"),
            truth("completed_program"),
            timestamp("date_completed"),
            timestamp("date_program_certificate_awarded"),
            timestamp("last_activity_date"),
            timestamp("date_first_enrolled"),
            timestamp("date_last_unenrolled"),
            timestamp("date_first_upgraded_to_verified"),
            timestamp("course_run_start_date"),
        ],
    },
    TableSchema {
        name: PROGRAM_ENTITLEMENT_REPORT,
        columns: &[
            text("email"),
            integer("entitlements"),
            timestamp("expiration_date"),
            text("first_name"),
            text("last_name"),
            text("partner_key"),
            text("program_title"),
            text("program_type"),
            timestamp("purchase_date"),
            integer("redeemed_entitlements"),
            integer("unredeemed_entitlements"),
            user_id("user_id"),
            text("username"),
        ],
    },
];
