-- One row per span of days without an event file, between the first and the last file of the site.
with days as (
    select org, site, log_date
    from loads
    where kind = 'tracking_log' and log_date is not null
    group by org, site, log_date
),

with_next as (
    select org, site, log_date, lead(log_date) over (partition by org, site order by log_date) as next_date
    from days
)

select
    org,
    site,
    first_date,
    last_date,
    n_days,
    -- In the words of a request to edX.
    case
        when n_days = 1 then concat('event file `', org, '-', site, '-events-', cast(first_date as varchar), '`')
        else
            concat(
                'event files `', org, '-', site, '-events-', cast(first_date as varchar), '` to `', cast(last_date as varchar), '`'
            )
    end as missing_files
from (
    select
        org,
        site,
        log_date + interval '1' day as first_date,
        next_date - interval '1' day as last_date,
        arrow_cast(next_date, 'Int32') - arrow_cast(log_date, 'Int32') - 1 as n_days
    from with_next
    where arrow_cast(next_date, 'Int32') - arrow_cast(log_date, 'Int32') > 1
) as spans
order by first_date desc, org, site
