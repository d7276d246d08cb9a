//! A video block: where its film is, how long it is and in which languages it has transcripts.
//! It refuses lengths that are none: players and exports write 0 where they do not know.

use std::collections::BTreeMap;

use roxmltree::Node;
use serde_json::{Map, Value};

use super::settings::word;
use crate::course_structure::metadata;

/// A video block.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Video {
    /// The film on YouTube at normal speed.
    pub youtube_id: Option<String>,
    /// Speed (`0.75`, `1.0`, ...) to film on YouTube.
    pub youtube_ids: BTreeMap<String, String>,
    /// Addresses of film files.
    pub html5_sources: Vec<String>,
    /// The film in edX's own store.
    pub edx_video_id: Option<String>,
    /// The name of the file that was uploaded.
    pub client_video_id: Option<String>,
    /// The name of the default transcript of older videos.
    pub sub: Option<String>,
    /// Where playing begins, in seconds; `None` at the beginning.
    pub start_time: Option<f64>,
    /// Where playing ends, in seconds; `None` at the end.
    pub end_time: Option<f64>,
    /// Its length in seconds.
    pub duration: Option<f64>,
    /// Language to transcript file; a transcript without a file has an empty name.
    pub transcripts: BTreeMap<String, String>,
}

/// The attributes with the film of one speed each.
const SPEEDS: [(&str, &str); 4] =
    [("youtube_id_0_75", "0.75"), ("youtube_id_1_0", "1.0"), ("youtube_id_1_25", "1.25"), ("youtube_id_1_5", "1.5")];

/// Reads the element of a video block and its attributes, policies included.
pub(super) fn read(node: Node<'_, '_>, attributes: &Map<String, Value>) -> Video {
    let own = |name: &str| attributes.get(name).and_then(word);
    let youtube_ids = youtube_ids(attributes);
    let asset = node.children().find(|child| child.has_tag_name("video_asset"));
    let child_sources = node.children().filter(|child| child.has_tag_name("source")).filter_map(|child| child.attribute("src"));
    let mut html5_sources: Vec<String> = match attributes.get("html5_sources") {
        Some(Value::Array(sources)) => sources.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    for source in child_sources {
        if !html5_sources.iter().any(|known| known == source) {
            html5_sources.push(source.to_owned());
        }
    }
    Video {
        youtube_id: youtube_ids.get("1.0").cloned(),
        youtube_ids,
        html5_sources,
        edx_video_id: own("edx_video_id"),
        client_video_id: asset.and_then(|asset| asset.attribute("client_video_id")).map(str::to_owned).filter(|name| !name.is_empty()),
        sub: own("sub"),
        start_time: own("start_time").or_else(|| own("from")).and_then(|text| seconds(&text)).filter(|&start| start > 0.0),
        end_time: own("end_time").or_else(|| own("to")).and_then(|text| seconds(&text)).filter(|&end| end > 0.0),
        duration: asset.and_then(|asset| seconds(asset.attribute("duration")?)).filter(|&duration| duration > 0.0),
        transcripts: transcripts(node, attributes),
    }
}

/// `youtube="0.75:a,1.00:b"`, or one attribute for each speed.
fn youtube_ids(attributes: &Map<String, Value>) -> BTreeMap<String, String> {
    let mut ids = BTreeMap::new();
    if let Some(list) = attributes.get("youtube").and_then(Value::as_str) {
        for (speed, id) in list.trim().trim_matches('"').split(',').filter_map(|part| part.split_once(':')) {
            let known = SPEEDS.iter().find(|(_, known)| known.parse::<f64>().ok() == speed.trim().parse().ok());
            if let (Some((_, speed)), false) = (known, id.trim().is_empty()) {
                ids.insert((*speed).to_owned(), id.trim().to_owned());
            }
        }
    }
    for (name, speed) in SPEEDS {
        if let Some(id) = attributes.get(name).and_then(word) {
            ids.insert(speed.to_owned(), id);
        }
    }
    ids
}

fn transcripts(node: Node<'_, '_>, attributes: &Map<String, Value>) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for transcript in node.descendants().filter(|child| child.has_tag_name("transcript")) {
        if let Some(language) = transcript.attribute("language").or_else(|| transcript.attribute("language_code")) {
            let file: &mut String = files.entry(language.to_owned()).or_default();
            if let Some(name) = transcript.attribute("src") {
                name.clone_into(file);
            }
        }
    }
    if let Some(Value::Object(named)) = attributes.get("transcripts") {
        for (language, file) in named {
            files.insert(language.clone(), metadata::text(file).unwrap_or_default());
        }
    }
    // The default transcript is in English; only its file had a name.
    if let Some(name) = attributes.get("sub").and_then(word) {
        files.entry("en".to_owned()).or_insert(name);
    }
    files
}

/// Seconds from `90`, `90.5`, `00:01:30` or `01:30`.
fn seconds(text: &str) -> Option<f64> {
    let parts: Vec<&str> = text.trim().split(':').collect();
    if parts.len() > 3 {
        return None;
    }
    let mut total = 0.0;
    for part in parts {
        total = total * 60.0 + part.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)?;
    }
    Some(total)
}
