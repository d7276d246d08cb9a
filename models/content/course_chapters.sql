-- One row per course run with a course structure: how many chapters learners can open and find something in.
-- Key: site, course_run_key
-- Materialized: no
select
    site,
    course_run_key,
    count(case when category = 'chapter' and n_descendants > 0 and not visible_to_staff_only then 1 end) as n_chapters
from course_axis
group by site, course_run_key
