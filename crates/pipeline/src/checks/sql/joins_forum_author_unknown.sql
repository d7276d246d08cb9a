-- One row per author of forum documents who is in auth_user and user_id_map of no package of the site.
with authors as (
    select
        _site as site,
        _course_run_key as course_run_key,
        author_id,
        count(*) as n_documents,
        sum(count(*)) over (partition by _site, _course_run_key) as n_documents_of_run
    from forum_contents
    group by _site, _course_run_key, author_id
),

known as (
    select _site as known_site, id as known_user_id from auth_user_history
    union
    select _site as known_site, user_id as known_user_id from user_id_map_history
)

select a.site, a.course_run_key, a.author_id, a.n_documents, a.n_documents_of_run
from authors as a
left join known as k on k.known_site = a.site and k.known_user_id = a.author_id
where k.known_user_id is null
order by a.site, a.course_run_key, a.author_id
