-- One row per event of enrolment: someone enrolled, left, changed the mode, or took a step of an upgrade.
-- Key: site, course_run_key, user_id, time, event_name, repeat_number
--
-- The learner is the one who is enrolled; actor_user_id is who did it. Events of nobody we can name stay, with a null user_id.
select
    site,
    course_run_key,
    user_id,
    actor_user_id,
    time,
    event_name,
    -- Counts events that are alike in the other key columns, so that each row has a key.
    cast(
        row_number() over (
            partition by site, course_run_key, user_id, time, event_name
            order by enrollment_mode nulls last, actor_user_id nulls last
        ) as bigint
    ) as repeat_number,
    nullif(enrollment_mode, '') as mode,
    event_name = 'edx.course.enrollment.activated' as activated,
    event_name = 'edx.course.enrollment.deactivated' as deactivated,
    event_name = 'edx.course.enrollment.mode_changed' as mode_changed,
    event_name = 'edx.course.enrollment.upgrade.succeeded' as upgraded
from identified_events
where event_name in ('edx.course.enrollment.activated', 'edx.course.enrollment.deactivated', 'edx.course.enrollment.mode_changed')
    or event_name like 'edx.course.enrollment.upgrade.%'
