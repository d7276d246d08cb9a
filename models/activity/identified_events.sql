-- One row per event of a course run, with the learner it is about (null when nobody can be named).
-- Key: site, _source_file, _source_line
-- Materialized: no
--
-- The learner is the user the event names by name (staff acting for a learner), else its user id, else its user name; names are looked
-- up in the run first and then in the site. Most events carry an id: the first half lets them pass without a join, so that only the few
-- others are looked up. Names stand on the left of the joins, because the left side is the one that is held in memory. No two
-- sides of the joins share a column's name: DataFusion 55 looks for the columns of a filter on top of a join by name, and would take
-- the user_id of the wrong side (apache/datafusion issue 25244).
select
    _site as site,
    course_run_key,
    user_id,
    actor_user_id,
    time,
    event_source,
    event_type,
    event_name,
    page_kind,
    ip,
    problem_id,
    attempts,
    video_id,
    video_time,
    video_old_time,
    video_new_time,
    video_duration,
    enrollment_mode,
    forum_thread_id,
    _source_file,
    _source_line
from tracking_events
where course_run_key is not null and subject_username is null and user_id is not null
union all
select
    e._site as site,
    e.course_run_key,
    case
        when e.subject_username is null and e.user_id is not null then e.user_id
        else coalesce(of_run.run_user_id, of_site.site_user_id)
    end as user_id,
    e.actor_user_id,
    e.time,
    e.event_source,
    e.event_type,
    e.event_name,
    e.page_kind,
    e.ip,
    e.problem_id,
    e.attempts,
    e.video_id,
    e.video_time,
    e.video_old_time,
    e.video_new_time,
    e.video_duration,
    e.enrollment_mode,
    e.forum_thread_id,
    e._source_file,
    e._source_line
from
    (
        select site as site_name, username_key as site_username_key, user_id as site_user_id
        from learner_names
        where course_run_key = '*'
    ) as of_site
right join
    (
        (
            select site as run_site, course_run_key as run_key, username_key as run_username_key, user_id as run_user_id
            from learner_names
            where course_run_key <> '*'
        ) as of_run
        right join
            (
                select *, lower(btrim(coalesce(subject_username, username))) as username_key
                from tracking_events
                where course_run_key is not null and (subject_username is not null or user_id is null)
            ) as e
            on of_run.run_site = e._site and of_run.run_key = e.course_run_key and of_run.run_username_key = e.username_key
    )
    on of_site.site_name = e._site and of_site.site_username_key = e.username_key
