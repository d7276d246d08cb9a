//! Rows that should find their counterpart in another table. A package is a picture of moving tables: a few strays are normal.

use super::{Check, Gravity, Group, Query, Work};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "joins.events_without_account",
        group: Group::Joins,
        gravity: Gravity::Warning,
        rule: "at most 5% of the users in the events of a course run are in no auth_user",
        meaning: "By user id, against `auth_user` and `user_id_map` of every package of the site. Someone who looked around and never enrolled \
                  has events and no account here; up to 5% of the users of a course run is a note.",
        next_step: "look whether `auth_user` of the course run is whole in the newest package",
        needs: &["tracking_events", "auth_user"],
        work: Work::Sql(Query {
            detail: include_str!("sql/joins_events_without_account.sql"),
            findings: Some(
                "select *, share_of_users <= 0.05 as is_explained from (select site, course_run_key, count(*) as n_users, \
                 sum(n_events) as n_events, cast(count(*) as double) / max(n_users_of_run) as share_of_users \
                 from detail group by site, course_run_key) as by_run order by n_users desc, site, course_run_key",
            ),
            message: "{course_run_key} on {site}: {n_users|user} with {n_events|event}, {share_of_users} of its users",
            ask: Some("`auth_user` of course run {course_run_key} on {site}: {share_of_users} of the users in its events are not in it"),
        }),
    },
    Check {
        id: "joins.run_without_accounts",
        group: Group::Joins,
        gravity: Gravity::Note,
        rule: "every course run in the log is in a data package",
        meaning: "Course runs with learners in the log and no `auth_user` in any package. The log also has misspelt course run keys from \
                  addresses that people typed.",
        next_step: "ask edX when it is a course run of yours",
        needs: &["tracking_events", "auth_user"],
        work: Work::Sql(Query {
            detail: include_str!("sql/joins_run_without_accounts.sql"),
            findings: None,
            message: "{course_run_key} on {site}: {n_users|user}, {n_events|event}",
            ask: None,
        }),
    },
    Check {
        id: "joins.events_without_user",
        group: Group::Joins,
        gravity: Gravity::Note,
        rule: "at most a quarter of the events name no user",
        meaning: "Events without a user id; those before November 2013 have a user name only, by which the research tables find the learner. \
                  Visitors who are not logged in have neither.",
        next_step: "nothing; `--detail joins.events_without_user` lists the months",
        needs: &["tracking_events"],
        work: Work::Sql(Query {
            detail: include_str!("sql/joins_events_without_user.sql"),
            findings: Some(
                "select *, cast(n_without_user_id as double) / n_events as share_of_events from (select site, sum(n_events) as n_events, \
                 sum(n_without_user_id) as n_without_user_id, sum(n_with_username_only) as n_with_username_only \
                 from detail group by site) as by_site where n_without_user_id * 4 > n_events order by site",
            ),
            message: "{site}: {n_without_user_id} of {n_events|event} ({share_of_events}); {n_with_username_only} of them have a user name",
            ask: None,
        }),
    },
    Check {
        id: "joins.enrollment_without_account",
        group: Group::Joins,
        gravity: Gravity::Warning,
        rule: "every enrolment has an account in auth_user of the same package",
        meaning: "edX makes `auth_user` of a course run from its enrolments, so both should have the same people. The tables of a package are not \
                  of one instant: a few newcomers may be in one only.",
        next_step: "`--detail joins.enrollment_without_account` lists them; many mean that one of the two files is cut",
        needs: &["student_courseenrollment", "auth_user"],
        work: Work::Sql(Query {
            detail: include_str!("sql/joins_enrollment_without_account.sql"),
            findings: Some(
                "select site, course_run_key, package_date, count(*) as n_enrollments from detail \
                 group by site, course_run_key, package_date order by n_enrollments desc, site, course_run_key",
            ),
            message: "{course_run_key} on {site} in the package of {package_date}: {n_enrollments|enrolment}",
            ask: Some(
                "`auth_user` of course run {course_run_key} on {site} in the package of {package_date}: {n_enrollments|enrolment has|enrolments \
                 have} no account in it; is it whole?",
            ),
        }),
    },
    Check {
        id: "joins.account_without_enrollment",
        group: Group::Joins,
        gravity: Gravity::Note,
        rule: "every account of a course run has an enrolment in the same package",
        meaning: "The other way round; edX's service account is left out.",
        next_step: "nothing, unless there are many: then the file of enrolments may be cut",
        needs: &["student_courseenrollment", "auth_user"],
        work: Work::Sql(Query {
            detail: include_str!("sql/joins_account_without_enrollment.sql"),
            findings: Some(
                "select site, course_run_key, package_date, count(*) as n_accounts from detail \
                 group by site, course_run_key, package_date order by n_accounts desc, site, course_run_key",
            ),
            message: "{course_run_key} on {site} in the package of {package_date}: {n_accounts|account}",
            ask: None,
        }),
    },
    Check {
        id: "joins.forum_author_unknown",
        group: Group::Joins,
        gravity: Gravity::Warning,
        rule: "every forum author has an account",
        meaning: "By author id, against `auth_user` and `user_id_map` of every package of the site. Authors whose id is no number count too.",
        next_step: "`--detail joins.forum_author_unknown` lists the authors; those who left before 2013-08-20 have lost their account rows",
        needs: &["forum_contents", "auth_user"],
        work: Work::Sql(Query {
            detail: include_str!("sql/joins_forum_author_unknown.sql"),
            findings: Some(
                "select site, course_run_key, count(*) as n_authors, sum(n_documents) as n_documents, \
                 cast(sum(n_documents) as double) / max(n_documents_of_run) as share_of_documents \
                 from detail group by site, course_run_key order by n_documents desc, site, course_run_key",
            ),
            message: "{course_run_key} on {site}: {n_authors|author} of {n_documents|document}, {share_of_documents} of its forum",
            ask: None,
        }),
    },
    Check {
        id: "joins.certificate_without_grade",
        group: Group::Joins,
        gravity: Gravity::Warning,
        rule: "every certificate that was decided has a grade",
        meaning: "Certificates `downloadable`, `notpassing`, `generating` or `regenerating`, with a number neither in \
                  `grades_persistentcoursegrade` nor on the certificate.",
        next_step: "`--detail joins.certificate_without_grade` lists them; such a grade is null in `person_course`",
        needs: &["certificates_generatedcertificate"],
        work: Work::Sql(Query {
            detail: include_str!("sql/joins_certificate_without_grade.sql"),
            findings: Some(
                "select site, course_run_key, package_date, count(*) as n_certificates from detail \
                 group by site, course_run_key, package_date order by n_certificates desc, site, course_run_key",
            ),
            message: "{course_run_key} on {site} in the package of {package_date}: {n_certificates|certificate}",
            ask: None,
        }),
    },
    Check {
        id: "joins.certificate_without_enrollment",
        group: Group::Joins,
        gravity: Gravity::Warning,
        rule: "every certificate belongs to an enrolment",
        meaning: "Certificates until 2014 may belong to people who left before 2013-08-20, when leaving deleted the enrolment: these are a note.",
        next_step: "`--detail joins.certificate_without_enrollment` lists them; many of one course run mean that its file of enrolments is cut",
        needs: &["certificates_generatedcertificate", "student_courseenrollment"],
        work: Work::Sql(Query {
            detail: include_str!("sql/joins_certificate_without_enrollment.sql"),
            findings: Some(
                "select site, course_run_key, package_date, count(*) as n_certificates, count(*) - count(reason) as n_unexplained, \
                 count(*) = count(reason) as is_explained from detail \
                 group by site, course_run_key, package_date order by n_unexplained desc, site, course_run_key",
            ),
            message: "{course_run_key} on {site} in the package of {package_date}: {n_certificates|certificate}, {n_unexplained} without a known \
                      reason",
            ask: None,
        }),
    },
    Check {
        id: "joins.state_without_enrollment",
        group: Group::Joins,
        gravity: Gravity::Warning,
        rule: "everybody with state in a course run is enrolled in it",
        meaning: "Learners of `courseware_studentmodule` against the enrolments. The course team looks without enrolling, and who left before \
                  2013-08-20 has no row: these are a note.",
        next_step: "`--detail joins.state_without_enrollment` lists them; many mean that the file of enrolments is cut, for the two are made by different jobs",
        needs: &["courseware_studentmodule", "student_courseenrollment"],
        work: Work::Sql(Query {
            detail: include_str!("sql/joins_state_without_enrollment.sql"),
            findings: Some(
                "select site, course_run_key, count(*) as n_learners, count(*) - count(reason) as n_unexplained, \
                 count(*) = count(reason) as is_explained from detail \
                 group by site, course_run_key order by n_unexplained desc, site, course_run_key",
            ),
            message: "{course_run_key} on {site}: {n_learners|learner}, {n_unexplained} without a known reason",
            ask: None,
        }),
    },
];
