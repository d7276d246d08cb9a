-- One row per table of a course run with at least a tenth fewer rows than in the package before, or none any more.
with files as (
    {files_of_packages}
),

packages as (
    {packages_in_order}
)

select
    n.org,
    n.site,
    n.course_run_key,
    n.table_name,
    n.package_date,
    p.previous_date,
    b.n_rows as n_rows_before,
    n.n_rows
from packages as p
join files as n on n.org = p.org and n.package_date = p.package_date
join files as b
    on b.org = p.org and b.package_date = p.previous_date and b.site = n.site and b.course_run_key = n.course_run_key
    and b.table_name = n.table_name
where b.is_loaded and n.is_loaded and b.n_rows > 0
    and (n.n_rows = 0 or (b.n_rows - n.n_rows >= 5 and (b.n_rows - n.n_rows) * 10 > b.n_rows))
order by n.package_date desc, n.site, n.table_name, n.course_run_key
