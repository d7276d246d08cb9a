-- One row per learner, course run and UTC day with at least one event that counts.
-- Key: site, course_run_key, user_id, date
--
-- A gap is the time between an event and the learner's event before it in the run, over the whole history; gaps longer than five minutes
-- are left out, and a gap belongs to the day of its later event. n_dt, sum_dt, sum_dt_squared and max_dt add up over days, so that
-- person_course needs no second look at the events. Sums are taken in exact decimals: their order must not change a digit.
-- Things counted once a day (threads, videos, problems) are grouped first and counted afterwards: count(distinct) over as many groups
-- is slow.
with gaps as (
    select
        *,
        cast(time as bigint) - lag(cast(time as bigint)) over (partition by site, course_run_key, user_id order by time) as gap_usec
    from learner_events
),

events as (
    select
        *,
        cast(time as date) as date,
        case when gap_usec between 0 and 300000000 then cast(cast(gap_usec as double) / 1e6 as decimal(9, 6)) end as dt,
        -- The thing of the event that is counted once a day; an event has at most one.
        case
            when forum_thread_id is not null then 'thread'
            when event_name = 'play_video' and video_id is not null then 'video'
            when event_name = 'problem_check' and event_source = 'server' and problem_id is not null then 'problem'
        end as thing_kind,
        coalesce(
            forum_thread_id,
            case event_name when 'play_video' then video_id when 'problem_check' then problem_id end
        ) as thing
    from gaps
),

by_thing as (
    select
        site,
        course_run_key,
        user_id,
        date,
        thing_kind,
        thing,
        count(*) as nevents,
        count(case when page_kind = 'progress' then 1 end) as nprogcheck,
        count(case when event_name = 'showanswer' then 1 end) as nshow_answer,
        count(
            case
                when event_name in (
                    'load_video', 'play_video', 'pause_video', 'stop_video', 'seek_video', 'speed_change_video', 'complete_video',
                    'show_transcript', 'hide_transcript', 'video_show_cc_menu', 'video_hide_cc_menu',
                    'edx.video.closed_captions.shown', 'edx.video.closed_captions.hidden'
                ) then 1
            end
        ) as nvideo,
        count(case when event_name = 'play_video' then 1 end) as nplay_video,
        count(case when event_name = 'pause_video' then 1 end) as npause_video,
        count(case when event_name = 'seek_video' then 1 end) as nseek_video,
        count(case when event_name = 'edx.ui.lms.sequence.tab_selected' then 1 end) as nseq_goto,
        count(case when event_name = 'problem_check' and event_source = 'server' then 1 end) as nproblem_check,
        count(case when event_name = 'show_transcript' then 1 end) as ntranscript,
        count(case when page_kind = 'discussion' then 1 end) as nforum_events,
        count(case when is_thread_read then 1 end) as nforum_reads,
        count(
            case
                when event_name in ('edx.forum.thread.created', 'edx.forum.response.created', 'edx.forum.comment.created') then 1
            end
        ) as nforum_posts,
        -- What shows that the learner saw the course itself: pages of the courseware, moves in a sequence, problems; videos are above.
        count(
            case
                when page_kind = 'courseware'
                    or event_name like 'edx.ui.lms.sequence.%'
                    or event_name like 'problem\_%'
                    or event_name like 'edx.problem.%'
                    or event_name in (
                        'showanswer', 'reset_problem', 'reset_problem_fail', 'save_problem_success', 'save_problem_fail'
                    ) then 1
            end
        ) as nother_content,
        min(time) as first_event,
        max(time) as last_event,
        count(dt) as n_dt,
        sum(dt) as sum_dt,
        sum(dt * dt) as sum_dt_squared,
        max(dt) as max_dt
    from events
    group by site, course_run_key, user_id, date, thing_kind, thing
),

by_day as (
    select
        site,
        course_run_key,
        user_id,
        date,
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
        sum(nforum_reads) as nforum_reads,
        sum(nforum_posts) as nforum_posts,
        count(case when thing_kind = 'thread' then 1 end) as nforum_threads,
        count(case when thing_kind = 'video' then 1 end) as nvideos_viewed,
        count(case when thing_kind = 'problem' then 1 end) as nproblems_attempted,
        sum(nvideo) + sum(nother_content) as ncontent,
        min(first_event) as first_event,
        max(last_event) as last_event,
        sum(n_dt) as n_dt,
        coalesce(sum(sum_dt), 0) as sum_dt,
        coalesce(sum(sum_dt_squared), 0) as sum_dt_squared,
        max(max_dt) as max_dt
    from by_thing
    group by site, course_run_key, user_id, date
),

watched as (
    select
        site,
        course_run_key,
        user_id,
        date,
        cast(sum(cast(round(watched_sec * 1e9) as bigint)) as double) / 1e9 as nvideos_watched_sec
    from person_video_day
    group by site, course_run_key, user_id, date
)

select
    d.site,
    d.course_run_key,
    d.user_id,
    d.date,
    d.nevents,
    d.nprogcheck,
    d.nshow_answer,
    d.nvideo,
    d.nplay_video,
    d.npause_video,
    d.nseek_video,
    d.nseq_goto,
    d.nproblem_check,
    d.ntranscript,
    d.nforum_events,
    d.nforum_reads,
    d.nforum_posts,
    d.nforum_threads,
    d.nvideos_viewed,
    coalesce(w.nvideos_watched_sec, 0) as nvideos_watched_sec,
    d.nproblems_attempted,
    d.ncontent,
    d.first_event,
    d.last_event,
    case when d.n_dt > 0 then cast(d.sum_dt as double) / d.n_dt end as avg_dt,
    case
        when d.n_dt > 1
            then sqrt(
                cast(d.sum_dt_squared * d.n_dt - d.sum_dt * d.sum_dt as double) / (cast(d.n_dt as double) * (d.n_dt - 1))
            )
    end as sdv_dt,
    cast(d.max_dt as double) as max_dt,
    d.n_dt,
    cast(d.sum_dt as double) as sum_dt,
    cast(d.sum_dt_squared as decimal(38, 12)) as sum_dt_squared
from watched as w
right join by_day as d
    on w.site = d.site and w.course_run_key = d.course_run_key and w.user_id = d.user_id and w.date = d.date
