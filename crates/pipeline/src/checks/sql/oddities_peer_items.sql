-- One row per course run with peer assessments for which assessment_peerworkflowitem has too few rows.
with assessments as (
    select _site as site, _course_run_key as course_run_key, count(*) as n_peer_assessments
    from assessment_assessment
    where score_type = 'PE'
    group by _site, _course_run_key
),

items as (
    select _site as item_site, _course_run_key as item_run, count(assessment_id) as n_items
    from assessment_peerworkflowitem
    group by _site, _course_run_key
)

select a.site, a.course_run_key, a.n_peer_assessments, coalesce(i.n_items, 0) as n_items
from assessments as a
left join items as i on i.item_site = a.site and i.item_run = a.course_run_key
where coalesce(i.n_items, 0) < a.n_peer_assessments
order by a.site, a.course_run_key
