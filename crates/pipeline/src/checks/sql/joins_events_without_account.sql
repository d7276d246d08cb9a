-- One row per user of a course run's events who is in auth_user and user_id_map of no package of the site.
with users as (
    select
        _site as site,
        course_run_key,
        user_id,
        count(*) as n_events,
        min(time) as first_event,
        max(time) as last_event
    from tracking_events
    where user_id is not null and course_run_key <> ''
    group by _site, course_run_key, user_id
),

counted as (
    select *, count(*) over (partition by site, course_run_key) as n_users_of_run
    from users
),

delivered_runs as (
    select _site as run_site, _course_run_key as run_key
    from auth_user
    group by _site, _course_run_key
),

known as (
    select _site as known_site, id as known_user_id from auth_user_history
    union
    select _site as known_site, user_id as known_user_id from user_id_map_history
)

select u.site, u.course_run_key, u.user_id, u.n_events, u.first_event, u.last_event, u.n_users_of_run
from delivered_runs as r
join counted as u on r.run_site = u.site and r.run_key = u.course_run_key
left join known as k on k.known_site = u.site and k.known_user_id = u.user_id
where k.known_user_id is null
order by u.site, u.course_run_key, u.user_id
