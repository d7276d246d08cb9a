//! The course structure file: one JSON object, one member for each block.
//!
//! Only what is set on a block itself is written; start, due date and format are inherited by the reader.

use crate::courses::{CourseRun, KeyStyle, MAX_ATTEMPTS};
use crate::json::JsonText;
use crate::moment::{DAY, content_text};

/// The file of a run, on one line.
pub(crate) fn course_structure(run: &CourseRun) -> Vec<u8> {
    let mut json = JsonText::new(run.style == KeyStyle::Slash);
    let j = &mut json;
    j.open();
    // The order of the members means nothing; the exporter's is arbitrary, so the root comes late here.
    for index in (0..run.blocks.len() as u16).rev() {
        let block = run.block(index);
        j.key(&block.usage_key).open();
        j.key("category").text(block.category);
        j.key("children").open_list();
        for &child in &block.children {
            j.text(&run.block(child).usage_key);
        }
        j.close_list().key("metadata").open();
        metadata(j, run, index);
        j.close().close();
    }
    j.close();
    json.bytes().to_vec()
}

fn metadata(j: &mut JsonText, run: &CourseRun, index: u16) {
    let block = run.block(index);
    if let Some(name) = &block.display_name {
        j.key("display_name").text(name);
    }
    if let Some(start) = block.start {
        j.key("start").text(&content_text(start));
    }
    if let Some(due) = block.due {
        j.key("due").text(&content_text(due));
    }
    if block.is_graded {
        j.key("graded").bool(true);
    }
    if let Some(format) = block.format {
        j.key("format").text(format);
    }
    if block.is_staff_only {
        j.key("visible_to_staff_only").bool(true);
    }
    match block.category {
        "course" => {
            j.key("end").text(&content_text(run.end() + 30 * DAY));
            j.key("enrollment_start").null().key("advertised_start").null();
            j.key("showanswer").text("attempted").key("days_early_for_beta").int(3);
            j.key("discussion_topics").open().key("General").open().key("id").text("course").close().close();
            j.key("tabs").open_list();
            j.open().key("type").text("courseware").key("name").text("Course").key("course_staff_only").bool(false).close();
            j.close_list();
            j.key("lti_passports").open_list().text("tool:key:not-a-real-secret").close_list();
        }
        "video" => {
            j.key("youtube_id_1_0").text(&block.external_id).key("html5_sources").open_list();
            j.text(&format!("https://video.example.org/{}.mp4", block.url_name)).close_list();
            j.key("sub").text("").key("download_video").bool(true);
        }
        "problem" => {
            j.key("max_attempts").int(i64::from(MAX_ATTEMPTS)).key("weight").millis(i64::from(block.n_inputs) * 1000);
            j.key("markdown").null().key("rerandomize").text("never").key("showanswer").text("attempted");
        }
        "discussion" => {
            j.key("discussion_id").text(&block.external_id).key("discussion_category").text("Week");
            j.key("discussion_target").text(block.display_name.as_deref().unwrap_or_default());
        }
        _ => {}
    }
}
