-- One row per learner and course run with at least one event that counts: the sums over all days.
-- Key: site, course_run_key, user_id
-- Materialized: no
with totals as (
    select
        site,
        course_run_key,
        user_id,
        count(*) as ndays_act,
        sum(nevents) as nevents,
        sum(nprogcheck) as nprogcheck,
        sum(nshow_answer) as nshow_answer,
        sum(nvideo) as nvideo,
        sum(nplay_video) as nplay_video,
        sum(npause_video) as npause_video,
        sum(nseek_video) as nseek_video,
        sum(nseq_goto) as nseq_goto,
        sum(nproblem_check) as nproblem_check,
        sum(ntranscript) as ntranscript,
        sum(nforum_events) as nforum_events,
        sum(ncontent) as ncontent,
        cast(sum(cast(round(nvideos_watched_sec * 1e9) as bigint)) as double) / 1e9 as nvideos_watched_sec,
        min(first_event) as first_event,
        max(last_event) as last_event,
        max(max_dt) as max_dt,
        sum(n_dt) as n_dt,
        -- A day's sum is a whole number of microseconds: the decimal is exact, and so is the total.
        sum(cast(sum_dt as decimal(18, 6))) as sum_dt,
        sum(sum_dt_squared) as sum_dt_squared
    from person_course_day
    group by site, course_run_key, user_id
)

select
    site,
    course_run_key,
    user_id,
    ndays_act,
    nevents,
    nprogcheck,
    nshow_answer,
    nvideo,
    nplay_video,
    npause_video,
    nseek_video,
    nseq_goto,
    nproblem_check,
    ntranscript,
    nforum_events,
    ncontent,
    nvideos_watched_sec,
    first_event,
    last_event,
    case when n_dt > 0 then cast(sum_dt as double) / n_dt end as avg_dt,
    case
        when n_dt > 1
            then sqrt(cast(sum_dt_squared * n_dt - sum_dt * sum_dt as double) / (cast(n_dt as double) * (n_dt - 1)))
    end as sdv_dt,
    max_dt,
    n_dt,
    cast(sum_dt as double) as sum_dt
from totals
