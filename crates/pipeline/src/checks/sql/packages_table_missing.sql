-- One row per table that more than half of the course runs of a package have and this one has not. A course run without any state has
-- no file of courseware_studentmodule, so that table does not count.
with files as (
    {files_of_packages}
),

runs as (
    select org, site, course_run_key, package_date
    from files
    where course_run_key <> ''
    group by org, site, course_run_key, package_date
),

n_runs as (
    select org, site, package_date, count(*) as n_course_runs
    from runs
    group by org, site, package_date
),

usual as (
    select f.org, f.site, f.package_date, f.table_name, max(r.n_course_runs) as n_course_runs, count(*) as n_with_table
    from files as f
    join n_runs as r on r.org = f.org and r.site = f.site and r.package_date = f.package_date
    where f.course_run_key <> '' and f.table_name <> 'courseware_studentmodule'
    group by f.org, f.site, f.package_date, f.table_name
)

select u.org, u.site, r.course_run_key, u.table_name, u.package_date, u.n_with_table, u.n_course_runs
from usual as u
join runs as r on r.org = u.org and r.site = u.site and r.package_date = u.package_date
left join files as f
    on f.org = u.org and f.site = u.site and f.package_date = u.package_date and f.table_name = u.table_name
    and f.course_run_key = r.course_run_key
where u.n_with_table * 2 > u.n_course_runs and f.table_name is null
order by u.package_date desc, u.site, u.table_name, r.course_run_key
