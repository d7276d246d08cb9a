-- One row per site whose newest event file is some days old. Files of months ago make an archive, of which nobody expects news.
select org, site, max(log_date) as log_date, arrow_cast(date '{today}', 'Int32') - arrow_cast(max(log_date), 'Int32') as n_days
from loads
where kind = 'tracking_log' and log_date is not null
group by org, site
having arrow_cast(date '{today}', 'Int32') - arrow_cast(max(log_date), 'Int32') between 4 and 90
order by org, site
