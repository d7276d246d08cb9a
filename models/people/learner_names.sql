-- One row per user name that stands for exactly one learner, in a course run and (with `*` as course_run_key) in the whole site.
-- Key: site, course_run_key, username_key
-- Materialized: no
--
-- Names are compared in lower case. A name that stands for several learners in its scope is left out: its events stay without a
-- learner instead of going to the wrong one.
with names as (
    select _site as site, _course_run_key as course_run_key, lower(btrim(username)) as username_key, id as user_id
    from auth_user
    union all
    select _site as site, _course_run_key as course_run_key, lower(btrim(username)) as username_key, user_id
    from user_id_map
),

known as (
    select site, course_run_key, username_key, user_id
    from names
    where username_key <> '' and user_id is not null
)

select site, course_run_key, username_key, min(user_id) as user_id
from known
where course_run_key <> ''
group by site, course_run_key, username_key
having min(user_id) = max(user_id)
union all
select site, '*' as course_run_key, username_key, min(user_id) as user_id
from known
group by site, username_key
having min(user_id) = max(user_id)
