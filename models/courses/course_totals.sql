-- One row per course run of course_list: what the institution calls it, and how many of its learners did what.
-- Key: site, course_run_key
--
-- Learners are the rows of person_course whose roles are not Staff. A number is null when the run has no learner, or when the files it is
-- counted from were never delivered.
with learners as (
    select
        site as learner_site,
        course_run_key as learner_run,
        count(*) as n_registered,
        sum(cast(is_active as integer)) as n_active,
        sum(case when mode is not null then cast(mode = 'verified' as integer) end) as n_verified,
        sum(cast(viewed as integer)) as n_viewed,
        sum(cast(explored as integer)) as n_explored,
        sum(cast(certified as integer)) as n_certified,
        sum(cast(completed as integer)) as n_completed,
        sum(nevents) as nevents_sum,
        min(start_time) as first_start_time,
        max(last_event) as last_event
    from person_course
    where roles is distinct from 'Staff'
    group by site, course_run_key
)

select
    site,
    course_run_key,
    course_id,
    course_name,
    department,
    start_date,
    end_date,
    n_registered,
    n_active,
    n_verified,
    n_viewed,
    n_explored,
    n_certified,
    n_completed,
    nevents_sum,
    first_start_time,
    last_event
from course_list
left join learners
    on learner_site = site and learner_run = course_run_key
