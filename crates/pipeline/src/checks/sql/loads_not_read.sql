-- One row per file that is no text, of a kind that this version does not read.
select org, site, kind, coalesce(package_date, log_date) as delivery_date, file_key
from loads
where state = 'not_read'
order by kind, delivery_date desc, file_key
