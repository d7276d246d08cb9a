-- One row per course run, event file, day of the events and reason, of lines that were set aside and still tell their course run.
with files as (
    select file_key, org, site, log_date
    from loads
    where kind = 'tracking_log' and state = 'loaded'
)

select
    f.org,
    f.site,
    r.course_run_key,
    f.log_date,
    cast(r.time as date) as event_date,
    r.code,
    count(*) as n_lines
from rejects as r
join files as f on f.file_key = r.source_file
where r.course_run_key is not null
group by f.org, f.site, r.course_run_key, f.log_date, cast(r.time as date), r.code
order by f.site, r.course_run_key, f.log_date, event_date, r.code
