//! The files of blocks: one for each, which names its children.
//!
//! Only what is set on a block itself is written; what it inherits is for the reader to find.

use std::io;

use super::{Archive, escape, problems};
use crate::courses::{Block, CourseRun, MAX_ATTEMPTS};
use crate::mess::ArchiveFaults;
use crate::moment::{DAY, content_text};

/// Adds the file of a block, and the text of one of HTML.
pub(super) fn add(archive: &mut Archive, run: &CourseRun, index: u16, faults: ArchiveFaults) -> io::Result<()> {
    let block = run.block(index);
    let name = if block.category == "course" { &run.run } else { &block.url_name };
    let path = format!("{}/{name}.xml", block.category);
    if faults.malformed == Some(index) {
        return archive
            .add(&path, "<problem display_name=\"Trade & <b>Industry</b>\" max_attempts=\"4\">\n  <p>What is 3 < 4?\n</problem>\n");
    }
    archive.add(&path, &element(run, index))?;
    if block.category == "html" {
        let text = format!("<p>Read this, please: {}.</p>\n<p>Читайте дальше…&nbsp;<br></p>\n", crate::courses::topic(u64::from(index)));
        archive.add(&format!("html/{name}.html"), &text)?;
    }
    Ok(())
}

/// Attributes in the making.
#[derive(Default)]
struct Attributes(String);

impl Attributes {
    fn text(&mut self, name: &str, value: &str) -> &mut Self {
        self.0.push_str(&format!(" {name}=\"{}\"", escape(value)));
        self
    }

    /// A value as Studio writes most that are no text: as JSON.
    fn json(&mut self, name: &str, value: &serde_json::Value) -> &mut Self {
        self.text(name, &value.to_string())
    }
}

fn common(run: &CourseRun, block: &Block) -> Attributes {
    let mut attributes = Attributes::default();
    if let Some(name) = &block.display_name {
        attributes.text("display_name", name);
    }
    if let Some(start) = block.start {
        attributes.json("start", &content_text(start).into());
    }
    if let Some(due) = block.due {
        attributes.json("due", &content_text(due).into());
    }
    if let Some(format) = block.format {
        attributes.text("format", format).text("graded", "true");
    }
    if block.is_staff_only {
        attributes.text("visible_to_staff_only", "true");
    }
    match block.category {
        "course" => {
            attributes.json("end", &content_text(run.end() + 30 * DAY).into()).text("language", "en");
            attributes.json("cert_html_view_enabled", &true.into()).json("course_image", &"images_course_image.jpg".into());
        }
        "html" => {
            attributes.text("filename", &block.url_name);
        }
        "discussion" => {
            attributes.text("discussion_category", "Week").text("discussion_id", &block.external_id);
            attributes.text("discussion_target", block.display_name.as_deref().unwrap_or_default());
        }
        "problem" => {
            attributes.json("markdown", &serde_json::Value::Null).text("max_attempts", &MAX_ATTEMPTS.to_string());
            attributes.text("rerandomize", "never").text("showanswer", "attempted").text("weight", &format!("{}.0", block.n_inputs));
        }
        _ => {}
    }
    attributes
}

fn element(run: &CourseRun, index: u16) -> String {
    let block = run.block(index);
    let Attributes(attributes) = common(run, block);
    let category = block.category;
    match category {
        "video" => video(block, &attributes),
        "problem" => problems::element(run, index, &attributes),
        "html" | "discussion" => format!("<{category}{attributes}/>\n"),
        _ => {
            let child = |&child: &u16| format!("  <{} url_name=\"{}\"/>\n", run.block(child).category, escape(&run.block(child).url_name));
            let mut children: String = block.children.iter().map(child).collect();
            if category == "course" {
                children.push_str(&format!("  <wiki slug=\"{0}.{1}.{2}\"/>\n", escape(&run.org), escape(&run.course), escape(&run.run)));
            }
            format!("<{category}{attributes}>\n{children}</{category}>\n")
        }
    }
}

fn video(block: &Block, attributes: &str) -> String {
    let (name, film) = (&block.url_name, &block.external_id);
    let (seconds, millis) = (block.duration_ms / 1000, block.duration_ms % 1000);
    format!(
        "<video youtube=\"1.00:{film}\"{attributes} download_video=\"true\" html5_sources=\"[&quot;https://video.example.org/{name}.mp4&quot;]\" \
sub=\"\" youtube_id_1_0=\"{film}\">\n  <source src=\"https://video.example.org/{name}.mp4\"/>\n  \
<video_asset client_video_id=\"{name}.mp4\" duration=\"{seconds}.{millis:03}\" image=\"\">\n    \
<encoded_video profile=\"youtube\" url=\"{film}\" file_size=\"0\" bitrate=\"0\"/>\n  </video_asset>\n  \
<transcript language=\"en\" src=\"{name}-en.srt\"/>\n</video>\n"
    )
}
