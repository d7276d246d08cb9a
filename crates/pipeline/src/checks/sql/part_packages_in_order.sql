-- Part of checks: one row per package of an organisation, with the day of the package before.
select org, package_date, lag(package_date) over (partition by org order by package_date) as previous_date
from (
    select org, package_date
    from loads
    where package_date is not null and kind not in ('email_opt_in', 'program_report')
    group by org, package_date
) as dates
