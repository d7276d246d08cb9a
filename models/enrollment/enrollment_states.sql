-- One row per learner and course run with an event of enrolment: the state the log leaves the learner in.
-- Key: site, course_run_key, user_id
-- Materialized: no
--
-- A learner starts outside. An activation enrols, a deactivation ends it; repeats change nothing. The mode is that of the last event
-- that had an effect: an activation of somebody outside, or a change of mode of somebody enrolled. Events of one instant are read as
-- activated, deactivated, mode_changed. A log without any activation tells no state: it began too late.
-- A learner is verified from the first event that gives a verified mode, an activation included; it stops when the mode becomes another
-- or the enrolment ends.
with events as (
    select
        site,
        course_run_key,
        user_id,
        time,
        mode,
        activated,
        deactivated,
        mode_changed,
        case
            when deactivated then 0
            when mode in ('verified', 'professional', 'masters', 'executive-education', 'credit') then 1
            when mode is not null then 0
        end as is_verified,
        cast(
            row_number() over (
                partition by site, course_run_key, user_id
                order by
                    time,
                    case when activated then 1 when deactivated then 2 when mode_changed then 3 else 4 end,
                    mode nulls first,
                    repeat_number
            ) as bigint
        ) as step
    from enrollment_events
    where user_id is not null and (activated or deactivated or mode_changed or upgraded)
),

with_state_before as (
    -- Twice the number of the last step that enrolled or ended, and one more if it enrolled: odd is inside.
    select
        *,
        coalesce(
            max(case when activated then 2 * step + 1 when deactivated then 2 * step end) over (
                partition by site, course_run_key, user_id order by step rows between unbounded preceding and 1 preceding
            ) % 2,
            0
        ) = 1 as was_inside
    from events
),

effects as (
    select
        *,
        activated and not was_inside as enrolled,
        deactivated and was_inside as left_run,
        mode is not null and ((activated and not was_inside) or (mode_changed and was_inside)) as set_mode
    from with_state_before
),

verified as (
    select
        site,
        course_run_key,
        user_id,
        time,
        is_verified,
        lag(is_verified) over (partition by site, course_run_key, user_id order by step) as was_verified
    from events
    where is_verified is not null
),

verified_times as (
    select
        site,
        course_run_key,
        user_id,
        min(case when is_verified = 1 then time end) as verified_enroll_time,
        max(case when is_verified = 0 and was_verified = 1 then time end) as verified_unenroll_time
    from verified
    group by site, course_run_key, user_id
),

states as (
    select
        site,
        course_run_key,
        user_id,
        max(case when activated then 2 * step + 1 when deactivated then 2 * step end) % 2 as is_active,
        first_value(mode order by case when set_mode then step end desc nulls last) as last_mode,
        bool_or(set_mode) as has_mode,
        bool_or(activated) as has_activation,
        min(case when enrolled then time end) as first_enrollment_time,
        max(case when left_run then time end) as last_unenrollment_time
    from effects
    group by site, course_run_key, user_id
)

select
    s.site,
    s.course_run_key,
    s.user_id,
    case when s.has_activation then s.is_active end as log_is_active,
    case when s.has_activation and s.has_mode then s.last_mode end as log_mode,
    s.first_enrollment_time,
    s.last_unenrollment_time,
    v.verified_enroll_time,
    v.verified_unenroll_time
from states as s
left join verified_times as v on v.site = s.site and v.course_run_key = s.course_run_key and v.user_id = s.user_id
