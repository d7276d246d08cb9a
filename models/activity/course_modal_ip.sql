-- One row per learner and course run: the address most of the learner's events came from.
-- Key: site, course_run_key, user_id
-- Materialized: no
--
-- Of addresses with as many events, the one used last; of those used in the same instant, the smallest as text.
with totals as (
    select site, course_run_key, user_id, ip, sum(ipcount) as ip_count, max(last_time) as last_time
    from pcday_ip_counts
    group by site, course_run_key, user_id, ip
),

ranked as (
    select
        *,
        row_number() over (partition by site, course_run_key, user_id order by ip_count desc, last_time desc, ip) as place,
        count(*) over (partition by site, course_run_key, user_id) as n_different_ip
    from totals
)

select site, course_run_key, user_id, ip as modal_ip, ip_count, n_different_ip
from ranked
where place = 1
