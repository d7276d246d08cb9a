//! The enrolment as the log tells it against the table. It repairs neither; `person_course` shows both.

use super::{Check, Gravity, Group, Query, Work};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "enrollment.log_disagrees",
    group: Group::Enrollment,
    gravity: Gravity::Warning,
    rule: "the log and the table tell the same enrolment of each learner",
    meaning: "State and mode from `enrollment_states` against the newest `student_courseenrollment`. Known reasons for a difference: \
              before_events_of_enrolment (enrolled before 2013-12-03, when such events began), before_the_log, after_the_log, \
              day_of_log_missing, left_before_rows_were_kept (until 2013-08-20 leaving deleted the row), event_after_the_package, \
              day_before_the_package (the tables of a package are not of one instant), package_after_the_log. A course run all of whose \
              differences have a reason is a note.",
    next_step: "`--detail enrollment.log_disagrees` lists the differences with their reasons; look for missing days first",
    needs: &["tracking_events", "student_courseenrollment"],
    work: Work::Sql(Query {
        detail: include_str!("sql/enrollment_log_disagrees.sql"),
        findings: Some(
            "select site, course_run_key, package_date, count(*) as n_differences, count(*) - count(reason) as n_unexplained, \
             count(case when difference = 'only_in_table' then 1 end) as n_only_in_table, \
             count(case when difference = 'only_in_log' then 1 end) as n_only_in_log, \
             count(case when difference = 'state' then 1 end) as n_state, \
             count(case when difference = 'mode' then 1 end) as n_mode, count(*) = count(reason) as is_explained \
             from detail group by site, course_run_key, package_date order by n_unexplained desc, site, course_run_key",
        ),
        message: "{course_run_key} on {site}: {n_differences|difference}, {n_unexplained} without a known reason ({n_only_in_table} only in the \
                  table, {n_only_in_log} only in the log, {n_state} of state, {n_mode} of mode)",
        ask: None,
    }),
}];
