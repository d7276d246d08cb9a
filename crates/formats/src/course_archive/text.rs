//! Text out of XML: white space made single, lengths capped, and the tree walked without recursion.
//! It refuses documents that are no XML, that define entities, or that nest too deep.

use roxmltree::{Document, Node, ParsingOptions};

use crate::database_file::clean_json;
use crate::reject::{Reject, RejectCode};

/// Elements within elements, at most.
const MAX_DEPTH: usize = 200;
/// Elements and texts of one member, at most.
const MAX_NODES: u32 = 2_000_000;

/// Makes the content of a member text: no byte order mark, no NUL, U+FFFD for bytes that are not UTF-8.
pub(super) fn clean(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    clean_json(bytes)
}

/// Parses a member. The column of a reject is the byte of the member at which reading stopped.
pub(super) fn parse(text: &str) -> Result<Document<'_>, Reject> {
    let options = ParsingOptions { nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        let place = error.pos();
        // An end that came too early is told without its place.
        if (place.row, place.col) == (1, 1) {
            return Reject::new(RejectCode::CourseArchiveNotXml);
        }
        let before = text.split_inclusive('\n').take((place.row as usize).saturating_sub(1)).map(str::len).sum::<usize>();
        Reject::at(RejectCode::CourseArchiveNotXml, before + place.col as usize)
    })?;
    if is_too_deep(document.root_element()) {
        return Err(Reject::new(RejectCode::CourseArchiveTooDeep));
    }
    Ok(document)
}

fn is_too_deep(root: Node<'_, '_>) -> bool {
    let (mut node, mut depth) = (root, 0_usize);
    loop {
        if let Some(child) = node.first_child() {
            (node, depth) = (child, depth + 1);
            if depth > MAX_DEPTH {
                return true;
            }
            continue;
        }
        // Up until there is a next one; back at the root, all was seen.
        loop {
            if node == root {
                return false;
            }
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(parent) = node.parent() else { return false };
            (node, depth) = (parent, depth.saturating_sub(1));
        }
    }
}

/// The text below an element in reading order, without the elements for which `is_left_out` holds. White space is single; the text ends
/// after `max_chars`.
pub(super) fn text_of(root: Node<'_, '_>, max_chars: usize, is_left_out: impl Fn(&str) -> bool) -> String {
    let mut text = Words { text: String::new(), n_left: max_chars, is_apart: false };
    let mut waiting = vec![root];
    while let Some(node) = waiting.pop() {
        if node.is_text() {
            text.is_apart |= node.prev_sibling().is_some_and(|before| before.is_element() && !is_inline(before.tag_name().name()));
            text.add(node.text().unwrap_or_default());
        } else if node.is_element() && (node == root || !is_left_out(node.tag_name().name())) {
            // Two paragraphs are two words, whatever stands between their tags; a word in bold is not.
            text.is_apart |= !is_inline(node.tag_name().name());
            waiting.extend(node.children().rev());
        }
        if text.n_left == 0 {
            break;
        }
    }
    text.text
}

/// Text whose white space is made single; `None` when nothing is left.
pub(super) fn tidy(text: &str, max_chars: usize) -> Option<String> {
    let mut words = Words { text: String::new(), n_left: max_chars, is_apart: false };
    words.add(text);
    (!words.text.is_empty()).then_some(words.text)
}

fn is_inline(tag: &str) -> bool {
    matches!(tag, "a" | "b" | "code" | "em" | "font" | "i" | "span" | "strong" | "sub" | "sup" | "u")
}

struct Words {
    text: String,
    n_left: usize,
    is_apart: bool,
}

impl Words {
    fn add(&mut self, text: &str) {
        for character in text.chars() {
            if character.is_whitespace() || character == '\0' {
                self.is_apart = true;
                continue;
            }
            if self.is_apart && !self.text.is_empty() && self.n_left > 0 {
                self.text.push(' ');
                self.n_left -= 1;
            }
            self.is_apart = false;
            if self.n_left == 0 {
                return;
            }
            self.text.push(character);
            self.n_left -= 1;
        }
    }
}
