//! What is known to be odd in edX's data, counted where it occurs. Nothing here is a fault of a delivery.

use super::{Check, Gravity, Group, Query, Work};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "oddities.events_of_other_days",
        group: Group::Oddities,
        gravity: Gravity::Note,
        rule: "at most one event in a hundred lies in the file of another day",
        meaning: "A file holds what was received on its day; a phone may send its events days or months later. `time` is when it happened, \
                  `_log_date` the day of the file.",
        next_step: "count by `time`, as the research tables do",
        needs: &["tracking_events"],
        work: Work::Sql(Query {
            detail: include_str!("sql/oddities_days_outside.sql"),
            findings: Some(
                "select * from (select org, site, sum(n_outside) as n_events, count(*) as n_files, \
                 cast(sum(n_outside) as double) / max(n_rows_of_site) as share_of_events from detail group by org, site) as by_site \
                 where share_of_events > 0.01 order by org, site",
            ),
            message: "{site}: {n_events|event} in {n_files|file}, {share_of_events} of all",
            ask: None,
        }),
    },
    Check {
        id: "oddities.many_duplicates",
        group: Group::Oddities,
        gravity: Gravity::Note,
        rule: "of no file more than a tenth had been delivered before",
        meaning: "Duplicates are the same bytes, in the file itself or in another. A day that was delivered twice under different names shows here.",
        next_step: "nothing: each event is in the lake once",
        needs: &[],
        work: Work::Sql(Query {
            detail: include_str!("sql/oddities_duplicates.sql"),
            findings: None,
            message: "`{file_key}`: {n_duplicates|duplicate}, {share_of_duplicates} of its records",
            ask: None,
        }),
    },
    Check {
        id: "oddities.unknown_event_types",
        group: Group::Oddities,
        gravity: Gravity::Note,
        rule: "every type of event is in the catalogue of documented events",
        meaning: "Event names that no documentation we know has. They are kept, and count as events of learners. Requests of pages are not meant.",
        next_step: "`--detail oddities.unknown_event_types` lists the names; look whether a measure should count them",
        needs: &["tracking_events"],
        work: Work::Sql(Query {
            detail: include_str!("sql/oddities_unknown_event_types.sql"),
            findings: Some(
                "select site, count(*) as n_types, sum(n_events) as n_events \
                 from (select site, event_name, sum(n_events) as n_events from detail group by site, event_name) as types \
                 group by site order by site",
            ),
            message: "{site}: {n_types|type}, {n_events|event}",
            ask: None,
        }),
    },
    Check {
        id: "oddities.wiki_shared_by_runs",
        group: Group::Oddities,
        gravity: Gravity::Note,
        rule: "no wiki article stands in the files of several course runs",
        meaning: "edX selects the wiki by course number: every run of a course repeats the same articles, and those of another organisation's \
                  course of that number can be among them.",
        next_step: "count articles once by `id`, not once for each course run",
        needs: &["wiki_article"],
        work: Work::Sql(Query {
            detail: include_str!("sql/oddities_wiki_shared.sql"),
            findings: Some("select site, count(*) as n_articles from detail group by site order by site"),
            message: "{site}: {n_articles|article}",
            ask: None,
        }),
    },
    Check {
        id: "oddities.peer_items_missing",
        group: Group::Oddities,
        gravity: Gravity::Note,
        rule: "assessment_peerworkflowitem has a row for each peer assessment",
        meaning: "edX selects this table by the wrong ids, so rows are missing or of others.",
        next_step: "take who assessed whom from `assessment_assessment` (`scorer_id`, `submission_uuid`)",
        needs: &["assessment_assessment"],
        work: Work::Sql(Query {
            detail: include_str!("sql/oddities_peer_items.sql"),
            findings: Some(
                "select site, count(*) as n_course_runs, sum(n_peer_assessments) as n_peer_assessments, sum(n_items) as n_items \
                 from detail group by site order by site",
            ),
            message: "{site}: {n_items|item} for {n_peer_assessments|peer assessment} in {n_course_runs|course run}",
            ask: None,
        }),
    },
];
