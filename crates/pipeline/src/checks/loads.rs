//! Checks of each file that came: loaded whole, accounted for, and its rows in the lake. They read no file.

use super::{Check, Gravity, Group, Query, Work};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "loads.failed",
        group: Group::Loads,
        gravity: Gravity::Error,
        rule: "every file that came could be read",
        meaning: "Files with state `failed` in `loads`. Nothing of them is visible.",
        next_step: "`czar status` tells where they lie; fetch them again, and if they stay as they are ask edX",
        needs: &[],
        work: Work::Sql(Query {
            detail: include_str!("sql/loads_failed.sql"),
            findings: None,
            message: "`{file_key}`: {failure_code}",
            ask: Some("file `{file_key}`: ours cannot be read ({failure_code}); please deliver it again"),
        }),
    },
    Check {
        id: "loads.not_produced",
        group: Group::Loads,
        gravity: Gravity::Warning,
        rule: "edX could produce every file",
        meaning: "Files that end in `.failed` hold the error of edX's own job. The table of that course run and week is missing.",
        next_step: "ask edX; the newest-package views keep the rows of the last package that had the table",
        needs: &[],
        work: Work::Sql(Query {
            detail: include_str!("sql/loads_not_produced.sql"),
            findings: None,
            message: "`{table_name}` of {course_run_key} on {site} in the package of {package_date}",
            ask: Some(
                "table `{table_name}` of course run {course_run_key} on {site} in the package of {package_date}: it came as `.failed`, with the \
                 error of your job",
            ),
        }),
    },
    Check {
        id: "loads.not_read",
        group: Group::Loads,
        gravity: Gravity::Note,
        rule: "every file is text, or of a kind that is read",
        meaning: "Files with state `not_read`: archives, images and the like in a package. Files of unknown kinds that are text are rows of \
                  `other_records`.",
        next_step: "look whether they belong there; a later version may read them, and `czar ingest` then takes them up",
        needs: &[],
        work: Work::Sql(Query {
            detail: include_str!("sql/loads_not_read.sql"),
            findings: Some("select kind, count(*) as n_files from detail group by kind order by kind"),
            message: "{n_files|file} of kind `{kind}`",
            ask: None,
        }),
    },
    Check {
        id: "loads.account",
        group: Group::Loads,
        gravity: Gravity::Error,
        rule: "records = rows + duplicates + blanks + rejects, for each file",
        meaning: "Computed again from the numbers in `loads`.",
        next_step: "load the file again with `czar ingest --again`, and tell us: this must not happen",
        needs: &[],
        work: Work::Sql(Query {
            detail: include_str!("sql/loads_account.sql"),
            findings: None,
            message: "`{file_key}`: {n_records|record} against {n_rows|row}, {n_duplicates|duplicate}, {n_blanks|blank}, {n_rejects|reject}",
            ask: None,
        }),
    },
    Check {
        id: "loads.rows_in_lake",
        group: Group::Loads,
        gravity: Gravity::Error,
        rule: "each table has the rows that its files say they gave",
        meaning: "Rows of each table are counted by `_source_file` and compared with `n_rows` of the load; rows of no load count too.",
        next_step: "load the files again with `czar ingest --again`, and tell us: this must not happen",
        needs: &[],
        work: Work::Sql(Query {
            detail: include_str!("sql/loads_rows_in_lake.sql"),
            findings: None,
            message: "`{table_name}` has {n_counted|row} of `{file_key}`, which gave {n_told}",
            ask: None,
        }),
    },
    Check {
        id: "loads.rejects_kept",
        group: Group::Loads,
        gravity: Gravity::Error,
        rule: "each reject has its place in `rejects`",
        meaning: "Rows of `rejects` are counted by file and compared with `n_rejects` of the load.",
        next_step: "load the files again with `czar ingest --again`, and tell us: this must not happen",
        needs: &[],
        work: Work::Sql(Query {
            detail: include_str!("sql/loads_rejects_kept.sql"),
            findings: None,
            message: "`{file_key}`: {n_rejects|reject}, of which {n_kept} are kept",
            ask: None,
        }),
    },
    Check {
        id: "loads.rejects",
        group: Group::Loads,
        gravity: Gravity::Warning,
        rule: "of no file more than one record in a thousand was set aside",
        meaning: "Rejects against records, for each file; told together for each table.",
        next_step: "`czar rejects` tells the reasons; docs/reference/rejects.md what to do about each",
        needs: &[],
        work: Work::Sql(Query {
            detail: include_str!("sql/loads_rejects.sql"),
            findings: Some(
                "select table_name, count(*) as n_files, sum(n_rejects) as n_rejects, max(share_of_rejects) as share_of_worst, \
                 max(package_date) as package_date, max(log_date) as log_date \
                 from detail group by table_name order by n_rejects desc, table_name",
            ),
            message: "{n_rejects|reject} in {n_files|file} of `{table_name}`, up to {share_of_worst} of a file",
            ask: None,
        }),
    },
    Check {
        id: "loads.new_reject_code",
        group: Group::Loads,
        gravity: Gravity::Warning,
        rule: "the newest files bring no new reason for setting records aside",
        meaning: "A reject code that no older file of the same table has: the format may have changed without notice.",
        next_step: "`czar rejects --code CODE` lists the places; look whether edX changed the format",
        needs: &[],
        work: Work::Sql(Query {
            detail: include_str!("sql/loads_new_reject_code.sql"),
            findings: Some(
                "select table_name, code, max(package_date) as package_date, max(log_date) as log_date, count(*) as n_files, \
                 sum(n_rejects) as n_rejects from detail group by table_name, code order by table_name, code",
            ),
            message: "`{code}` in {n_files|file} of `{table_name}`: {n_rejects|reject}",
            ask: None,
        }),
    },
    Check {
        id: "loads.events_lost",
        group: Group::Loads,
        gravity: Gravity::Note,
        rule: "no event of a course run was lost in a line that cannot be read",
        meaning: "Rejects of event files whose course run can still be told; counted by course run, and in the detail by day of the event.",
        next_step: "`--detail loads.events_lost` lists the days; leave them out where single events count, or ask edX for a whole copy",
        needs: &[],
        work: Work::Sql(Query {
            detail: include_str!("sql/loads_events_lost.sql"),
            findings: Some(
                "select org, site, course_run_key, min(log_date) as first_date, max(log_date) as log_date, \
                 count(distinct log_date) as n_files, sum(n_lines) as n_lines \
                 from detail group by org, site, course_run_key order by n_lines desc, site, course_run_key",
            ),
            message: "{course_run_key} on {site}: {n_lines|line} in {n_files|event file}, {first_date} to {log_date}",
            ask: Some(
                "event files of {org} on {site}, {first_date} to {log_date}: {n_lines|line} of course run {course_run_key} cannot be read; \
                 is there a whole copy?",
            ),
        }),
    },
    Check {
        id: "loads.older_reader",
        group: Group::Loads,
        gravity: Gravity::Note,
        rule: "all files were read by this version of the readers",
        meaning: "`reader_version` of `loads`. Newer readers may find more in the same bytes.",
        next_step: "read them again with `czar ingest --again`",
        needs: &[],
        work: Work::Sql(Query {
            detail: include_str!("sql/loads_older_reader.sql"),
            findings: None,
            message: "{n_files|file} of `{table_name}` by readers of version {reader_version}",
            ask: None,
        }),
    },
    Check {
        id: "loads.newer_reader",
        group: Group::Loads,
        gravity: Gravity::Warning,
        rule: "no file was read by a newer version than this one",
        meaning: "`reader_version` of `loads`. An older program may misread what a newer one wrote.",
        next_step: "use the newest czar on this lake",
        needs: &[],
        work: Work::Sql(Query {
            detail: include_str!("sql/loads_newer_reader.sql"),
            findings: None,
            message: "{n_files|file} of `{table_name}` by readers of version {reader_version}",
            ask: None,
        }),
    },
];
