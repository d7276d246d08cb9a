-- One row per learner and course run: everybody in user_info_combo.
-- Key: site, course_run_key, user_id
--
-- A count is null when the files it comes from were never delivered for the run (for the log: for the site), and 0 when they were and
-- the learner is not in them. The names are those researchers know; those with capitals need double quotes in SQL.
with grades as (
    select
        _site as site,
        _course_run_key as course_run_key,
        user_id,
        percent_grade,
        nullif(btrim(letter_grade), '') as letter_grade,
        row_number() over (
            partition by _site, _course_run_key, user_id
            order by modified desc nulls last, _source_file desc, _source_line desc
        ) as place
    from grades_persistentcoursegrade
    where user_id is not null
),

-- The lowest cutoff of the grading policy is the pass mark.
passing as (
    select _site as passing_site, _course_run_key as passing_run, min(fraction) as passing_grade
    from grade_cutoffs
    group by _site, _course_run_key
),

videos as (
    select site, course_run_key, user_id, count(*) as nvideos_unique_viewed
    from (
        select site, course_run_key, user_id, video_id
        from person_video_day
        group by site, course_run_key, user_id, video_id
    ) as played
    group by site, course_run_key, user_id
),

sites_with_log as (
    select site from person_course_day group by site
    union
    select site from loads where table_name = 'tracking_events' and state = 'loaded'
),

learners as (
    select
        u.*,
        coalesce(g.percent_grade, u.certificate_grade) as grade,
        case
            when g.percent_grade is not null then 'persistent'
            when u.certificate_grade is not null then 'certificate'
        end as grade_source,
        p.passing_grade,
        g.letter_grade,
        coalesce(u.certificate_status = 'downloadable', false) as certified,
        coalesce(s.has_studentmodule, false) as has_studentmodule,
        coalesce(s.has_forum, false) as has_forum,
        coalesce(s.has_roles, false) as has_roles,
        l.site is not null as has_log
    from user_info_combo as u
    left join grades as g
        on g.place = 1 and g.site = u.site and g.course_run_key = u.course_run_key and g.user_id = u.user_id
    left join run_sources as s on s.site = u.site and s.course_run_key = u.course_run_key
    left join sites_with_log as l on l.site = u.site
    left join passing as p on p.passing_site = u.site and p.passing_run = u.course_run_key
)

