-- One row per play, pause, seek or stop of a known learner in a video, with what it did: open a viewing, end it, or nothing.
-- Key: site, _source_file, _source_line
--
-- The events of a learner in a video are read in the order of time; events of the same instant as play, pause, seek, stop, and then by
-- position. A play opens a viewing and drops one that is still open. A pause or a stop ends it at its position, a seek at its old
-- position. An end while nothing is open changes nothing: so a viewing is a play with an end right behind it. The play after a seek
-- that ended a viewing starts at the seek's new position, because players tell the position before the seek. A stop right behind a
-- pause at the same position (to the millisecond) is the same end told again. Positions are in seconds of the video, whatever the speed.
with events as (
    select
        site,
        course_run_key,
        user_id,
        video_id,
        time,
        event_name,
        event_source,
        ip,
        case event_name when 'play_video' then 1 when 'pause_video' then 2 when 'seek_video' then 3 else 4 end as step,
        case when event_name = 'seek_video' then video_old_time else video_time end as position,
        case when event_name = 'seek_video' then video_new_time end as new_position,
        _source_file,
        _source_line
    from identified_events
    where event_name in ('play_video', 'pause_video', 'seek_video', 'stop_video')
        and user_id is not null
        and video_id is not null
        and (event_source is distinct from 'task')
),

-- All videos of a learner stand in one partition, one after the other: a partition for each video has the same result and takes three
-- times as long. What stands before and behind is only looked at when it is of the same video.
in_order as (
    select
        *,
        lag(video_id) over of_learner = video_id as is_before_same_video,
        lag(step) over of_learner as step_before,
        lag(position) over of_learner as position_before,
        lead(video_id) over of_learner = video_id as is_behind_same_video,
        lead(step) over of_learner as step_behind,
        lead(time) over of_learner as time_behind,
        lead(position) over of_learner as position_behind
    from events
    window of_learner as (
        partition by site, course_run_key, user_id order by video_id, time, step, position, new_position
    )
),

of_same_video as (
    select
        *,
        case when is_before_same_video then step_before end as previous_step,
        case when is_before_same_video then position_before end as previous_position,
        case when is_behind_same_video then step_behind end as next_step,
        case when is_behind_same_video then time_behind end as next_time,
        case when is_behind_same_video then position_behind end as next_position
    from in_order
),

with_last_end as (
    select
        *,
        -- Where the last event that ended a viewing went: a number after a seek, not a number after any other. An end that comes first
        -- in its video is marked as well, or else a play would see the last end of the video before.
        lag(
            case
                when previous_step = 1 and step = 3 and new_position is not null then new_position
                when step > 1 and coalesce(previous_step, 1) = 1 then cast('NaN' as double)
            end
        ) ignore nulls over of_learner as last_seek_position
    from of_same_video
    window of_learner as (
        partition by site, course_run_key, user_id order by video_id, time, step, position, new_position
    )
)

select
    site,
    course_run_key,
    user_id,
    video_id,
    time,
    event_name,
    event_source,
    ip,
    position,
    new_position,
    coalesce(step = 4 and previous_step = 2 and round(position * 1000) = round(previous_position * 1000), false) as is_repeated_end,
    coalesce(step = 1 and next_step = 1, false) as is_played_again,
    coalesce(step = 1 and next_step = 1 and next_time = time, false) as is_played_again_at_once,
    case
        when step = 1 then coalesce(case when previous_step > 1 and not isnan(last_seek_position) then last_seek_position end, position)
    end as start_offset,
    case when step = 1 and next_step > 1 then next_position end as end_offset,
    case when step = 1 and next_step > 1 then next_time end as end_time,
    case when step = 1 then case next_step when 2 then 'pause_video' when 3 then 'seek_video' when 4 then 'stop_video' end end as ended_by,
    _source_file,
    _source_line
from with_last_end
