-- One row per stretch of a video that a learner watched without a break.
-- Key: site, course_run_key, user_id, video_id, start_time
-- Materialized: no
select
    site,
    course_run_key,
    user_id,
    video_id,
    start_time,
    date,
    end_time,
    start_offset,
    end_offset,
    ended_by,
    duration
from video_plays
where discarded_because is null
