-- One row per enrolment of a learner who is not in auth_user of the same course run and package.
with accounts as (
    select _site as account_site, _course_run_key as account_run, _package_date as account_date, id as account_id
    from auth_user
    group by _site, _course_run_key, _package_date, id
),

delivered as (
    select account_site as run_site, account_run as run_key, account_date as run_date
    from accounts
    group by account_site, account_run, account_date
)

select
    e._site as site,
    e._course_run_key as course_run_key,
    e._package_date as package_date,
    e.user_id,
    e.is_active,
    e.mode,
    e.created
from delivered as d
join student_courseenrollment as e
    on d.run_site = e._site and d.run_key = e._course_run_key and d.run_date = e._package_date
left join accounts as a
    on a.account_site = e._site and a.account_run = e._course_run_key and a.account_date = e._package_date and a.account_id = e.user_id
where a.account_id is null
order by site, course_run_key, e.user_id
