//! What an archive has beside its blocks: pages about the course, its news, a page of its own, files, and one draft.
//!
//! The draft is a unit without problems and videos, so that nothing that counts is a draft.

use std::io;

use super::{Archive, escape};
use crate::courses::CourseRun;
use crate::random::{hash_text, hex};

pub(super) fn add(archive: &mut Archive, run: &CourseRun) -> io::Result<()> {
    let title = escape(&run.display_name);
    archive.add("about/overview.html", &format!("<section class=\"about\">\n  <h2>About {title}</h2>\n</section>\n"))?;
    archive.add("about/short_description.html", &format!("{title}, in short\n"))?;
    archive.add("info/updates.html", "<ol><li><h2>March 5</h2><p>We begin.</p></li></ol>\n")?;
    archive.add(
        "info/updates.items.json",
        "[{\"id\": 1, \"date\": \"March 5\", \"content\": \"<p>We begin.</p>\", \"status\": \"visible\"}]\n",
    )?;
    archive.add("tabs/reading_list.html", "<p>Nothing but this.</p>\n")?;
    archive.add("assets/assets.xml", "<assets/>\n")?;
    archive.add("static/syllabus.txt", "Week by week.\n")?;
    draft(archive, run)
}

fn draft(archive: &mut Archive, run: &CourseRun) -> io::Result<()> {
    let Some(unit) = run.units.last() else { return Ok(()) };
    let parent = escape(&run.block(unit.sequential).usage_key);
    let (vertical, html) = (hex(hash_text(&run.key), 32), hex(hash_text(&run.key) ^ 1, 32));
    let place = unit.n_positions;
    archive.add(
        &format!("drafts/vertical/{vertical}.xml"),
        &format!(
            "<vertical display_name=\"Not ready\" parent_url=\"{parent}\" index_in_children_list=\"{place}\">\n  <html url_name=\"{html}\"/>\n</vertical>\n"
        ),
    )?;
    archive.add(&format!("drafts/html/{html}.xml"), &format!("<html filename=\"{html}\" display_name=\"Notes\"/>\n"))?;
    archive.add(&format!("drafts/html/{html}.html"), "<p>To be written.</p>\n")
}
