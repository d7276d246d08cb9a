-- One row per learner whose enrolment by the log is not that of the table, with the reason where one is known.
--
-- Only course runs of which a table was delivered are compared, and only learners of whom the log tells a state: one without any
-- activation began too late. The newest table of each course run counts.
with snapshots as (
    select site as run_site, course_run_key as run_key, max(package_date) as package_date
    from loads
    where table_name = 'student_courseenrollment' and state = 'loaded' and course_run_key <> ''
    group by site, course_run_key
),

log_days as (
    select site as log_site, log_date as log_day
    from loads
    where kind = 'tracking_log' and state = 'loaded' and log_date is not null
    group by site, log_date
),

log_spans as (
    select log_site as span_site, min(log_day) as first_log_date, max(log_day) as last_log_date
    from log_days
    group by log_site
),

last_events as (
    select site as event_site, course_run_key as event_run, user_id as event_user, max(time) as last_event_time
    from enrollment_events
    where user_id is not null and (activated or deactivated or mode_changed)
    group by site, course_run_key, user_id
),

by_log as (
    select
        s.site as log_site,
        s.course_run_key as log_run,
        s.user_id as log_user,
        s.log_is_active,
        s.log_mode,
        e.last_event_time,
        true as is_in_log
    from enrollment_states as s
    join last_events as e on e.event_site = s.site and e.event_run = s.course_run_key and e.event_user = s.user_id
),

by_table as (
    select table_site, table_run, table_user, is_active as table_is_active, mode as table_mode, created as table_created
    from (
        select
            _site as table_site,
            _course_run_key as table_run,
            user_id as table_user,
            is_active,
            nullif(btrim(mode), '') as mode,
            created,
            row_number() over (
                partition by _site, _course_run_key, user_id order by id desc nulls last, _source_file desc, _source_line desc
            ) as place
        from student_courseenrollment
        where user_id is not null
    ) as rows_of_table
    where place = 1
),

both_sides as (
    select
        coalesce(t.table_site, l.log_site) as site,
        coalesce(t.table_run, l.log_run) as course_run_key,
        coalesce(t.table_user, l.log_user) as user_id,
        t.table_user is not null as is_in_table,
        coalesce(l.is_in_log, false) as is_in_log,
        l.log_is_active,
        l.log_mode,
        l.last_event_time,
        t.table_is_active,
        t.table_mode,
        t.table_created
    from by_table as t
    full join by_log as l on l.log_site = t.table_site and l.log_run = t.table_run and l.log_user = t.table_user
),

compared as (
    select
        b.*,
        s.package_date,
        p.first_log_date,
        p.last_log_date,
        case
            when not b.is_in_log then 'only_in_table'
            when not b.is_in_table then 'only_in_log'
            when b.log_is_active <> b.table_is_active then 'state'
            else 'mode'
        end as difference
    from both_sides as b
    join snapshots as s on s.run_site = b.site and s.run_key = b.course_run_key
    join log_spans as p on p.span_site = b.site
    where (not b.is_in_log)
        or (not b.is_in_table and b.log_is_active is not null)
        or (b.log_is_active <> b.table_is_active)
        or (b.log_mode <> b.table_mode)
)

select
    c.site,
    c.course_run_key,
    c.user_id,
    c.difference,
    c.log_is_active,
    c.table_is_active,
    c.log_mode,
    c.table_mode,
    c.table_created,
    c.last_event_time,
    c.package_date,
    case
        -- Enrolments before this day left no event.
        when c.difference = 'only_in_table' and c.table_created < timestamp '2013-12-03T00:00:00Z' then 'before_events_of_enrolment'
        when c.difference = 'only_in_table' and cast(c.table_created as date) < c.first_log_date then 'before_the_log'
        when c.difference = 'only_in_table' and cast(c.table_created as date) > c.last_log_date then 'after_the_log'
        when c.difference = 'only_in_table' and d.log_day is null then 'day_of_log_missing'
        -- Leaving deleted the row until then.
        when c.difference = 'only_in_log' and c.log_is_active = 0 and c.last_event_time < timestamp '2013-08-20T00:00:00Z'
            then 'left_before_rows_were_kept'
        when cast(c.last_event_time as date) >= c.package_date then 'event_after_the_package'
        when cast(c.last_event_time as date) >= c.package_date - interval '1' day then 'day_before_the_package'
        when c.difference <> 'only_in_log' and c.package_date > c.last_log_date + interval '1' day then 'package_after_the_log'
    end as reason
from compared as c
left join log_days as d on d.log_site = c.site and d.log_day = cast(c.table_created as date)
order by c.site, c.course_run_key, c.user_id
