-- One row per course run in whose newest auth_user edX's service account stands.
select _site as site, _course_run_key as course_run_key, _package_date as package_date, id as user_id
from auth_user
where username = 'course_discovery_worker'
order by site, course_run_key
