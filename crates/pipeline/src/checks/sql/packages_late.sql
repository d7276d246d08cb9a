-- One row per organisation whose newest package is more than a week old. Packages of months ago make an archive.
select org, max(package_date) as package_date, arrow_cast(date '{today}', 'Int32') - arrow_cast(max(package_date), 'Int32') as n_days
from loads
where package_date is not null and kind not in ('email_opt_in', 'program_report')
group by org
having arrow_cast(date '{today}', 'Int32') - arrow_cast(max(package_date), 'Int32') between 9 and 90
order by org
