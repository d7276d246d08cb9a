-- One row per file of the newest day or package with rejects of a code that no older file of its table has.
with files as (
    select
        file_key,
        table_name,
        package_date,
        log_date,
        coalesce(package_date, log_date) as delivery_date
    from loads
    where state = 'loaded' and table_name is not null
),

ends as (
    select table_name as of_table, min(delivery_date) as first_date, max(delivery_date) as newest_date
    from files
    group by table_name
),

by_file as (
    select source_file, code, count(*) as n_rejects
    from rejects
    group by source_file, code
),

dated as (
    select
        f.table_name,
        f.package_date,
        f.log_date,
        f.file_key,
        b.code,
        b.n_rejects,
        f.delivery_date,
        min(f.delivery_date) over (partition by f.table_name, b.code) as first_seen
    from by_file as b
    join files as f on f.file_key = b.source_file
)

select d.table_name, d.package_date, d.log_date, d.file_key, d.code, d.n_rejects
from dated as d
join ends as e on e.of_table = d.table_name
where d.first_seen = e.newest_date and e.first_date < e.newest_date
order by d.table_name, d.code, d.file_key
