-- One row per learner, course run, UTC day and address the learner's events came from.
-- Key: site, course_run_key, user_id, date, ip
select
    site,
    course_run_key,
    user_id,
    cast(time as date) as date,
    ip,
    count(*) as ipcount,
    max(time) as last_time
from learner_events
where ip <> ''
group by site, course_run_key, user_id, cast(time as date), ip
