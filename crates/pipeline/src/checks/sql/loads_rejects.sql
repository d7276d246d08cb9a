-- One row per file of which more than one record in a thousand was set aside.
select
    org,
    site,
    coalesce(table_name, kind) as table_name,
    package_date,
    log_date,
    file_key,
    n_records,
    n_rejects,
    cast(n_rejects as double) / n_records as share_of_rejects
from loads
where state = 'loaded' and n_records > 0 and n_rejects * 1000 > n_records
order by n_rejects desc, file_key
