-- One row per course run with learners in the log and no auth_user in any package.
with runs as (
    select site, course_run_key, count(*) as n_users, sum(n_events) as n_events
    from (
        select _site as site, course_run_key, user_id, count(*) as n_events
        from tracking_events
        where user_id is not null and course_run_key <> ''
        group by _site, course_run_key, user_id
    ) as users
    group by site, course_run_key
),

delivered_runs as (
    select site as run_site, course_run_key as run_key
    from loads
    where table_name = 'auth_user' and state = 'loaded' and course_run_key <> ''
    group by site, course_run_key
)

select r.site, r.course_run_key, r.n_users, r.n_events
from runs as r
left join delivered_runs as d on d.run_site = r.site and d.run_key = r.course_run_key
where d.run_key is null
order by r.n_events desc, r.site, r.course_run_key
