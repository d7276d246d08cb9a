-- One row per event that counts: one action of a known learner in a course run is one event.
-- Key: site, _source_file, _source_line
-- Materialized: no
--
-- Left out: events nobody can be named for, calls of block handlers, background tasks, the browser's twin of problem_check, the
-- stop_video that follows a pause_video at the same position (one end of a video, told twice since 2014-06-25), and the second of two
-- equal answers within two seconds before 2013-07-15 (the server told them twice). Only the kinds that need a look at the event before
-- them are sorted; video_events has done it for the stops. A stop_video has no page, problem or thread.
with counted as (
    select
        site,
        course_run_key,
        user_id,
        time,
        event_source,
        event_name,
        page_kind,
        ip,
        problem_id,
        attempts,
        video_id,
        -- The thread an event or a discussion page is about.
        coalesce(
            forum_thread_id,
            case when page_kind = 'discussion' then nullif(regexp_match(event_type, '/threads/([^/?#]+)')[1], 'create') end
        ) as forum_thread_id,
        event_name = 'edx.forum.thread.viewed' or (
            page_kind = 'discussion'
            and regexp_like(event_type, '/discussion/forum/[^/]+/threads/[^/?#]+/?([?#].*)?$')
            and not regexp_like(event_type, '/threads/create/?([?#].*)?$')
        ) as is_thread_read,
        _source_file,
        _source_line
    from identified_events
    where user_id is not null
        and (event_source is distinct from 'task')
        and coalesce(page_kind, '') not in ('xblock_handler', 'modx_handler')
        and ((event_name is distinct from 'problem_check') or (event_source is distinct from 'browser'))
),

early_answers as (
    select
        *,
        cast(time as bigint) - lag(cast(time as bigint)) over (
            partition by site, course_run_key, user_id, problem_id, attempts
            order by time, _source_file, _source_line
        ) as usecs_since_same_answer
    from counted
    where event_name = 'problem_check' and event_source = 'server'
        and time < arrow_cast('2013-07-15T00:00:00Z', 'Timestamp(Microsecond, Some("UTC"))')
        and problem_id is not null and attempts is not null
)

select
    site, course_run_key, user_id, time, event_source, event_name, page_kind, ip, problem_id, video_id,
    forum_thread_id, is_thread_read, _source_file, _source_line
from counted
where ((event_name is distinct from 'stop_video') or video_id is null)
    and (
        (event_name is distinct from 'problem_check')
        or (event_source is distinct from 'server')
        or time >= arrow_cast('2013-07-15T00:00:00Z', 'Timestamp(Microsecond, Some("UTC"))')
        or problem_id is null
        or attempts is null
    )
union all
select
    site, course_run_key, user_id, time, event_source, event_name, null as page_kind, ip, null as problem_id, video_id,
    null as forum_thread_id, false as is_thread_read, _source_file, _source_line
from video_events
where event_name = 'stop_video' and not is_repeated_end
union all
select
    site, course_run_key, user_id, time, event_source, event_name, page_kind, ip, problem_id, video_id,
    forum_thread_id, is_thread_read, _source_file, _source_line
from early_answers
where coalesce(usecs_since_same_answer > 2000000, true)
