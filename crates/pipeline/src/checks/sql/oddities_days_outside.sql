-- One row per event file with events of other days than its own. `event_days` is JSON: {"2015-03-01":1200,"2015-03-02":3}.
with files as (
    select
        org,
        site,
        log_date,
        file_key,
        n_rows,
        sum(n_rows) over (partition by org, site) as n_rows_of_site,
        coalesce(
            try_cast(
                split_part(split_part(split_part(event_days, concat('"', cast(log_date as varchar), '":'), 2), ',', 1), '}', 1) as bigint
            ),
            0
        ) as n_inside
    from loads
    where kind = 'tracking_log' and state = 'loaded' and event_days is not null and log_date is not null
)

select
    org,
    site,
    log_date,
    file_key,
    n_rows,
    n_rows - n_inside as n_outside,
    n_rows_of_site
from files
where n_rows > n_inside
order by org, site, log_date
