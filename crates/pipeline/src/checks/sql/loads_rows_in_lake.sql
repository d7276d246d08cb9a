-- One row per file and table with another number of rows in the table than its load says, files without a load included.
with counted as (
    select counted_table, counted_file, sum(n_counted) as n_counted
    from (
    {rows_by_file}
    ) as parts
    group by counted_table, counted_file
),

told as (
    select table_name as told_table, file_key as told_file, n_rows as n_told
    from loads
    where state = 'loaded' and table_name is not null
)

select
    coalesce(t.told_table, c.counted_table) as table_name,
    coalesce(t.told_file, c.counted_file) as file_key,
    coalesce(t.n_told, 0) as n_told,
    coalesce(c.n_counted, 0) as n_counted
from told as t
full join counted as c on c.counted_table = t.told_table and c.counted_file = t.told_file
where coalesce(t.n_told, 0) <> coalesce(c.n_counted, 0)
order by table_name, file_key
