-- One row per account that an earlier package of a course run had and the newest has not.
select site, course_run_key, user_id, last_package_date, newest_package_date
from (
    select
        _site as site,
        _course_run_key as course_run_key,
        id as user_id,
        max(_package_date) as last_package_date,
        max(max(_package_date)) over (partition by _site, _course_run_key) as newest_package_date
    from auth_user_history
    where id is not null and _course_run_key <> ''
    group by _site, _course_run_key, id
) as accounts
where last_package_date < newest_package_date
order by site, course_run_key, user_id
