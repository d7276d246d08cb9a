//! A course structure to rows of `course_structure_blocks`. The file is one JSON document, so it is read whole; its size is capped.

use czar_formats::course_structure::{Block, CourseStructure};
use deltalake_core::arrow::error::ArrowError;

use super::columns::Columns;
use super::record_rows::{Parsed, RejectedRecord};
use crate::lake::schema::{BLOCK_COLUMNS, Kind};

/// The account of a course structure. A block's line is its place among the entries of the file, from 1.
///
/// # Errors
/// The columns could not be made: a bug.
pub fn read_blocks(structure: &CourseStructure) -> Result<Parsed, ArrowError> {
    let mut columns = Columns::new(std::iter::once(("_source_line", Kind::Integer)).chain(BLOCK_COLUMNS));
    for block in &structure.blocks {
        columns.integer(i64::try_from(block.position).ok());
        push_block(&mut columns, block);
        columns.end_row();
    }
    let rejects = structure
        .rejects
        .iter()
        .map(|(position, reject)| RejectedRecord {
            line: *position as u64,
            offset: 0,
            n_bytes: 0,
            code: reject.code,
            column: reject.column,
            member: None,
            salvage: None,
        })
        .collect();
    Ok(Parsed { rows: columns.finish()?, rejects, n_records: structure.n_records as u64, n_blanks: 0 })
}

/// Pushes the columns of a block in the order of [`BLOCK_COLUMNS`].
fn push_block(columns: &mut Columns, block: &Block) {
    columns.text(Some(&block.usage_key));
    columns.text(block.category.as_deref());
    columns.text(Some(&block.url_name));
    columns.text(block.display_name.as_deref());
    columns.text(block.parent_usage_key.as_deref());
    columns.truth(Some(block.is_root));
    columns.truth(Some(block.is_orphan));
    columns.integer(block.sort_index);
    columns.integer(block.depth);
    columns.text(Some(&block.children));
    columns.integer(Some(block.n_children));
    columns.moment(block.start);
    columns.moment(block.due);
    columns.truth(block.graded);
    columns.text(block.format.as_deref());
    columns.truth(block.visible_to_staff_only);
    columns.moment(block.inherited_start);
    columns.moment(block.inherited_due);
    columns.truth(block.inherited_graded);
    columns.text(block.inherited_format.as_deref());
    columns.truth(block.inherited_visible_to_staff_only);
    columns.text(block.chapter_usage_key.as_deref());
    columns.text(block.sequential_usage_key.as_deref());
    columns.text(block.vertical_usage_key.as_deref());
    columns.float(block.weight);
    columns.text(block.metadata.as_deref());
}
