-- One row per play of a learner in a video, with the viewing it opens, or why that is no viewing.
-- Key: site, course_run_key, user_id, video_id, start_time
-- Materialized: no
--
-- Plays of the same instant are one play. A viewing is discarded when it cannot be: a position is missing or out of range, the end is
-- before the start, behind the end of the video, or less than a quarter of a second away. The small table stands on the left of the
-- join, because the left side is the one that is held in memory.
with durations as (
    -- A video is as long as the longest duration any of its events tells.
    select _site as video_site, course_run_key as video_run_key, video_id as known_video_id, max(video_duration) as duration
    from tracking_events
    where video_id is not null and video_duration > 0
    group by _site, course_run_key, video_id
)

select
    p.site,
    p.course_run_key,
    p.user_id,
    p.video_id,
    p.time as start_time,
    cast(p.time as date) as date,
    p.end_time,
    p.start_offset,
    p.end_offset,
    p.ended_by,
    d.duration,
    case
        when p.is_played_again then 'played_again'
        when p.ended_by is null then 'never_ended'
        when p.start_offset is null or p.end_offset is null then 'no_position'
        when p.start_offset < 0 or p.end_offset < 0 or p.start_offset > 36000 or p.end_offset > 36000 then 'position_out_of_range'
        when p.end_offset < p.start_offset then 'ends_before_start'
        when p.end_offset > d.duration + 1 then 'ends_after_video'
        -- Compared in whole nanoseconds: 10.35 - 10.1 is a quarter of a second for a reader, and a little less for a processor.
        when cast(round(p.end_offset * 1e9) as bigint) - cast(round(p.start_offset * 1e9) as bigint) < 250000000 then 'too_short'
    end as discarded_because
from durations as d
right join video_events as p
    on d.video_site = p.site and d.video_run_key = p.course_run_key and d.known_video_id = p.video_id
where p.event_name = 'play_video' and not p.is_played_again_at_once
