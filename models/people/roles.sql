-- One row per user with a role in a course run, from the team of the course and from the forum.
-- Key: site, course_run_key, user_id
-- Materialized: no
--
-- The forum's `Community TA` is also written `Community`. Any role but the forum's `Student` makes a user Staff.
with held as (
    select _site as site, _course_run_key as course_run_key, user_id, 'course' as kind, role as name
    from student_courseaccessrole
    union all
    select _site as site, _course_run_key as course_run_key, user_id, 'forum' as kind, name
    from django_comment_client_role_users
)

select
    site,
    course_run_key,
    user_id,
    case when bool_or(kind = 'course' or coalesce(name, '') <> 'Student') then 'Staff' else 'Student' end as roles,
    max(case when kind = 'course' and name = 'beta_testers' then 1 else 0 end) as "roles_isBetaTester",
    max(case when kind = 'course' and name = 'instructor' then 1 else 0 end) as "roles_isInstructor",
    max(case when kind = 'course' and name = 'staff' then 1 else 0 end) as "roles_isStaff",
    max(case when kind = 'course' and name = 'ccx_coach' then 1 else 0 end) as "roles_isCCX",
    max(case when kind = 'course' and name = 'finance_admin' then 1 else 0 end) as "roles_isFinance",
    max(case when kind = 'course' and name = 'library_user' then 1 else 0 end) as "roles_isLibrary",
    max(case when kind = 'course' and name = 'sales_admin' then 1 else 0 end) as "roles_isSales",
    max(case when kind = 'forum' and name = 'Administrator' then 1 else 0 end) as "forumRoles_isAdmin",
    max(case when kind = 'forum' and name in ('Community TA', 'Community', 'CommunityTA') then 1 else 0 end)
        as "forumRoles_isCommunityTA",
    max(case when kind = 'forum' and name = 'Moderator' then 1 else 0 end) as "forumRoles_isModerator",
    max(case when kind = 'forum' and name = 'Student' then 1 else 0 end) as "forumRoles_isStudent"
from held
where user_id is not null
group by site, course_run_key, user_id
