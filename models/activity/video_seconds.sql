-- One row per learner, video and UTC day with something watched.
-- Key: site, course_run_key, user_id, video_id, date
-- Materialized: no
select site, course_run_key, user_id, video_id, date, n_viewings, watched_sec
from person_video_day
where n_viewings > 0
