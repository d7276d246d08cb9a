//! One block of a course archive, with what it inherits and what its kind adds. It reads nothing.

use super::{Discussion, Problem, Settings, Video};

/// One block, with the columns of `course_content_blocks`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Block {
    /// Its place among the records of the archive, counted from 1.
    pub position: usize,
    /// Its key; `None` for a block without a name, or when the course is not known.
    pub usage_key: Option<String>,
    /// `course`, `chapter`, `sequential`, `vertical`, `problem`, ...
    pub category: String,
    /// Its name: the last part of its key, and without a key what its file or the reference to it says.
    pub url_name: Option<String>,
    /// Its own title.
    pub display_name: Option<String>,
    /// The key of the block it is in.
    pub parent_usage_key: Option<String>,
    /// The position of the block it is in.
    pub parent_position: Option<usize>,
    /// Whether it is the course itself.
    pub is_root: bool,
    /// Whether nothing leads to it.
    pub is_orphan: bool,
    /// Whether it is a draft that learners do not see.
    pub is_draft: bool,
    /// Its place in the course from 1, depth-first; `None` for orphans and drafts.
    pub sort_index: Option<i64>,
    /// How many blocks are above it; `None` for orphans and drafts.
    pub depth: Option<i64>,
    /// How many blocks it lists or holds.
    pub n_children: i64,
    /// The chapter it is in; a chapter is in itself.
    pub chapter_usage_key: Option<String>,
    /// The sequential it is in; a sequential is in itself.
    pub sequential_usage_key: Option<String>,
    /// The vertical it is in; a vertical is in itself.
    pub vertical_usage_key: Option<String>,
    /// Its own settings.
    pub own: Settings,
    /// The settings that hold for it.
    pub inherited: Settings,
    /// The member its text is in, as an index into the members.
    pub member: usize,
    /// All its settings as JSON text, without those that hold secrets, and without Studio's second copy of a problem's text.
    pub attributes: String,
    /// What its kind adds.
    pub detail: Detail,
}

/// What a kind of block adds.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Detail {
    /// Nothing.
    #[default]
    None,
    /// A problem.
    Problem(Box<Problem>),
    /// A video.
    Video(Box<Video>),
    /// A discussion.
    Discussion(Box<Discussion>),
}
