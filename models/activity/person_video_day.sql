-- One row per learner, video and UTC day on which the learner started it.
-- Key: site, course_run_key, user_id, video_id, date
--
-- Seconds watched are the length of the union of the day's viewings: each second of the video counts once a day. Lengths are added as
-- whole nanoseconds, so that the sum does not depend on its order.
with plays as (
    select
        site,
        course_run_key,
        user_id,
        video_id,
        date,
        case when discarded_because is null then cast(round(start_offset * 1e9) as bigint) end as start_nsec,
        case when discarded_because is null then cast(round(end_offset * 1e9) as bigint) end as end_nsec
    from video_plays
),

covered as (
    select
        *,
        max(end_nsec) over (
            partition by site, course_run_key, user_id, video_id, date
            order by start_nsec, end_nsec
            rows between unbounded preceding and 1 preceding
        ) as covered_until_nsec
    from plays
)

select
    site,
    course_run_key,
    user_id,
    video_id,
    date,
    count(*) as n_plays,
    count(start_nsec) as n_viewings,
    cast(coalesce(sum(greatest(end_nsec - greatest(start_nsec, coalesce(covered_until_nsec, start_nsec)), 0)), 0) as double) / 1e9
        as watched_sec
from covered
group by site, course_run_key, user_id, video_id, date
