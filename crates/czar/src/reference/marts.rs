//! The page on research tables, from `models/`: grain, key and the meaning of each column.

use std::fmt::Write as _;

use czar_pipeline::marts::{Model, column_docs, models};

use super::{WRITTEN, cell};

pub(super) fn page() -> String {
    let mut text = format!(
        "# Research tables\n\n{WRITTEN}\n`czar build` makes these from the lake. Their definitions are the SQL files of `models/`, which are also part of \
         the program. Keys carry the site: the same course run key on two sites is two course runs. All times are UTC.\n"
    );
    let mut topics: Vec<&str> = models().iter().map(|model| model.topic.as_str()).collect();
    topics.sort_unstable();
    topics.dedup();
    for topic in topics {
        let _ = write!(text, "\n## {topic}\n");
        let mut of_topic: Vec<&Model> = models().iter().filter(|model| model.topic == topic).collect();
        of_topic.sort_by(|a, b| a.name.cmp(&b.name));
        for model in of_topic {
            add(&mut text, model);
        }
    }
    text
}

fn add(text: &mut String, model: &Model) {
    let kind = if model.is_materialized { "Table" } else { "View" };
    let key = model.key.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ");
    let upstreams = model.upstreams.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let _ = write!(text, "\n### `{}`\n\n{kind}, one row per {}.\n\n- Key: {key}\n- Made from: {upstreams}\n", model.name, model.grain);
    let docs = column_docs(&model.name);
    if docs.is_empty() {
        return;
    }
    text.push_str("\n| column | type | unit | personal | meaning |\n| --- | --- | --- | --- | --- |\n");
    for (name, doc) in &docs {
        let unit = doc.unit.as_deref().unwrap_or_default();
        let _ = writeln!(text, "| `{name}` | {} | {} | {} | {} |", cell(&doc.kind), cell(unit), cell(&doc.personal), cell(&doc.meaning));
    }
}
