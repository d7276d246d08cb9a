-- One row per user of a course run who is in any of its tables about people.
-- Key: site, course_run_key, user_id
--
-- People of auth_user, auth_userprofile, student_courseenrollment, certificates_generatedcertificate, user_id_map and the two tables of
-- roles. A user can have a certificate and no account any more, or a role and no enrolment. Text is trimmed and empty text is null. Of
-- several rows of a user in one table, the one of the last id or change counts.
with people as (
    select _site as site, _course_run_key as course_run_key, id as user_id from auth_user
    union
    select _site as site, _course_run_key as course_run_key, user_id from auth_userprofile
    union
    select _site as site, _course_run_key as course_run_key, user_id from student_courseenrollment
    union
    select _site as site, _course_run_key as course_run_key, user_id from certificates_generatedcertificate
    union
    select _site as site, _course_run_key as course_run_key, user_id from user_id_map
    union
    select _site as site, _course_run_key as course_run_key, user_id from student_courseaccessrole
    union
    select _site as site, _course_run_key as course_run_key, user_id from django_comment_client_role_users
),

accounts as (
    select
        *,
        row_number() over (partition by _site, _course_run_key, id order by _source_file desc, _source_line desc) as place
    from auth_user
),

profiles as (
    select
        *,
        row_number() over (
            partition by _site, _course_run_key, user_id order by id desc nulls last, _source_file desc, _source_line desc
        ) as place
    from auth_userprofile
),

enrollments as (
    select
        *,
        row_number() over (
            partition by _site, _course_run_key, user_id order by id desc nulls last, _source_file desc, _source_line desc
        ) as place
    from student_courseenrollment
),

certificates as (
    select
        *,
        row_number() over (
            partition by _site, _course_run_key, user_id
            order by modified_date desc nulls last, id desc nulls last, _source_file desc, _source_line desc
        ) as place
    from certificates_generatedcertificate
),

pseudonyms as (
    select
        *,
        row_number() over (partition by _site, _course_run_key, user_id order by _source_file desc, _source_line desc) as place
    from user_id_map
)

select
    p.site,
    p.course_run_key,
    p.user_id,
    coalesce(nullif(btrim(a.username), ''), nullif(btrim(m.username), '')) as username,
    nullif(btrim(a.email), '') as email,
    a.is_staff,
    a.last_login,
    a.date_joined,
    nullif(btrim(f.name), '') as profile_name,
    nullif(btrim(f.language), '') as profile_language,
    nullif(btrim(f.location), '') as profile_location,
    nullif(btrim(f.meta), '') as profile_meta,
    nullif(btrim(f.courseware), '') as profile_courseware,
    nullif(btrim(f.gender), '') as profile_gender,
    nullif(btrim(f.mailing_address), '') as profile_mailing_address,
    f.year_of_birth as profile_year_of_birth,
    nullif(btrim(f.level_of_education), '') as profile_level_of_education,
    nullif(btrim(f.goals), '') as profile_goals,
    f.allow_certificate as profile_allow_certificate,
    nullif(btrim(f.country), '') as profile_country,
    nullif(btrim(f.city), '') as profile_city,
    e.course_id as enrollment_course_id,
    e.created as enrollment_created,
    e.is_active as enrollment_is_active,
    nullif(btrim(e.mode), '') as enrollment_mode,
    c.id as certificate_id,
    c.user_id as certificate_user_id,
    nullif(btrim(c.download_url), '') as certificate_download_url,
    -- Certificates keep the grade as text, and it can be empty.
    try_cast(c.grade as double) as certificate_grade,
    c.course_id as certificate_course_id,
    nullif(btrim(c.key), '') as certificate_key,
    c.distinction as certificate_distinction,
    nullif(btrim(c.status), '') as certificate_status,
    nullif(btrim(c.verify_uuid), '') as certificate_verify_uuid,
    nullif(btrim(c.download_uuid), '') as certificate_download_uuid,
    nullif(btrim(c.name), '') as certificate_name,
    c.created_date as certificate_created_date,
    c.modified_date as certificate_modified_date,
    nullif(btrim(c.error_reason), '') as certificate_error_reason,
    nullif(btrim(c.mode), '') as certificate_mode,
    nullif(btrim(m.hash_id), '') as id_map_hash_id
from people as p
left join accounts as a
    on a.place = 1 and a._site = p.site and a._course_run_key = p.course_run_key and a.id = p.user_id
left join profiles as f
    on f.place = 1 and f._site = p.site and f._course_run_key = p.course_run_key and f.user_id = p.user_id
left join enrollments as e
    on e.place = 1 and e._site = p.site and e._course_run_key = p.course_run_key and e.user_id = p.user_id
left join certificates as c
    on c.place = 1 and c._site = p.site and c._course_run_key = p.course_run_key and c.user_id = p.user_id
left join pseudonyms as m
    on m.place = 1 and m._site = p.site and m._course_run_key = p.course_run_key and m.user_id = p.user_id
where p.user_id is not null and p.course_run_key <> ''
