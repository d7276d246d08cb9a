-- One row per pair of packages more than ten days apart.
with packages as (
    {packages_in_order}
)

select org, package_date, previous_date, arrow_cast(package_date, 'Int32') - arrow_cast(previous_date, 'Int32') as n_days
from packages
where arrow_cast(package_date, 'Int32') - arrow_cast(previous_date, 'Int32') > 10
order by package_date desc, org
