"""Questions that are asked of a lake, in SQL that both DataFusion and DuckDB understand: the heavy ones, over events and research tables."""

QUERIES = {
    "events by type": "select event_name, event_source, count(*) as n from tracking_events group by event_name, event_source",
    "learners a day": "select course_run_key, _log_date, count(distinct user_id) as n from tracking_events group by course_run_key, _log_date",
    "learners and sessions of a run":
        "select course_run_key, count(distinct user_id) as n, count(distinct session) as n_sessions from tracking_events group by course_run_key",
    "days of each learner":
        "select course_run_key, user_id, count(distinct _log_date) as n_days, count(*) as n, min(time) as first_at, max(time) as last_at "
        "from tracking_events group by course_run_key, user_id",
    "gaps between events":
        "select course_run_key, avg(gap) as gap from (select course_run_key, extract(epoch from time) - extract(epoch from lag(time) over "
        "(partition by course_run_key, user_id order by time)) as gap from tracking_events where user_id is not null) as gaps "
        "where gap < 300 group by course_run_key",
    "answers to each problem":
        "select course_run_key, problem_id, count(*) as n, count(distinct user_id) as n_learners, avg(grade) as grade, max(attempts) as attempts "
        "from tracking_events where event_name = 'problem_check' group by course_run_key, problem_id",
    "viewers of each video":
        "select course_run_key, video_id, count(distinct user_id) as n, count(*) as n_plays from tracking_events "
        "where event_name = 'play_video' group by course_run_key, video_id",
    "browsers": "select agent, count(*) as n, count(distinct ip) as n_addresses from tracking_events group by agent order by n desc limit 50",
    "most active learners":
        "select * from (select course_run_key, user_id, n, row_number() over (partition by course_run_key order by n desc, user_id) as place "
        "from (select course_run_key, user_id, count(*) as n from tracking_events where user_id is not null group by course_run_key, user_id) "
        "as counted) as placed where place <= 100",
    "activity and grade":
        "select p.course_run_key, p.mode, count(*) as n, avg(p.grade) as grade, avg(d.n_days) as n_days from person_course as p join "
        "(select course_run_key, user_id, count(*) as n_days from person_course_day group by course_run_key, user_id) as d "
        "on d.course_run_key = p.course_run_key and d.user_id = p.user_id group by p.course_run_key, p.mode",
}

# What a data file a day costs: a scan, a grouping, and what pruning leaves of one course run (`{run}`) and of one week.
OF_A_YEAR = {
    "events by name": "select event_name, count(*) as n from tracking_events group by event_name",
    "learners, courses and days":
        "select count(*) as n from (select distinct user_id, course_run_key, cast(time as date) as day from tracking_events) as days",
    "one course": "select event_name, count(*) as n from tracking_events where course_run_key = '{run}' group by event_name",
    "one course, all columns": "select * from tracking_events where course_run_key = '{run}'",
    "one week": "select count(*) as n, count(distinct user_id) as n_learners from tracking_events "
        "where time >= timestamp '2017-03-06T00:00:00Z' and time < timestamp '2017-03-13T00:00:00Z'",
}
