-- One row per block of a course run, in the order a learner meets them; blocks nothing leads to are left out.
-- Key: site, course_run_key, usage_key
--
-- The order is that of the course structure; a run without one is taken from its course archive. What only the archive knows of a problem
-- or video is null in a run without one.
--
-- start, due, gformat, graded and visible_to_staff_only are the block's own or, failing that, the nearest enclosing block's.
-- module_id is the short form older tables join on: O/C/R/problem/x for block-v1:O+C+R+type@problem+block@x, and O/C/problem/x for
-- i4x://O/C/problem/x, which each run of a course shares.
with structured as (
    select _site as structured_site, _course_run_key as structured_run
    from course_structure_blocks
    group by _site, _course_run_key
),

problems as (
    select
        _site as problem_site,
        _course_run_key as problem_run,
        usage_key as problem_key,
        max(itype) as itype,
        max(n_inputs) as num_items,
        bool_or(has_solution) as has_solution,
        max(weight) as problem_weight
    from course_problems
    where usage_key is not null and not is_draft and not is_orphan
    group by _site, _course_run_key, usage_key
),

videos as (
    select
        _site as video_site,
        _course_run_key as video_run,
        usage_key as video_key,
        max(youtube_id) as youtube_id,
        max(duration_secs) as duration
    from course_videos
    where usage_key is not null and not is_draft and not is_orphan
    group by _site, _course_run_key, usage_key
),

placed as (
    select
        _site as site,
        _course_run_key as course_run_key,
        usage_key, category, url_name, display_name, parent_usage_key, is_root, sort_index, depth, n_children,
        inherited_start, inherited_due, inherited_graded, inherited_format, inherited_visible_to_staff_only,
        chapter_usage_key, sequential_usage_key, vertical_usage_key, weight,
        regexp_match(metadata, '"youtube_id_1_0": ?"([^"]+)"')[1] as structure_youtube_id
    from course_structure_blocks
    where sort_index is not null
    union all
    select
        c._site as site,
        c._course_run_key as course_run_key,
        c.usage_key, c.category, c.url_name, c.display_name, c.parent_usage_key, c.is_root, c.sort_index, c.depth, c.n_children,
        c.inherited_start, c.inherited_due, c.inherited_graded, c.inherited_format, c.inherited_visible_to_staff_only,
        c.chapter_usage_key, c.sequential_usage_key, c.vertical_usage_key,
        cast(null as double) as weight,
        cast(null as varchar) as structure_youtube_id
    from course_content_blocks as c
    left anti join structured as s on s.structured_site = c._site and s.structured_run = c._course_run_key
    where c.sort_index is not null and c.usage_key is not null
),

blocks as (
    select
        *,
        case
            when usage_key like 'i4x://%' then substr(usage_key, 7)
            else concat(replace(regexp_replace(course_run_key, '^(course|ccx)-v1:', ''), '+', '/'), '/', category, '/', url_name)
        end as module_id
    from placed
),

descendants as (
    select site, course_run_key, chapter_usage_key, count(*) as n_descendants
    from blocks
    where chapter_usage_key is not null and usage_key <> chapter_usage_key
    group by site, course_run_key, chapter_usage_key
)

select
    b.site,
    b.course_run_key,
    b.sort_index as index,
    b.usage_key,
    b.category,
    b.url_name,
    b.display_name,
    coalesce(nullif(b.display_name, ''), b.url_name) as name,
    b.inherited_format as gformat,
    b.inherited_start as start,
    b.inherited_due as due,
    coalesce(b.inherited_graded, false) as graded,
    coalesce(b.inherited_visible_to_staff_only, false) as visible_to_staff_only,
    b.module_id,
    -- The way down from the course: chapter, sequential, vertical and the block itself; blocks between vertical and block are not named.
    case
        when b.is_root then '/'
        else concat(
            case when chapter.usage_key <> b.usage_key then concat('/', chapter.url_name) else '' end,
            case when sequential.usage_key <> b.usage_key then concat('/', sequential.url_name) else '' end,
            case when vertical.usage_key <> b.usage_key then concat('/', vertical.url_name) else '' end,
            '/', b.url_name
        )
    end as path,
    b.depth,
    b.chapter_usage_key as chapter,
    chapter.module_id as chapter_mid,
    b.sequential_usage_key as sequential,
    b.vertical_usage_key as vertical,
    parent.url_name as parent,
    b.parent_usage_key,
    b.category = 'split_test' or coalesce(parent.category, '') = 'split_test' as is_split,
    case
        when b.category = 'split_test' then b.url_name
        when parent.category = 'split_test' then parent.url_name
    end as split_url_name,
    coalesce(b.weight, p.problem_weight) as weight,
    '1.0:' || coalesce(v.youtube_id, b.structure_youtube_id) as ytid,
    p.itype,
    p.num_items,
    p.has_solution,
    v.duration,
    b.n_children,
    case when b.category = 'chapter' then coalesce(d.n_descendants, 0) end as n_descendants
from blocks as b
left join blocks as parent
    on parent.site = b.site and parent.course_run_key = b.course_run_key and parent.usage_key = b.parent_usage_key
left join blocks as chapter
    on chapter.site = b.site and chapter.course_run_key = b.course_run_key and chapter.usage_key = b.chapter_usage_key
left join blocks as sequential
    on sequential.site = b.site and sequential.course_run_key = b.course_run_key and sequential.usage_key = b.sequential_usage_key
left join blocks as vertical
    on vertical.site = b.site and vertical.course_run_key = b.course_run_key and vertical.usage_key = b.vertical_usage_key
left join problems as p on p.problem_site = b.site and p.problem_run = b.course_run_key and p.problem_key = b.usage_key
left join videos as v on v.video_site = b.site and v.video_run = b.course_run_key and v.video_key = b.usage_key
left join descendants as d
    on d.site = b.site and d.course_run_key = b.course_run_key and d.chapter_usage_key = b.usage_key
