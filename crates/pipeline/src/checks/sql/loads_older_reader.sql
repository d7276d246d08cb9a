-- One row per table with files that an older version read, or could not read.
select coalesce(table_name, kind) as table_name, reader_version, count(*) as n_files
from loads
where state in ('loaded', 'not_read') and reader_version < {this_reader}
group by coalesce(table_name, kind), reader_version
order by 1, 2
