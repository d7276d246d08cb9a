-- One row per course run that the package before had and this one has not.
with files as (
    {files_of_packages}
),

packages as (
    {packages_in_order}
),

runs as (
    select org, site, course_run_key, package_date, count(*) as n_tables
    from files
    where course_run_key <> ''
    group by org, site, course_run_key, package_date
)

select b.org, b.site, b.course_run_key, p.package_date, p.previous_date, b.n_tables as n_tables_before
from packages as p
join runs as b on b.org = p.org and b.package_date = p.previous_date
left join runs as n
    on n.org = b.org and n.package_date = p.package_date and n.site = b.site and n.course_run_key = b.course_run_key
where n.course_run_key is null
order by p.package_date desc, b.site, b.course_run_key
