//! One element of a member as a block that does not know its place yet, with the blocks inside it.
//! It refuses to follow references: a child that lies in a file of its own stays a reference.

use roxmltree::Node;
use serde_json::{Map, Value};

use super::block::Detail;
use super::policy::PolicyAttributes;
use super::{discussion, problem, video};

/// What a block may be in: its children are blocks, all but a few.
const CONTAINERS: &[&str] = &[
    "chapter",
    "conditional",
    "course",
    "itembank",
    "legacy_library_content",
    "library",
    "library_content",
    "problemset",
    "randomize",
    "section",
    "sequential",
    "split_test",
    "timelimit",
    "vertical",
    "videosequence",
    "wrapper",
];
/// Elements in containers that are no blocks.
const NOT_BLOCKS: &[&str] = &["certificate", "show", "textbook", "wiki"];
/// Blocks whose inner elements are their own text, whatever attributes these have.
const LEAVES: &[&str] = &["discussion", "html", "openassessment", "problem", "video", "videoalpha"];
/// A longer name cannot be one of edX's: it is as if the block had none.
const MAX_URL_NAME_BYTES: usize = 400;

/// A block as it stands in a member.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) category: String,
    pub(super) url_name: Option<String>,
    /// Its attributes, those that hold JSON decoded.
    pub(super) attributes: Map<String, Value>,
    pub(super) children: Vec<Element>,
    pub(super) detail: Detail,
    /// Whether it has nothing but its name: its content is in a file of that name.
    pub(super) is_reference: bool,
    /// Whether it has neither elements nor text inside.
    pub(super) is_empty: bool,
}

impl Element {
    /// Reads an element and the blocks inside it. `name` is what refers to it calls it, `attributes` what is said of it there: its own
    /// count more, and those of the policy most. Recursion ends at the depth to which members are parsed.
    pub(super) fn read(
        node: Node<'_, '_>,
        category: &str,
        name: Option<&str>,
        mut attributes: Map<String, Value>,
        policy: &PolicyAttributes,
    ) -> Self {
        let mut url_name = None;
        let mut is_only_named = true;
        for attribute in node.attributes() {
            match attribute.name() {
                "url_name" | "slug" => url_name = Some(attribute.value().trim().to_owned()),
                // The course's own block is called as its run and may repeat the course's key.
                "org" | "course" if category == "course" => {}
                _ => is_only_named = false,
            }
            attributes.insert(attribute.name().to_owned(), decoded(attribute.value()));
        }
        let url_name = name.map(str::to_owned).or(url_name).filter(|name| !name.is_empty() && name.len() <= MAX_URL_NAME_BYTES);
        if let Some(settings) = url_name.as_ref().and_then(|name| policy.get(&format!("{category}/{name}"))) {
            attributes.extend(settings.clone());
        }
        let is_child = |child: &Node<'_, '_>| {
            let tag = child.tag_name().name();
            if CONTAINERS.contains(&category) {
                !NOT_BLOCKS.contains(&tag)
            } else {
                !LEAVES.contains(&category) && child.has_attribute("url_name")
            }
        };
        let children: Vec<Self> = node
            .children()
            .filter(Node::is_element)
            .filter(is_child)
            .map(|child| Self::read(child, child.tag_name().name(), None, Map::new(), policy))
            .collect();
        let is_empty = !node.children().any(|child| child.is_element() || child.text().is_some_and(|text| !text.trim().is_empty()));
        Self {
            detail: detail(category, node, &attributes),
            category: category.to_owned(),
            url_name,
            attributes,
            children,
            is_reference: is_only_named && is_empty,
            is_empty,
        }
    }
}

fn detail(category: &str, node: Node<'_, '_>, attributes: &Map<String, Value>) -> Detail {
    match category {
        "problem" => Detail::Problem(Box::new(problem::read(node, attributes))),
        "video" | "videoalpha" => Detail::Video(Box::new(video::read(node, attributes))),
        "discussion" => Detail::Discussion(Box::new(discussion::read(attributes))),
        _ => Detail::None,
    }
}

/// An attribute whose text is a JSON object or list, as that; any other as its text.
fn decoded(text: &str) -> Value {
    let trimmed = text.trim();
    if trimmed.starts_with(['{', '['])
        && let Ok(value) = serde_json::from_str(trimmed)
    {
        return value;
    }
    Value::String(text.replace('\0', ""))
}
