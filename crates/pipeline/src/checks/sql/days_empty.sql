-- One row per event file that was read and has no event.
select org, site, log_date, file_key, n_bytes, n_records
from loads
where kind = 'tracking_log' and state = 'loaded' and n_rows = 0
order by log_date desc, file_key
