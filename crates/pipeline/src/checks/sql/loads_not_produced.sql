-- One row per file in whose place edX sent the error of its own job.
select org, site, package_date, coalesce(course_run_key, stem) as course_run_key, coalesce(table_name, kind) as table_name, file_key
from loads
where state = 'not_produced'
order by package_date desc, file_key
