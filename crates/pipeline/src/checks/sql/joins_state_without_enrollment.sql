-- One row per learner with state in a course run and no enrolment in it.
with students as (
    select _site as site, _course_run_key as course_run_key, student_id as user_id, count(*) as n_blocks, max(modified) as last_modified
    from courseware_studentmodule
    where student_id is not null
    group by _site, _course_run_key, student_id
),

enrolments as (
    select _site as enrolment_site, _course_run_key as enrolment_run, user_id as enrolment_user
    from student_courseenrollment
    group by _site, _course_run_key, user_id
),

delivered as (
    select enrolment_site as run_site, enrolment_run as run_key
    from enrolments
    group by enrolment_site, enrolment_run
),

staff as (
    select _site as staff_site, _course_run_key as staff_run, user_id as staff_user
    from student_courseaccessrole
    group by _site, _course_run_key, user_id
)

select
    s.site,
    s.course_run_key,
    s.user_id,
    s.n_blocks,
    s.last_modified,
    case
        when t.staff_user is not null then 'course_team'
        when s.last_modified < timestamp '2013-08-20T00:00:00Z' then 'left_before_rows_were_kept'
    end as reason
from delivered as d
join students as s on d.run_site = s.site and d.run_key = s.course_run_key
left join enrolments as e
    on e.enrolment_site = s.site and e.enrolment_run = s.course_run_key and e.enrolment_user = s.user_id
left join staff as t on t.staff_site = s.site and t.staff_run = s.course_run_key and t.staff_user = s.user_id
where e.enrolment_user is null
order by s.site, s.course_run_key, s.user_id
