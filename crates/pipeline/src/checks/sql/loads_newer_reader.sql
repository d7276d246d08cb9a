-- One row per table with files that a newer version read.
select table_name, reader_version, count(*) as n_files
from loads
where reader_version > {this_reader}
group by table_name, reader_version
order by table_name, reader_version
