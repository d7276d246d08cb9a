//! Checks of the days of the tracking log. A hole can be the czar's own: an expired key, a download that stopped.

use super::{Check, Gravity, Group, Query, Work};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "days.missing",
        group: Group::Days,
        gravity: Gravity::Warning,
        rule: "no day is missing between the first and the last",
        meaning: "For each site. A day without any event has a file all the same, unless edX's job or the encryption failed.",
        next_step: "look whether the files were downloaded and whether the key had expired then; ask edX for the rest",
        needs: &["tracking_events"],
        work: Work::Sql(Query {
            detail: include_str!("sql/days_missing.sql"),
            findings: None,
            message: "{missing_files}: {n_days|day}",
            ask: Some("{missing_files}: {n_days|day is|days are} missing"),
        }),
    },
    Check {
        id: "days.late",
        group: Group::Days,
        gravity: Gravity::Warning,
        rule: "event files have not stopped coming",
        meaning: "Files come the day after, so the newest is at most three days old. Asked up to 90 days after the newest file; older lakes are taken \
                  for archives.",
        next_step: "look whether the download runs, then ask edX",
        needs: &["tracking_events"],
        work: Work::Sql(Query {
            detail: include_str!("sql/days_late.sql"),
            findings: None,
            message: "{site}: the newest event file is of {log_date}, {n_days|day} ago",
            ask: Some("event files of {org} on {site}: the newest we have is of {log_date}; did later ones fail?"),
        }),
    },
    Check {
        id: "days.empty",
        group: Group::Days,
        gravity: Gravity::Warning,
        rule: "every event file has an event",
        meaning: "Files that were read and gave no row: empty ones, and such whose events all stand in other files.",
        next_step: "ask edX whether the day was empty",
        needs: &["tracking_events"],
        work: Work::Sql(Query {
            detail: include_str!("sql/days_empty.sql"),
            findings: None,
            message: "`{file_key}`: {n_records|record}, no event",
            ask: Some("event file `{file_key}`: it has no event; was there none?"),
        }),
    },
    Check {
        id: "days.few_events",
        group: Group::Days,
        gravity: Gravity::Warning,
        rule: "no day has less than 30% of the events that are usual on its weekday",
        meaning: "Usual is the median of the same weekday in the eight weeks before, when there are three at least and it is 250 events \
                  or more. `--detail` lists every day that could be compared.",
        next_step: "look whether a course run had just ended; if not, ask edX whether the file is whole",
        needs: &["tracking_events"],
        work: Work::Sql(Query {
            detail: include_str!("sql/days_compared.sql"),
            findings: Some("select * from detail where share_of_usual < 0.3 order by log_date desc, org, site"),
            message: "{site} {log_date}: {n_events|event}, {share_of_usual} of the usual {n_usual}",
            ask: Some("event file `{org}-{site}-events-{log_date}`: {n_events|event} where about {n_usual} are usual; is it whole?"),
        }),
    },
    Check {
        id: "days.many_events",
        group: Group::Days,
        gravity: Gravity::Note,
        rule: "no day has more than three times the events that are usual on its weekday",
        meaning: "Compared as in `days.few_events`. A course run that begins is the usual reason; a file with events of many days another.",
        next_step: "look whether a course run had just begun",
        needs: &["tracking_events"],
        work: Work::Sql(Query {
            detail: include_str!("sql/days_compared.sql"),
            findings: Some("select * from detail where share_of_usual > 3 order by log_date desc, org, site"),
            message: "{site} {log_date}: {n_events|event}, {share_of_usual} of the usual {n_usual}",
            ask: None,
        }),
    },
];
