-- One row per course run anything was delivered for: which kinds of files it has, so that "none" can be told from "not known".
-- Key: site, course_run_key
-- Materialized: no
with delivered as (
    select _site as site, _course_run_key as course_run_key, 'courseware_studentmodule' as table_name
    from courseware_studentmodule
    group by _site, _course_run_key
    union all
    select _site as site, _course_run_key as course_run_key, 'forum_contents' as table_name
    from forum_contents
    group by _site, _course_run_key
    union all
    select _site as site, _course_run_key as course_run_key, 'student_courseaccessrole' as table_name
    from student_courseaccessrole
    group by _site, _course_run_key
    union all
    select _site as site, _course_run_key as course_run_key, 'django_comment_client_role_users' as table_name
    from django_comment_client_role_users
    group by _site, _course_run_key
    union all
    -- A file without rows was delivered all the same.
    select site, course_run_key, table_name
    from loads
    where state = 'loaded'
    union all
    -- edX leaves this one file out when nobody opened anything; a package that has the enrolments and no trace of it says so.
    select site, course_run_key, 'courseware_studentmodule' as table_name
    from (
        select site, course_run_key, batch, stem
        from loads
        where state = 'loaded' and table_name = 'student_courseenrollment'
    ) as enrolments
    left join (
        select site as state_site, batch as state_batch, stem as state_stem
        from loads
        where table_name = 'courseware_studentmodule'
    ) as states
        on state_site = site and state_batch = batch and state_stem = stem
    where state_site is null
)

select
    site,
    course_run_key,
    bool_or(table_name = 'courseware_studentmodule') as has_studentmodule,
    bool_or(table_name = 'forum_contents') as has_forum,
    bool_or(table_name in ('student_courseaccessrole', 'django_comment_client_role_users')) as has_roles
from delivered
where course_run_key <> ''
group by site, course_run_key
