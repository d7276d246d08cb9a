-- One row per table of a course run that the package before had and this one has not, though it has the course run.
with files as (
    {files_of_packages}
),

packages as (
    {packages_in_order}
),

runs as (
    select org, site, course_run_key, package_date
    from files
    group by org, site, course_run_key, package_date
)

select
    b.org,
    b.site,
    b.course_run_key,
    b.table_name,
    p.package_date,
    p.previous_date,
    b.n_rows as n_rows_before
from packages as p
join files as b on b.org = p.org and b.package_date = p.previous_date
join runs as r
    on r.org = p.org and r.package_date = p.package_date and r.site = b.site and r.course_run_key = b.course_run_key
left join files as n
    on n.org = b.org and n.package_date = p.package_date and n.site = b.site and n.course_run_key = b.course_run_key
    and n.table_name = b.table_name
where n.table_name is null
order by p.package_date desc, b.site, b.table_name, b.course_run_key
