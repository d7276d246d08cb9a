//! A discussion block: which forum topic it opens. It refuses nothing; what is not set is not known.

use serde_json::{Map, Value};

use super::settings::word;

/// Which topic a discussion block opens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Discussion {
    /// The topic, called `commentable_id` in the forum.
    pub discussion_id: Option<String>,
    /// The heading it stands under.
    pub discussion_category: Option<String>,
    /// Its own title there.
    pub discussion_target: Option<String>,
}

/// Reads the attributes of a block; exports of 2012 call them `id` and `for`.
pub(super) fn read(attributes: &Map<String, Value>) -> Discussion {
    let either = |name: &str, old_name: &str| attributes.get(name).and_then(word).or_else(|| attributes.get(old_name).and_then(word));
    Discussion {
        discussion_id: either("discussion_id", "id"),
        discussion_category: either("discussion_category", "category"),
        discussion_target: either("discussion_target", "for"),
    }
}
