-- One row per account of a course run without an enrolment in it, in the same package.
with enrolments as (
    select _site as enrolment_site, _course_run_key as enrolment_run, _package_date as enrolment_date, user_id as enrolment_user
    from student_courseenrollment
    group by _site, _course_run_key, _package_date, user_id
),

delivered as (
    select enrolment_site as run_site, enrolment_run as run_key, enrolment_date as run_date
    from enrolments
    group by enrolment_site, enrolment_run, enrolment_date
),

accounts as (
    select _site as site, _course_run_key as course_run_key, _package_date as package_date, id as user_id
    from auth_user
    -- The service account stands in every course run.
    where coalesce(username, '') <> 'course_discovery_worker'
    group by _site, _course_run_key, _package_date, id
)

select a.site, a.course_run_key, a.package_date, a.user_id
from delivered as d
join accounts as a on d.run_site = a.site and d.run_key = a.course_run_key and d.run_date = a.package_date
left join enrolments as e
    on e.enrolment_site = a.site and e.enrolment_run = a.course_run_key and e.enrolment_date = a.package_date and e.enrolment_user = a.user_id
where e.enrolment_user is null
order by a.site, a.course_run_key, a.user_id
