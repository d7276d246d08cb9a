-- One row per certificate of somebody without an enrolment in the course run. Leaving a course run deleted the row of the enrolment until
-- 2013-08-20, and certificates of these people are known until 2014.
with enrolments as (
    select _site as enrolment_site, _course_run_key as enrolment_run, user_id as enrolment_user
    from student_courseenrollment
    group by _site, _course_run_key, user_id
),

delivered as (
    select enrolment_site as run_site, enrolment_run as run_key
    from enrolments
    group by enrolment_site, enrolment_run
)

select
    c._site as site,
    c._course_run_key as course_run_key,
    c._package_date as package_date,
    c.user_id,
    c.status,
    c.created_date,
    case when c.created_date < timestamp '2015-01-01T00:00:00Z' then 'left_before_rows_were_kept' end as reason
from delivered as d
join certificates_generatedcertificate as c on d.run_site = c._site and d.run_key = c._course_run_key
left join enrolments as e
    on e.enrolment_site = c._site and e.enrolment_run = c._course_run_key and e.enrolment_user = c.user_id
where e.enrolment_user is null
order by site, course_run_key, c.user_id
