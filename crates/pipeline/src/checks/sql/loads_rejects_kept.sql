-- One row per file whose number of rejects is not the number of places kept for them.
with kept as (
    select source_file, count(*) as n_kept
    from rejects
    group by source_file
)

select
    l.org,
    l.site,
    l.table_name,
    l.package_date,
    l.log_date,
    coalesce(l.file_key, k.source_file) as file_key,
    coalesce(l.n_rejects, 0) as n_rejects,
    coalesce(k.n_kept, 0) as n_kept
from (select * from loads where state = 'loaded') as l
full join kept as k on k.source_file = l.file_key
where coalesce(l.n_rejects, 0) <> coalesce(k.n_kept, 0)
order by file_key
