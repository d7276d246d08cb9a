//! The course content archive: OLX as Studio exports it, in a compressed tar file.
//!
//! The same tree as the course structure, plus policies, video lengths and problem texts.

use std::io::Write;

use flate2::{Compression, GzBuilder};

use crate::courses::{Block, CourseRun};
use crate::moment::content_text;

/// The archive of a run.
pub(crate) fn archive(run: &CourseRun) -> std::io::Result<Vec<u8>> {
    let encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::new(6));
    let mut tar = tar::Builder::new(encoder);
    let mut add = |name: String, text: String| -> std::io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(1_500_000_000);
        header.set_cksum();
        tar.append_data(&mut header, format!("course/{name}"), text.as_bytes())
    };
    add(
        "course.xml".to_owned(),
        format!("<course url_name=\"{}\" org=\"{}\" course=\"{}\"/>\n", escape(&run.run), escape(&run.org), escape(&run.course)),
    )?;
    for index in 0..run.blocks.len() as u16 {
        let block = run.block(index);
        let name = if index == 0 { &run.run } else { &block.url_name };
        add(format!("{}/{name}.xml", block.category), element(run, block))?;
        if block.category == "html" {
            add(format!("html/{name}.html"), "<p>Read this, please.</p>\n<p>Читайте дальше…</p>\n".to_owned())?;
        }
    }
    add(format!("policies/{}/policy.json", run.run), policy(run))?;
    add(format!("policies/{}/grading_policy.json", run.run), grading_policy())?;
    add("about/overview.html".to_owned(), "<h2>About</h2>\n".to_owned())?;
    // One member that is not well-formed, as real exports have.
    add("drafts/problem/broken.xml".to_owned(), "<problem display_name=\"a < b\">\n".to_owned())?;
    tar.into_inner()?.finish().and_then(|mut bytes| {
        bytes.flush()?;
        Ok(bytes)
    })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn element(run: &CourseRun, block: &Block) -> String {
    let mut attributes = String::new();
    let mut attribute = |name: &str, value: &str| attributes.push_str(&format!(" {name}=\"{}\"", escape(value)));
    if let Some(name) = &block.display_name {
        attribute("display_name", name);
    }
    if let Some(start) = block.start {
        attribute("start", &format!("\"{}\"", content_text(start)));
    }
    if let Some(due) = block.due {
        attribute("due", &format!("\"{}\"", content_text(due)));
    }
    if let Some(format) = block.format {
        attribute("format", format);
        attribute("graded", "true");
    }
    if block.is_staff_only {
        attribute("visible_to_staff_only", "true");
    }
    let name = block.category;
    match name {
        "video" => format!(
            "<video url_name=\"{0}\" youtube=\"1.00:{1}\" youtube_id_1_0=\"{1}\"{attributes}>\n  <video_asset client_video_id=\"{0}.mp4\" duration=\"{2}.{3:03}\"/>\n</video>\n",
            block.url_name,
            block.external_id,
            block.duration_ms / 1000,
            block.duration_ms % 1000
        ),
        "problem" => problem(block, &attributes),
        "html" => format!("<html filename=\"{}\"{attributes}/>\n", block.url_name),
        "discussion" => format!("<discussion discussion_id=\"{}\" discussion_category=\"Week\"{attributes}/>\n", block.external_id),
        _ => {
            let children: String = block
                .children
                .iter()
                .map(|&c| format!("  <{} url_name=\"{}\"/>\n", run.block(c).category, escape(&run.block(c).url_name)))
                .collect();
            format!("<{name}{attributes}>\n{children}</{name}>\n")
        }
    }
}

fn problem(block: &Block, attributes: &str) -> String {
    let parts = [
        "  <multiplechoiceresponse>\n    <choicegroup><choice correct=\"false\">No</choice><choice correct=\"true\">Yes</choice></choicegroup>\n  </multiplechoiceresponse>\n",
        "  <numericalresponse answer=\"3.14\"><formulaequationinput/></numericalresponse>\n",
        "  <stringresponse answer=\"photosynthesis\"><textline/></stringresponse>\n",
    ];
    let body: String = (0..usize::from(block.n_inputs)).map(|n| parts[n % 3]).collect();
    format!("<problem max_attempts=\"4\" weight=\"{}.0\"{attributes}>\n{body}</problem>\n", block.n_inputs)
}

fn policy(run: &CourseRun) -> String {
    format!(
        "{{\"course/{}\": {{\"display_name\": {}, \"start\": \"{}\"}}}}\n",
        run.run,
        serde_json::Value::from(run.display_name.as_str()),
        content_text(run.start())
    )
}

fn grading_policy() -> String {
    let grader = |name: &str, short: &str, n: u8, dropped: u8, weight: &str| {
        format!(
            "{{\"type\": \"{name}\", \"short_label\": \"{short}\", \"min_count\": {n}, \"drop_count\": {dropped}, \"weight\": {weight}}}"
        )
    };
    format!(
        "{{\"GRADER\": [{}, {}], \"GRADE_CUTOFFS\": {{\"Pass\": 0.6}}}}\n",
        grader("Homework", "HW", 6, 0, "0.8"),
        grader("Final Exam", "", 1, 0, "0.2")
    )
}
