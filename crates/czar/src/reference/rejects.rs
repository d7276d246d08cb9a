//! The page on reject codes, from their declaration in `czar-formats`.

use std::fmt::Write as _;

use czar_formats::reject::RejectCode;

use super::{WRITTEN, sentence};

pub(super) fn page() -> String {
    let mut text = format!(
        "# Rejects\n\n{WRITTEN}\nA record that cannot be read is set aside: it is counted and its place is kept in the table `rejects`, and the rest of \
         its file is loaded. Its bytes stay in the original file. `czar rejects` counts what was set aside; `czar rejects --code CODE` lists the places.\n\n\
         Of a line of an event file, cut ones above all, the table keeps what whole members before the fault still say of the event: `time`, \
         `event_source`, `event_name` and `course_run_key`. So the events that a course run lost can be counted:\n\n\
         ```sql\nselect course_run_key, code, count(*) as n_events from rejects where course_run_key is not null group by 1, 2 order by 3 desc\n```\n"
    );
    for code in RejectCode::ALL {
        let _ = write!(text, "\n## `{}`\n\n{}\n\nNext step: {}.\n", code.id(), sentence(code.meaning()), code.next_step());
    }
    text
}
