-- One row per pair of packages more than ten days apart.
with packages as (
    select org, package_date, lag(package_date) over (partition by org order by package_date) as previous_date
    from (
        select org, package_date
        from loads
        where package_date is not null and kind not in ('email_opt_in', 'program_report')
        group by org, package_date
    ) as dates
)

select org, package_date, previous_date, arrow_cast(package_date, 'Int32') - arrow_cast(previous_date, 'Int32') as n_days
from packages
where arrow_cast(package_date, 'Int32') - arrow_cast(previous_date, 'Int32') > 10
order by package_date desc, org
