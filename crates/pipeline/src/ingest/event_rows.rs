//! Lines of a tracking log to rows of `tracking_events`. It drops no duplicate: that takes more than one chunk to see.

use czar_formats::tracking_log::{ColumnValue, Event, FingerprintKey, parse_line, salvage};
use deltalake_core::arrow::error::ArrowError;

use super::chunks::Chunk;
use super::columns::{Columns, Sizes};
use super::record_rows::{Account, Parsed, RecordReader, lines};
use crate::lake::schema::{FINGERPRINT, Kind, event_columns};

/// Reads lines of a tracking log. Columns: `_source_line`, those of the fingerprint, then those of an event.
pub struct EventReader {
    key: FingerprintKey,
    sizes: Sizes,
}

impl EventReader {
    /// A reader for a lake with this key.
    pub fn new(key: FingerprintKey) -> Self {
        Self { key, sizes: Sizes::default() }
    }
}

impl RecordReader for EventReader {
    fn read(&self, chunk: &Chunk) -> Result<Parsed, ArrowError> {
        let [first, second] = FINGERPRINT.map(|name| (name, Kind::Integer));
        let mut columns = Columns::sized([("_source_line", Kind::Integer), first, second].into_iter().chain(event_columns()), &self.sizes);
        let mut account = Account::new(chunk);
        for (offset, line) in lines(&chunk.bytes) {
            let parsed = parse_line(line);
            // An event is large: it stays where it is.
            let outcome = parsed.as_ref().map(Option::as_ref).map_err(Clone::clone);
            if let Some((number, event)) = account.take_line(offset, line, outcome) {
                columns.integer(Some(number));
                let fingerprint = self.key.fingerprint(line);
                columns.integer(Some(fingerprint.first));
                columns.integer(Some(fingerprint.second));
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

/// Pushes the columns of an event in the order of [`event_columns`].
fn push_event(columns: &mut Columns, event: &Event<'_>) {
    event.for_each_column(|_, value, _| match value {
        ColumnValue::Text(text) => columns.text(text),
        ColumnValue::Integer(number) => columns.integer(number),
        ColumnValue::Float(number) => columns.float(number),
        ColumnValue::Moment(micros) => columns.moment(micros),
    });
}
