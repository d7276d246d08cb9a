-- One row per wiki article that stands in the files of several course runs.
select site, id, n_course_runs
from (
    select _site as site, id, count(*) as n_course_runs
    from (
        select _site, id, _course_run_key
        from wiki_article
        group by _site, id, _course_run_key
    ) as articles
    group by _site, id
) as counted
where n_course_runs > 1
order by site, id
