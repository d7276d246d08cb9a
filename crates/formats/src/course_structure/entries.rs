//! The file as a list of entries, and each entry as a block that does not know its place yet.
//! It refuses entries that are no object, and a usage key that comes again.

use std::fmt;

use rustc_hash::FxHashSet;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{Block, StructureError, metadata};
use crate::course_run_key::UsageKey;
use crate::database_file::clean_json;
use crate::json_repair;
use crate::reject::{Reject, RejectCode};

/// Blocks in the order of the file, and for each the keys of its children.
pub(super) struct Entries {
    pub(super) blocks: Vec<Block>,
    pub(super) children: Vec<Vec<String>>,
    pub(super) rejects: Vec<(usize, Reject)>,
}

pub(super) fn read(bytes: &[u8]) -> Result<Entries, StructureError> {
    let text = clean_json(bytes);
    if text.is_empty() {
        return Err(StructureError::Empty);
    }
    let mended;
    let RawEntries(raw_entries) = match serde_json::from_str(&text) {
        Ok(entries) => entries,
        Err(error) => {
            mended = json_repair::repaired(&text);
            serde_json::from_str(&mended).map_err(|_| match error.classify() {
                serde_json::error::Category::Data => StructureError::NotAJsonObject,
                _ => StructureError::NotJson { line: error.line(), column: error.column() },
            })?
        }
    };

    let mut entries =
        Entries { blocks: Vec::with_capacity(raw_entries.len()), children: Vec::with_capacity(raw_entries.len()), rejects: Vec::new() };
    let mut seen = FxHashSet::default();
    for (index, (usage_key, raw)) in raw_entries.into_iter().enumerate() {
        let position = index + 1;
        if !seen.insert(usage_key.clone()) {
            entries.rejects.push((position, Reject::new(RejectCode::CourseStructureRepeatedUsageKey)));
            continue;
        }
        let value = serde_json::from_str(raw.get()).or_else(|_| serde_json::from_str(&json_repair::repaired(raw.get())));
        let Ok(Value::Object(entry)) = value else {
            entries.rejects.push((position, Reject::new(RejectCode::CourseStructureBlockNotAnObject)));
            continue;
        };
        let (block, children) = read_block(position, usage_key, entry);
        entries.blocks.push(block);
        entries.children.push(children);
    }
    Ok(entries)
}

fn read_block(position: usize, usage_key: String, mut entry: Map<String, Value>) -> (Block, Vec<String>) {
    let key = UsageKey::parse(&usage_key);
    let category = match entry.remove("category") {
        Some(Value::String(category)) if !category.is_empty() => Some(category),
        _ => key.map(|key| key.category().to_owned()),
    };
    let url_name = match key {
        Some(key) => key.block_id(),
        None => usage_key.rsplit(['/', '@']).next().unwrap_or(&usage_key),
    };
    let url_name = url_name.to_owned();
    let children: Vec<String> = match entry.remove("children") {
        Some(Value::Array(children)) => children.into_iter().filter_map(metadata::into_text).collect(),
        _ => Vec::new(),
    };
    let settings = match entry.remove("metadata") {
        Some(Value::Object(settings)) => Some(settings),
        _ => None,
    };
    let own = |name: &str| settings.as_ref().and_then(|settings| settings.get(name));
    let block = Block {
        position,
        category,
        url_name,
        display_name: own("display_name").and_then(metadata::text),
        children: Value::Array(children.iter().cloned().map(Value::String).collect()).to_string(),
        n_children: i64::try_from(children.len()).unwrap_or(i64::MAX),
        start: own("start").and_then(metadata::moment),
        due: own("due").and_then(metadata::moment),
        graded: own("graded").and_then(metadata::boolean),
        format: own("format").and_then(metadata::text),
        visible_to_staff_only: own("visible_to_staff_only").and_then(metadata::boolean),
        weight: own("weight").and_then(metadata::number),
        metadata: settings.map(metadata::without_secrets),
        usage_key,
        ..Block::default()
    };
    (block, children)
}

/// The members of the file's object in their order, repeated names included, each with its text unread: one broken block does not
/// take the others with it, and no nesting is too deep.
struct RawEntries<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for RawEntries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = RawEntries<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of blocks")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(RawEntries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor)
    }
}
