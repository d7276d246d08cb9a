//! Accounts that need attention: retired ones, edX's own, and such that are no longer delivered.

use super::{Check, Gravity, Group, Query, Work};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "learners.retired",
        group: Group::Learners,
        gravity: Gravity::Note,
        rule: "no account was retired",
        meaning: "A learner who asked to be forgotten stays in the tables, and user name and e-mail address begin with `retired__user`. Older \
                  packages still hold what was overwritten. The view `retired_users` has them all.",
        next_step: "`--detail learners.retired` lists them with the last package from before; follow your institution's rule for such requests",
        needs: &["auth_user"],
        work: Work::Sql(Query {
            detail: include_str!("sql/learners_retired.sql"),
            findings: Some(
                "select site, count(*) as n_retired, count(last_package_before) as n_in_older_packages \
                 from detail group by site order by site",
            ),
            message: "{site}: {n_retired|retired account}, {n_in_older_packages} of them not yet retired in older packages",
            ask: None,
        }),
    },
    Check {
        id: "learners.vanished",
        group: Group::Learners,
        gravity: Gravity::Note,
        rule: "every account of an earlier package of a course run is in the newest",
        meaning: "Absence is not deletion: until 2013-08-20 leaving a course run removed the account from its files. `auth_user_history` keeps \
                  all rows.",
        next_step: "nothing, unless there are many: then look at `packages.rows_fell`",
        needs: &["auth_user"],
        work: Work::Sql(Query {
            detail: include_str!("sql/learners_vanished.sql"),
            findings: Some(
                "select site, course_run_key, count(*) as n_accounts, max(newest_package_date) as package_date \
                 from detail group by site, course_run_key order by n_accounts desc, site, course_run_key",
            ),
            message: "{course_run_key} on {site}: {n_accounts|account} no longer in the package of {package_date}",
            ask: None,
        }),
    },
    Check {
        id: "learners.service_account",
        group: Group::Learners,
        gravity: Gravity::Note,
        rule: "no service account stands among the learners",
        meaning: "`course_discovery_worker` of edX is enrolled in every course run. It is no learner, and it is not left out of the tables.",
        next_step: "leave it out where you count people: `username <> 'course_discovery_worker'`",
        needs: &["auth_user"],
        work: Work::Sql(Query {
            detail: include_str!("sql/learners_service_account.sql"),
            findings: Some("select site, count(*) as n_course_runs from detail group by site order by site"),
            message: "{site}: `course_discovery_worker` in {n_course_runs|course run}",
            ask: None,
        }),
    },
];
