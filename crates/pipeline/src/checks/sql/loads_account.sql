-- One row per file whose records are not the sum of its rows, duplicates, blanks and rejects.
select org, site, table_name, package_date, log_date, file_key, n_records, n_rows, n_duplicates, n_blanks, n_rejects
from loads
where state = 'loaded' and n_records <> n_rows + n_duplicates + n_blanks + n_rejects
order by file_key
