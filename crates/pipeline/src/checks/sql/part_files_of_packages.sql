-- Part of checks: one row per table of a course run in a package, with its rows in all files. Files that edX did not name come and go.
select
    org,
    site,
    coalesce(course_run_key, stem) as course_run_key,
    table_name,
    package_date,
    sum(n_rows) as n_rows,
    bool_and(state = 'loaded') as is_loaded
from loads
where package_date is not null and table_name is not null and table_name <> 'other_records'
group by org, site, coalesce(course_run_key, stem), table_name, package_date
