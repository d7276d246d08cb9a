-- One row per site and day, beside the median of the same weekday in the eight weeks before.
select org, site, log_date, n_events, n_usual, n_events / n_usual as share_of_usual
from (
    select
        d.org,
        d.site,
        d.log_date,
        d.n_events,
        median(cast(b.n_events as double)) as n_usual,
        count(*) as n_compared
    from
        (
            select org, site, log_date, arrow_cast(log_date, 'Int32') as day_number, sum(n_rows) as n_events
            from loads
            where kind = 'tracking_log' and state = 'loaded' and log_date is not null
            group by org, site, log_date
        ) as d
    join
        (
            select org, site, arrow_cast(log_date, 'Int32') as day_number, sum(n_rows) as n_events
            from loads
            where kind = 'tracking_log' and state = 'loaded' and log_date is not null
            group by org, site, log_date
        ) as b
        on b.site = d.site and b.org = d.org and b.day_number % 7 = d.day_number % 7
    where b.day_number < d.day_number and b.day_number >= d.day_number - 56
    group by d.org, d.site, d.log_date, d.n_events
) as compared
-- Fewer than three weeks, or a handful of sessions a day, make no habit.
where n_compared >= 3 and n_usual >= 250
