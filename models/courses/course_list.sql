-- One row per course run that the institution's own list of courses names or of which edX delivered a file.
-- Key: site, course_run_key
-- Materialized: no
--
-- The list is the file courses.toml. A run that is delivered and not in the list is there with nothing but its key.
with named as (
    select
        site as named_site,
        course_run_key as named_run,
        course_id,
        course_name,
        department,
        start_date,
        end_date,
        attributes
    from registered_courses
    where course_run_key is not null
)

select
    coalesce(named_site, site) as site,
    coalesce(named_run, course_run_key) as course_run_key,
    course_id,
    course_name,
    department,
    start_date,
    end_date,
    attributes,
    named_run is not null as is_registered,
    course_run_key is not null as is_delivered
from named
full outer join run_sources
    on named_site = site and named_run = course_run_key
