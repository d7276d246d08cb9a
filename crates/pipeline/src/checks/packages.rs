//! Checks of each data package against the one before. Nothing else tells whether a package is whole: edX sends no list of its files.

use super::{Check, Gravity, Group, Query, Work};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "packages.gap",
        group: Group::Packages,
        gravity: Gravity::Warning,
        rule: "packages are at most ten days apart",
        meaning: "Packages come weekly. Each holds everything, so a gap loses history and no rows of today.",
        next_step: "look whether the package was downloaded, then ask edX",
        needs: &[],
        work: Work::Sql(Query {
            detail: include_str!("sql/packages_gap.sql"),
            findings: None,
            message: "{n_days|day} between the packages of {previous_date} and {package_date}",
            ask: Some("data packages of {org} between {previous_date} and {package_date}: none came in {n_days|day}"),
        }),
    },
    Check {
        id: "packages.late",
        group: Group::Packages,
        gravity: Gravity::Warning,
        rule: "data packages have not stopped coming",
        meaning: "Packages come weekly, so the newest is at most eight days old. Asked up to 90 days after it; older lakes are taken for archives.",
        next_step: "look whether the download runs, then ask edX",
        needs: &[],
        work: Work::Sql(Query {
            detail: include_str!("sql/packages_late.sql"),
            findings: None,
            message: "the newest package of {org} is of {package_date}, {n_days|day} ago",
            ask: Some("data packages of {org}: the newest we have is of {package_date}; did a later one fail?"),
        }),
    },
    Check {
        id: "packages.run_vanished",
        group: Group::Packages,
        gravity: Gravity::Warning,
        rule: "no course run of the package before is missing",
        meaning: "edX may leave out course runs that ended more than three years ago, without a word. Their rows stay in the lake: the \
                  newest-package views keep the last package that had them.",
        next_step: "keep the older package; if the course run is not that old, ask edX",
        needs: &[],
        work: Work::Sql(Query {
            detail: include_str!("sql/packages_run_vanished.sql"),
            findings: None,
            message: "{course_run_key} on {site}: {n_tables_before|table} in the package of {previous_date}, none in that of {package_date}",
            ask: Some(
                "course run {course_run_key} on {site}: it is in the package of {previous_date} and no more in that of {package_date}; is that \
                 meant to be?",
            ),
        }),
    },
    Check {
        id: "packages.table_vanished",
        group: Group::Packages,
        gravity: Gravity::Warning,
        rule: "no table of a course run of the package before is missing",
        meaning: "The course run is in both packages, the file of the table only in the older one. Files that came as `.failed` are told by \
                  `loads.not_produced`.",
        next_step: "look whether the package was downloaded whole, then ask edX",
        needs: &[],
        work: Work::Sql(Query {
            detail: include_str!("sql/packages_table_vanished.sql"),
            findings: None,
            message: "`{table_name}` of {course_run_key} on {site}: {n_rows_before|row} in the package of {previous_date}, no file in that of \
                      {package_date}",
            ask: Some("table `{table_name}` of course run {course_run_key} on {site} in the package of {package_date}: there is no file"),
        }),
    },
    Check {
        id: "packages.table_missing",
        group: Group::Packages,
        gravity: Gravity::Warning,
        rule: "no course run lacks a table that most course runs of the package have",
        meaning: "A table without rows comes as a file with its header alone. Only courseware_studentmodule is left out when it is empty, so it \
                  does not count here.",
        next_step: "look whether the package was downloaded whole, then ask edX",
        needs: &[],
        work: Work::Sql(Query {
            detail: include_str!("sql/packages_table_missing.sql"),
            findings: None,
            message: "`{table_name}` of {course_run_key} on {site} in the package of {package_date}; {n_with_table} of {n_course_runs|course run} \
                      have it",
            ask: Some("table `{table_name}` of course run {course_run_key} on {site} in the package of {package_date}: there is no file"),
        }),
    },
    Check {
        id: "packages.rows_fell",
        group: Group::Packages,
        gravity: Gravity::Warning,
        rule: "no table lost a tenth of its rows since the package before, or all",
        meaning: "For each course run and table; told together for each table of a package. Falls of fewer than five rows do not count unless \
                  none is left.",
        next_step: "`--detail packages.rows_fell` lists the course runs; ask edX when nobody there can explain it",
        needs: &[],
        work: Work::Sql(Query {
            detail: include_str!("sql/packages_rows_fell.sql"),
            findings: Some(
                "select org, site, table_name, package_date, count(*) as n_course_runs, \
                 count(case when n_rows = 0 then 1 end) as n_emptied, sum(n_rows_before) as n_rows_before, sum(n_rows) as n_rows \
                 from detail group by org, site, table_name, package_date order by package_date desc, site, table_name",
            ),
            message: "`{table_name}` on {site} in the package of {package_date}: from {n_rows_before} to {n_rows|row} in {n_course_runs|course run}",
            ask: Some(
                "table `{table_name}` on {site} in the package of {package_date}: {n_rows|row} of {n_course_runs|course run} where the package \
                 before had {n_rows_before}; is it whole?",
            ),
        }),
    },
];
