-- One row per video of a course run that learners can see, in the order of the course.
-- Key: site, course_run_key, usage_key
--
-- video_length is the length that edX's own store tells in the course archive; a film that is only on YouTube has none there.
select
    v.site,
    v.course_run_key,
    chapter.index as index_chapter,
    v.index as index_video,
    v.category,
    v.course_run_key as course_id,
    v.usage_key,
    v.name,
    replace(v.url_name, '.', '_') as video_id,
    split_part(v.ytid, ':', 2) as youtube_id,
    chapter.name as chapter_name,
    v.duration as video_length
from course_axis as v
left join course_axis as chapter
    on chapter.site = v.site and chapter.course_run_key = v.course_run_key and chapter.usage_key = v.chapter
where v.category in ('video', 'videoalpha') and not v.visible_to_staff_only
