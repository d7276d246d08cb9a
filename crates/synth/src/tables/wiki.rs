//! The course wiki, which belongs to the course number: every run of a course has the same rows.
//!
//! Text has line ends of both kinds and addresses of editors.

use super::{Rows, Snapshot};
use crate::moment::DAY;
use crate::random::hash_text;

pub(super) const ARTICLE: &str = "id current_revision_id created modified owner_id group_id group_read group_write other_read other_write";
pub(super) const REVISION: &str = "id revision_number user_message automatic_log ip_address user_id modified created \
previous_revision_id deleted locked article_id content title";

fn article_id(snapshot: &Snapshot<'_>) -> i64 {
    (hash_text(&snapshot.run.course) % 90_000) as i64 + 1_000
}

pub(super) fn article(snapshot: &Snapshot<'_>, rows: &mut Rows) {
    let id = article_id(snapshot);
    let at = snapshot.world.first_moment() - 20 * DAY;
    rows.int(id).int(id * 10 + 2).moment(at).moment(at + 2 * DAY).null().null().flag(true).flag(true).flag(true).flag(true);
    rows.end();
}

pub(super) fn revision(snapshot: &Snapshot<'_>, rows: &mut Rows) {
    let id = article_id(snapshot);
    let at = snapshot.world.first_moment() - 20 * DAY;
    for number in 1..=2_i64 {
        rows.int(id * 10 + number).int(number).text("").text("").text_or_null((number == 2).then_some("203.0.113.9"));
        rows.int_or_null((number == 2).then_some(2_000)).moment(at + number * DAY).moment(at + number * DAY);
        rows.int_or_null((number == 2).then_some(id * 10 + 1)).flag(false).flag(false).int(id);
        rows.text("This is the wiki for **the course**.\r\n\r\n* add a page\r\n* дополните").text(&snapshot.run.course);
        rows.end();
    }
}
