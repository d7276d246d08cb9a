//! The reader of course structure files: the tree of blocks of one course run, as rows.
//! It refuses nothing because of the tree's shape: cycles, missing children, orphans and files without a root are all read.

mod entries;
pub(crate) mod metadata;
mod tree;

use thiserror::Error;

use crate::course_run_key::{CourseRunKey, UsageKey};
use crate::reject::Reject;

/// A course structure file as read. `n_records` is the number of blocks and rejects together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CourseStructure {
    /// The blocks below the root in depth-first order, then the orphans.
    pub blocks: Vec<Block>,
    /// The entries that describe no block: their place in the file, counted from 1, and why.
    pub rejects: Vec<(usize, Reject)>,
    /// How many entries the file has.
    pub n_records: usize,
    /// Whether there is a block of category `course`. Without one every block is an orphan.
    pub has_course_root: bool,
}

/// One block, with the columns of `course_structure_blocks`. Moments are microseconds since 1970 UTC.
///
/// A block with several parents belongs to the one that comes first in depth-first order. `inherited_` means the block's own setting,
/// or else that of the nearest block above it that has one. Source: docs/concepts/edx-files.md, "Course structure".
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Block {
    /// The place of its entry in the file, counted from 1.
    pub position: usize,
    /// Its key.
    pub usage_key: String,
    /// `course`, `chapter`, `sequential`, `vertical`, `problem`, ...; from the key if the entry does not say.
    pub category: Option<String>,
    /// The last part of its key.
    pub url_name: String,
    /// Its own title.
    pub display_name: Option<String>,
    /// The block it belongs to.
    pub parent_usage_key: Option<String>,
    /// Whether it is the course itself.
    pub is_root: bool,
    /// Whether it cannot be reached from the root.
    pub is_orphan: bool,
    /// Its place in the course from 1, depth-first; `None` for orphans.
    pub sort_index: Option<i64>,
    /// How many blocks are above it; `None` for orphans.
    pub depth: Option<i64>,
    /// The keys of its children as a JSON list, those that are not in the file too.
    pub children: String,
    /// How many children it lists.
    pub n_children: i64,
    /// Its own start.
    pub start: Option<i64>,
    /// Its own due date.
    pub due: Option<i64>,
    /// Its own graded flag.
    pub graded: Option<bool>,
    /// Its own assignment type.
    pub format: Option<String>,
    /// Its own flag that hides it from learners.
    pub visible_to_staff_only: Option<bool>,
    /// The start that applies.
    pub inherited_start: Option<i64>,
    /// The due date that applies.
    pub inherited_due: Option<i64>,
    /// The graded flag that applies.
    pub inherited_graded: Option<bool>,
    /// The assignment type that applies.
    pub inherited_format: Option<String>,
    /// The flag that hides it, as it applies.
    pub inherited_visible_to_staff_only: Option<bool>,
    /// The chapter it is in; a chapter is in itself.
    pub chapter_usage_key: Option<String>,
    /// The sequential it is in; a sequential is in itself.
    pub sequential_usage_key: Option<String>,
    /// The vertical it is in; a vertical is in itself.
    pub vertical_usage_key: Option<String>,
    /// Its weight in the grade.
    pub weight: Option<f64>,
    /// All its settings as JSON text, without those that hold secrets.
    pub metadata: Option<String>,
}

/// Why a file cannot be read at all. No message repeats the file's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StructureError {
    /// The file is empty.
    #[error("the file is empty")]
    Empty,
    /// The file is no JSON, or was cut before its end.
    #[error("the file is not JSON from line {line}, column {column} on")]
    NotJson {
        /// The line, counted from 1.
        line: usize,
        /// The byte in the line, counted from 1.
        column: usize,
    },
    /// The file is a list, a text or a number.
    #[error("the file is JSON, but not an object of blocks")]
    NotAJsonObject,
}

impl StructureError {
    /// The stable name that stands as `failure_code` in the lake's `loads` table.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "course_structure.empty",
            Self::NotJson { .. } => "course_structure.not_json",
            Self::NotAJsonObject => "course_structure.not_a_json_object",
        }
    }
}

/// Reads a whole file. The work is in proportion to its size, whatever the shape of the tree.
pub fn parse_course_structure(bytes: &[u8]) -> Result<CourseStructure, StructureError> {
    let entries::Entries { mut blocks, children, rejects } = entries::read(bytes)?;
    let n_records = blocks.len() + rejects.len();
    let tree = tree::walk(&blocks, &children);
    for &index in &tree.order {
        place(&mut blocks, index, &tree);
    }
    let mut blocks: Vec<Option<Block>> = blocks.into_iter().map(Some).collect();
    let in_order = tree.order.iter().filter_map(|&index| blocks.get_mut(index)?.take()).collect();
    Ok(CourseStructure { blocks: in_order, rejects, n_records, has_course_root: tree.root.is_some() })
}

impl CourseStructure {
    /// The course itself, if the file has it.
    pub fn root(&self) -> Option<&Block> {
        self.blocks.first().filter(|block| block.is_root)
    }

    /// The course run the file is about: the root's, or the first one a block's key names.
    pub fn course_run_key(&self) -> Option<CourseRunKey> {
        let run_of = |block: &Block| UsageKey::parse(&block.usage_key)?.course_run_key();
        self.root().and_then(run_of).or_else(|| self.blocks.iter().find_map(run_of))
    }
}

/// Gives a block what depends on the block above it, which has its place already.
fn place(blocks: &mut [Block], index: usize, tree: &tree::Tree) {
    let Some(placement) = tree.placements.get(index) else { return };
    let above = placement.parent.and_then(|parent| blocks.get(parent)).map(Inherited::of).unwrap_or_default();
    let Some(block) = blocks.get_mut(index) else { return };

    block.is_root = tree.root == Some(index);
    block.is_orphan = placement.sort_index.is_none();
    block.sort_index = placement.sort_index;
    block.depth = placement.depth;
    block.parent_usage_key = above.usage_key;
    block.inherited_start = block.start.or(above.start);
    block.inherited_due = block.due.or(above.due);
    block.inherited_graded = block.graded.or(above.graded);
    block.inherited_format = block.format.clone().or(above.format);
    block.inherited_visible_to_staff_only = block.visible_to_staff_only.or(above.visible_to_staff_only);

    let own = |category: &str| (block.category.as_deref() == Some(category)).then(|| block.usage_key.clone());
    let (chapter, sequential, vertical) = (own("chapter"), own("sequential"), own("vertical"));
    block.chapter_usage_key = chapter.or(above.chapter_usage_key);
    block.sequential_usage_key = sequential.or(above.sequential_usage_key);
    block.vertical_usage_key = vertical.or(above.vertical_usage_key);
}

/// What a block hands down to its children.
#[derive(Default)]
struct Inherited {
    usage_key: Option<String>,
    start: Option<i64>,
    due: Option<i64>,
    graded: Option<bool>,
    format: Option<String>,
    visible_to_staff_only: Option<bool>,
    chapter_usage_key: Option<String>,
    sequential_usage_key: Option<String>,
    vertical_usage_key: Option<String>,
}

impl Inherited {
    fn of(block: &Block) -> Self {
        Self {
            usage_key: Some(block.usage_key.clone()),
            start: block.inherited_start,
            due: block.inherited_due,
            graded: block.inherited_graded,
            format: block.inherited_format.clone(),
            visible_to_staff_only: block.inherited_visible_to_staff_only,
            chapter_usage_key: block.chapter_usage_key.clone(),
            sequential_usage_key: block.sequential_usage_key.clone(),
            vertical_usage_key: block.vertical_usage_key.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
