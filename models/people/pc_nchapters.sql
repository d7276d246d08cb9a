-- One row per learner with anything in studentmodule: how many chapters they opened, and whether they opened any part of the course.
-- Key: site, course_run_key, user_id
-- Materialized: no
with blocks as (
    select _site as site, _course_run_key as course_run_key, student_id as user_id, module_type, module_id
    from courseware_studentmodule
    where student_id is not null and module_type in ('chapter', 'sequential', 'vertical')
    group by _site, _course_run_key, student_id, module_type, module_id
)

select
    site,
    course_run_key,
    user_id,
    count(case when module_type = 'chapter' then 1 end) as nchapters,
    count(*) as n_opened
from blocks
group by site, course_run_key, user_id
