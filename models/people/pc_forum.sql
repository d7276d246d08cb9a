-- One row per author of the forum of a course run.
-- Key: site, course_run_key, user_id
-- Materialized: no
select
    _site as site,
    _course_run_key as course_run_key,
    author_id as user_id,
    count(*) as nforum_posts,
    count(case when _type = 'CommentThread' then 1 end) as nforum_threads,
    count(case when _type = 'Comment' then 1 end) as nforum_comments,
    coalesce(sum(votes_count), 0) as nforum_votes,
    count(case when endorsed then 1 end) as nforum_endorsed,
    count(case when pinned then 1 end) as nforum_pinned
from forum_contents
where author_id is not null
group by _site, _course_run_key, author_id
