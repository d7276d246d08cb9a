//! Lines of a forum export to rows of `forum_contents`.

use czar_formats::forum::{ForumDocument, parse_document};
use deltalake_core::arrow::error::ArrowError;

use super::chunks::Chunk;
use super::columns::Columns;
use super::record_rows::{Account, Parsed, RecordReader, lines};
use crate::lake::schema::{FORUM_COLUMNS, Kind};

/// Reads lines of a forum export. Columns: `_source_line`, then those of a document.
pub struct ForumReader;

impl RecordReader for ForumReader {
    fn read(&self, chunk: &Chunk) -> Result<Parsed, ArrowError> {
        let mut columns = Columns::new(std::iter::once(("_source_line", Kind::Integer)).chain(FORUM_COLUMNS));
        let mut account = Account::new(chunk);
        for (offset, line) in lines(&chunk.bytes) {
            if let Some((number, document)) = account.take(offset, line, parse_document(line)) {
                columns.integer(Some(number));
                push_document(&mut columns, &document);
                columns.end_row();
            }
        }
        Ok(Parsed { rows: columns.finish()?, n_records: account.n_records, n_blanks: account.n_blanks, rejects: account.rejects })
    }
}

/// Pushes the columns of a document in the order of [`FORUM_COLUMNS`].
fn push_document(columns: &mut Columns, document: &ForumDocument<'_>) {
    columns.text(document.id.as_deref());
    columns.text(document.document_type.as_deref());
    columns.integer(document.author_id);
    columns.text(document.author_username.as_deref());
    columns.text(document.course_id.as_deref());
    columns.moment(document.created_at);
    columns.moment(document.updated_at);
    columns.moment(document.last_activity_at);
    columns.text(document.title.as_deref());
    columns.text(document.body.as_deref());
    columns.text(document.thread_type.as_deref());
    columns.text(document.context.as_deref());
    columns.text(document.commentable_id.as_deref());
    columns.text(document.comment_thread_id.as_deref());
    columns.text(document.parent_id.as_deref());
    columns.text(document.parent_ids.as_deref());
    columns.integer(document.depth);
    columns.integer(document.comment_count);
    columns.integer(document.child_count);
    columns.truth(document.endorsed);
    columns.integer(document.endorsement_user_id);
    columns.moment(document.endorsement_time);
    columns.truth(document.anonymous);
    columns.truth(document.anonymous_to_peers);
    columns.truth(document.pinned);
    columns.truth(document.closed);
    columns.truth(document.visible);
    columns.integer(document.votes_up_count);
    columns.integer(document.votes_down_count);
    columns.integer(document.votes_count);
    columns.integer(document.votes_point);
    columns.text(document.abuse_flaggers.as_deref());
    columns.integer(document.group_id);
    columns.text(document.sk.as_deref());
    columns.text(Some(&document.document));
}
