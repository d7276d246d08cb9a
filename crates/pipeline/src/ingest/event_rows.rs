//! Lines of a tracking log to rows of `tracking_events`. It drops no duplicate: that takes more than one chunk to see.

use czar_formats::tracking_log::{Event, fingerprint, parse_line, salvage};
use deltalake_core::arrow::error::ArrowError;

use super::chunks::Chunk;
use super::columns::{Columns, Sizes};
use super::record_rows::{Account, Parsed, RecordReader, lines};
use crate::lake::schema::{EVENT_COLUMNS, Kind};

/// Reads lines of a tracking log. Columns: `_source_line`, `_fingerprint`, then those of an event.
#[derive(Default)]
pub struct EventReader {
    sizes: Sizes,
}

impl RecordReader for EventReader {
    fn read(&self, chunk: &Chunk) -> Result<Parsed, ArrowError> {
        let own = [("_source_line", Kind::Integer), ("_fingerprint", Kind::Integer)];
        let mut columns = Columns::sized(own.into_iter().chain(EVENT_COLUMNS), &self.sizes);
        let mut account = Account::new(chunk);
        for (offset, line) in lines(&chunk.bytes) {
            let parsed = parse_line(line);
            // An event is large: it stays where it is.
            let outcome = parsed.as_ref().map(Option::as_ref).map_err(Clone::clone);
            if let Some((number, event)) = account.take_line(offset, line, outcome) {
                columns.integer(Some(number));
                columns.integer(Some(fingerprint(line)));
                push_event(&mut columns, event);
                columns.end_row();
            } else if parsed.is_err()
                && let Some(reject) = account.rejects.last_mut()
            {
                reject.salvage = salvage(line).map(Box::new);
            }
        }
        columns.note(&self.sizes);
        Ok(Parsed { rows: columns.finish()?, n_records: account.n_records, n_blanks: account.n_blanks, rejects: account.rejects })
    }
}

/// Pushes the columns of an event in the order of [`EVENT_COLUMNS`].
fn push_event(columns: &mut Columns, event: &Event<'_>) {
    columns.moment(Some(event.time));
    columns.text(event.course_run_key.as_deref());
    columns.integer(event.user_id);
    columns.text(event.event_name.as_deref());
    columns.moment(event.received_at);
    columns.text(event.event_source.as_deref());
    columns.text(event.event_type.as_deref());
    columns.text(event.name.as_deref());
    columns.text(event.page_kind.map(|kind| kind.as_str()));
    columns.text(event.username.as_deref());
    columns.integer(event.actor_user_id);
    columns.text(event.subject_username.as_deref());
    columns.text(event.org.as_deref());
    columns.text(event.ip.as_deref());
    columns.text(event.agent.as_deref());
    columns.text(event.host.as_deref());
    columns.text(event.page.as_deref());
    columns.text(event.referer.as_deref());
    columns.text(event.accept_language.as_deref());
    columns.text(event.session.as_deref());
    columns.text(event.context_path.as_deref());
    columns.text(event.module_usage_key.as_deref());
    columns.text(event.module_display_name.as_deref());
    columns.text(event.event.as_deref());
    columns.text(Some(event.event_status.as_str()));
    columns.text(event.context.as_deref());
    columns.text(event.problem_id.as_deref());
    columns.integer(event.attempts);
    columns.float(event.grade);
    columns.float(event.max_grade);
    columns.text(event.success.as_deref());
    columns.text(event.video_id.as_deref());
    columns.text(event.video_code.as_deref());
    columns.float(event.video_time);
    columns.float(event.video_old_time);
    columns.float(event.video_new_time);
    columns.float(event.video_speed);
    columns.float(event.video_old_speed);
    columns.float(event.video_duration);
    columns.text(event.sequence_id.as_deref());
    columns.integer(event.sequence_old);
    columns.integer(event.sequence_new);
    columns.text(event.enrollment_mode.as_deref());
    columns.text(event.forum_thread_id.as_deref());
    columns.text(event.forum_commentable_id.as_deref());
    columns.text(event.forum_target_username.as_deref());
    columns.text(event.query.as_deref());
    columns.float(event.weighted_earned);
    columns.float(event.weighted_possible);
    columns.float(event.percent_grade);
    columns.text(event.letter_grade.as_deref());
    columns.text(event.usage_key.as_deref());
}
