//! The order of a course: depth-first from the root, each block once, in its first parent.
//! It refuses to recurse, and to follow a child twice: the depth and the cycles of the input cost nothing.

use rustc_hash::FxHashMap;

use super::Block;

/// Where each block belongs.
pub(super) struct Tree {
    /// The course itself.
    pub(super) root: Option<usize>,
    /// All blocks, parents before their children: those below the root, then the orphans.
    pub(super) order: Vec<usize>,
    /// One for each block of the file.
    pub(super) placements: Vec<Placement>,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Placement {
    pub(super) parent: Option<usize>,
    /// `None` for orphans, as is the depth.
    pub(super) sort_index: Option<i64>,
    pub(super) depth: Option<i64>,
    is_placed: bool,
}

pub(super) fn walk(blocks: &[Block], children: &[Vec<String>]) -> Tree {
    let by_key: FxHashMap<&str, usize> = blocks.iter().enumerate().map(|(index, block)| (block.usage_key.as_str(), index)).collect();
    let children: Vec<Vec<usize>> =
        children.iter().map(|keys| keys.iter().filter_map(|key| by_key.get(key.as_str()).copied()).collect()).collect();
    let mut is_child = vec![false; blocks.len()];
    for &child in children.iter().flatten() {
        if let Some(flag) = is_child.get_mut(child) {
            *flag = true;
        }
    }
    let has_no_parent = |index: &usize| is_child.get(*index) == Some(&false);
    let courses = || (0..blocks.len()).filter(|&index| blocks.get(index).is_some_and(|block| block.category.as_deref() == Some("course")));
    // A file has one course; if it has more, the one that is nobody's child is the root, whatever the order of the file.
    let root = courses().find(has_no_parent).or_else(|| courses().next());

    let mut walk =
        Walk { children: &children, order: Vec::with_capacity(blocks.len()), placements: vec![Placement::default(); blocks.len()] };
    if let Some(root) = root {
        walk.descend(root, true);
    }
    // Orphans from their own topmost block down; what is left then stands in a cycle, and starts where the file does.
    for index in (0..blocks.len()).filter(has_no_parent).chain(0..blocks.len()) {
        walk.descend(index, false);
    }
    Tree { root, order: walk.order, placements: walk.placements }
}

struct Walk<'a> {
    children: &'a [Vec<usize>],
    order: Vec<usize>,
    placements: Vec<Placement>,
}

impl Walk<'_> {
    /// Places a block and all below it that have no place yet.
    fn descend(&mut self, start: usize, below_root: bool) {
        let mut waiting = vec![(start, None, 0)];
        while let Some((index, parent, depth)) = waiting.pop() {
            let Some(placement) = self.placements.get_mut(index).filter(|placement| !placement.is_placed) else {
                continue;
            };
            self.order.push(index);
            *placement = Placement {
                parent,
                sort_index: below_root.then(|| i64::try_from(self.order.len()).unwrap_or(i64::MAX)),
                depth: below_root.then_some(depth),
                is_placed: true,
            };
            // The last one waiting is taken first, so the children wait in reverse.
            let children = self.children.get(index).map(Vec::as_slice).unwrap_or_default();
            waiting.extend(children.iter().rev().map(|&child| (child, Some(index), depth + 1)));
        }
    }
}
