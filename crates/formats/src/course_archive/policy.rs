//! `policy.json`: settings of blocks that stand beside their files. They count more than those in the files.
//! It refuses a file that is no JSON object.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::text::clean;
use crate::reject::{Reject, RejectCode};

/// Settings by block, `course/2014_T1`, `chapter/week_1`.
pub(super) type PolicyAttributes = FxHashMap<String, Map<String, Value>>;

pub(super) fn read(bytes: &[u8]) -> Result<PolicyAttributes, Reject> {
    let Value::Object(blocks) = json(bytes)? else {
        return Err(Reject::new(RejectCode::CourseArchivePolicyNotJson));
    };
    let settings = blocks.into_iter().filter_map(|(block, settings)| match settings {
        Value::Object(settings) => Some((block, settings)),
        _ => None,
    });
    Ok(settings.collect())
}

/// A policy file as JSON.
pub(super) fn json(bytes: &[u8]) -> Result<Value, Reject> {
    let text = clean(bytes);
    serde_json::from_str(&text).map_err(|error| {
        let before = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
        Reject::at(RejectCode::CourseArchivePolicyNotJson, before + error.column())
    })
}
