-- One row per file of which nothing is visible.
select org, site, package_date, log_date, course_run_key, coalesce(table_name, kind) as table_name, file_key, failure_code
from loads
where state = 'failed'
order by coalesce(package_date, log_date) desc, file_key
