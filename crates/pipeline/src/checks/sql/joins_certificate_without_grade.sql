-- One row per certificate of a decided learner without a grade: neither in grades_persistentcoursegrade nor on the certificate.
with grades as (
    select _site as grade_site, _course_run_key as grade_run, user_id as grade_user
    from grades_persistentcoursegrade
    where percent_grade is not null
    group by _site, _course_run_key, user_id
)

select
    c._site as site,
    c._course_run_key as course_run_key,
    c._package_date as package_date,
    c.user_id,
    c.status,
    c.mode,
    c.created_date
from certificates_generatedcertificate as c
left join grades as g on g.grade_site = c._site and g.grade_run = c._course_run_key and g.grade_user = c.user_id
where c.status in ('downloadable', 'notpassing', 'generating', 'regenerating') and g.grade_user is null
    and try_cast(nullif(btrim(c.grade), '') as double) is null
order by site, course_run_key, c.user_id
