-- One row per file of which more than a tenth had been delivered before.
select
    org,
    site,
    table_name,
    package_date,
    log_date,
    file_key,
    n_records,
    n_duplicates,
    cast(n_duplicates as double) / n_records as share_of_duplicates
from loads
where state = 'loaded' and n_duplicates >= 20 and n_duplicates * 10 > n_records
order by n_duplicates desc, file_key