select
    u.site,
    u.course_run_key,
    u.user_id,
    u.course_run_key as course_id,
    replace(regexp_replace(u.course_run_key, '^(course|ccx)-v1:', ''), '+', '/') as course_run_id_slash,
    u.username,
    true as registered,
    case
        when coalesce(n.n_opened, 0) > 0 or coalesce(t.ncontent, 0) > 0 then true
        when u.has_studentmodule or u.has_log then false
    end as viewed,
    case when u.has_studentmodule and a.n_chapters > 0 then 2 * coalesce(n.nchapters, 0) >= a.n_chapters end as explored,
    u.certified,
    u.certified or coalesce(
        case when u.passing_grade is null then u.letter_grade is not null else u.grade >= u.passing_grade end, false
    ) as completed,
    i.modal_ip as ip,
    u.profile_level_of_education as "LoE",
    u.profile_year_of_birth as "YoB",
    u.profile_gender as gender,
    u.grade,
    u.grade_source,
    u.passing_grade,
    u.letter_grade,
    u.enrollment_created as start_time,
    t.first_event,
    t.last_event,
    case when u.has_log then coalesce(t.nevents, 0) end as nevents,
    case when u.has_log then coalesce(t.ndays_act, 0) end as ndays_act,
    case when u.has_log then coalesce(t.nplay_video, 0) end as nplay_video,
    case when u.has_log then coalesce(t.nvideo, 0) end as nvideo,
    case when u.has_log then coalesce(t.npause_video, 0) end as npause_video,
    case when u.has_log then coalesce(t.nseek_video, 0) end as nseek_video,
    case when u.has_log then coalesce(t.nseq_goto, 0) end as nseq_goto,
    case when u.has_studentmodule then coalesce(n.nchapters, 0) end as nchapters,
    case when u.has_forum then coalesce(f.nforum_posts, 0) end as nforum_posts,
    case when u.has_forum then coalesce(f.nforum_threads, 0) end as nforum_threads,
    case when u.has_forum then coalesce(f.nforum_comments, 0) end as nforum_comments,
    case when u.has_forum then coalesce(f.nforum_votes, 0) end as nforum_votes,
    case when u.has_forum then coalesce(f.nforum_endorsed, 0) end as nforum_endorsed,
    case when u.has_forum then coalesce(f.nforum_pinned, 0) end as nforum_pinned,
    case when u.has_log then coalesce(t.nforum_events, 0) end as nforum_events,
    r.roles,
    case when u.has_log then coalesce(t.nprogcheck, 0) end as nprogcheck,
    case when u.has_log then coalesce(t.nproblem_check, 0) end as nproblem_check,
    case when u.has_log then coalesce(t.nshow_answer, 0) end as nshow_answer,
    case when u.has_log then coalesce(t.ntranscript, 0) end as ntranscript,
    case when u.has_log then coalesce(v.nvideos_unique_viewed, 0) end as nvideos_unique_viewed,
    case when u.has_log then coalesce(t.nvideos_watched_sec, 0) end as nvideos_watched_sec,
    u.enrollment_mode as mode,
    u.enrollment_is_active as is_active,
    e.log_mode,
    e.log_is_active,
    coalesce(e.log_is_active <> u.enrollment_is_active, false) or coalesce(e.log_mode <> u.enrollment_mode, false)
        as enrollment_disagrees,
    u.certificate_status as cert_status,
    u.certificate_created_date as cert_created_date,
    u.certificate_modified_date as cert_modified_date,
    e.verified_enroll_time,
    e.verified_unenroll_time,
    u.profile_country,
    case when strpos(u.email, '@') > 0 then nullif(split_part(u.email, '@', -1), '') end as email_domain,
    t.avg_dt,
    t.sdv_dt,
    t.max_dt,
    case when u.has_log then coalesce(t.n_dt, 0) end as n_dt,
    case when u.has_log then coalesce(t.sum_dt, 0) end as sum_dt,
    case when u.has_roles then coalesce(r."roles_isBetaTester", 0) end as "roles_isBetaTester",
    case when u.has_roles then coalesce(r."roles_isInstructor", 0) end as "roles_isInstructor",
    case when u.has_roles then coalesce(r."roles_isStaff", 0) end as "roles_isStaff",
    case when u.has_roles then coalesce(r."roles_isCCX", 0) end as "roles_isCCX",
    case when u.has_roles then coalesce(r."roles_isFinance", 0) end as "roles_isFinance",
    case when u.has_roles then coalesce(r."roles_isLibrary", 0) end as "roles_isLibrary",
    case when u.has_roles then coalesce(r."roles_isSales", 0) end as "roles_isSales",
    case when u.has_roles then coalesce(r."forumRoles_isAdmin", 0) end as "forumRoles_isAdmin",
    case when u.has_roles then coalesce(r."forumRoles_isCommunityTA", 0) end as "forumRoles_isCommunityTA",
    case when u.has_roles then coalesce(r."forumRoles_isModerator", 0) end as "forumRoles_isModerator",
    case when u.has_roles then coalesce(r."forumRoles_isStudent", 0) end as "forumRoles_isStudent"
from learners as u
left join pc_day_totals as t on t.site = u.site and t.course_run_key = u.course_run_key and t.user_id = u.user_id
left join pc_nchapters as n on n.site = u.site and n.course_run_key = u.course_run_key and n.user_id = u.user_id
left join pc_forum as f on f.site = u.site and f.course_run_key = u.course_run_key and f.user_id = u.user_id
left join roles as r on r.site = u.site and r.course_run_key = u.course_run_key and r.user_id = u.user_id
left join videos as v on v.site = u.site and v.course_run_key = u.course_run_key and v.user_id = u.user_id
left join enrollment_states as e on e.site = u.site and e.course_run_key = u.course_run_key and e.user_id = u.user_id
left join course_modal_ip as i on i.site = u.site and i.course_run_key = u.course_run_key and i.user_id = u.user_id
left join course_chapters as a on a.site = u.site and a.course_run_key = u.course_run_key
