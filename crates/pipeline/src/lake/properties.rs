//! How the columns of data files are encoded. It holds the choices that were measured (`docs/decisions/0012`, `0013`), not the writing.

use deltalake_core::arrow::datatypes::{DataType, Field, Schema};
use deltalake_core::parquet::basic::{Compression, Encoding, ZstdLevel};
use deltalake_core::parquet::errors::ParquetError;
use deltalake_core::parquet::file::properties::{EnabledStatistics, WriterProperties};
use deltalake_core::parquet::schema::types::ColumnPath;

use super::schema::FINGERPRINT;

/// Columns whose smallest and largest value are kept per data file, so that a query can skip files.
pub(super) const PRUNING_COLUMNS: [&str; 6] = ["time", "course_run_key", "user_id", "event_name", "_course_run_key", "_source_file"];
/// Numbers that lie close to the one before: they are kept as differences.
const CLOSE_NUMBERS: [&str; 3] = ["time", "received_at", "_source_line"];
/// Columns whose smallest and largest value are kept per page: rows are sorted by them, so that a query reads the pages of its course.
const PAGED_COLUMNS: [&str; 3] = ["course_run_key", "_course_run_key", "time"];
/// Rows of a page, the least that a query reads of a column: one of forty courses has about as many rows in a row group.
const PAGE_ROWS: usize = 2048;
/// A dictionary is read whole for a single page. A column whose dictionary grows beyond this is kept as plain values from there on, which
/// compress as well because rows of one course lie together.
const MOST_DICTIONARY_BYTES: usize = 16 << 10;
/// Bytes of a page before it is compressed. A page is copied some times while it grows; one of this size stays in the processor's cache, and
/// in memory that was used before.
const PAGE_BYTES: usize = 256 << 10;
/// Columns in which hardly a value comes twice: to look each up in a dictionary is work for nothing.
const DISTINCT_VALUES: [&str; 4] = [FINGERPRINT[0], FINGERPRINT[1], "event", "context"];

/// Zstandard level 1: 12.8 to 1 on tracking logs, and the next levels cost more time than they save space.
pub(super) fn writer_properties(schema: &Schema) -> Result<WriterProperties, ParquetError> {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_max_row_group_row_count(Some(super::ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_data_page_size_limit(PAGE_BYTES)
        .set_dictionary_page_size_limit(MOST_DICTIONARY_BYTES)
        .set_statistics_enabled(EnabledStatistics::Chunk);
    // Smallest and largest are found by comparing every value. In rows of a log that is worth it for few columns.
    let is_log = schema.index_of(FINGERPRINT[0]).is_ok();
    for field in schema.fields() {
        let (name, path) = (field.name().as_str(), ColumnPath::from(field.name().as_str()));
        if is_log && !PRUNING_COLUMNS.contains(&name) {
            properties = properties.set_column_statistics_enabled(path.clone(), EnabledStatistics::None);
        }
        if PAGED_COLUMNS.contains(&name) {
            properties = properties.set_column_statistics_enabled(path.clone(), EnabledStatistics::Page);
        }
        if CLOSE_NUMBERS.contains(&name) && is_whole_number(field) {
            properties = properties.set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED);
            properties = properties.set_column_dictionary_enabled(path, false);
        } else if is_log && DISTINCT_VALUES.contains(&name) {
            properties = properties.set_column_dictionary_enabled(path, false);
        }
    }
    Ok(properties.build())
}

fn is_whole_number(field: &Field) -> bool {
    matches!(field.data_type(), DataType::Int64 | DataType::Timestamp(..))
}
