//! From a column of a model down to the tables with its lines. It reads documentation only.

use crate::lake::schema::{LOADS, TRACKING_EVENTS, snapshot_names};
use crate::marts::{Model, column_docs, models};

/// A model or table on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// The column that is followed in it, where one is.
    pub column: Option<String>,
    /// How many steps it is below the model that is explained.
    pub depth: usize,
}

/// A model or table whose rows are lines of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Its name.
    pub table: String,
    /// Which of its rows count, as SQL, where that is stated.
    pub condition: Option<String>,
}

/// The way down: its steps, in order, and where it ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// The steps, each below the last one with a smaller depth.
    pub steps: Vec<Step>,
    /// The ends of the way, each once.
    pub evidence: Vec<Evidence>,
}

/// Walks from a column of a model, or from the model as a whole.
#[must_use]
pub fn walk(model: &Model, column: Option<&str>) -> Trace {
    let mut trace = Trace::default();
    descend(model, column, None, 0, &mut trace);
    trace
}

fn descend(model: &Model, column: Option<&str>, condition: Option<&str>, depth: usize, trace: &mut Trace) {
    let step = Step { name: model.name.clone(), column: column.map(ToOwned::to_owned), depth };
    // A column may be named twice on the way; the second time tells nothing.
    if trace.steps.iter().any(|known| known.name == step.name && known.column == step.column) {
        return;
    }
    trace.steps.push(step);
    let docs = column_docs(&model.name);
    let doc = column.and_then(|column| docs.get(column));
    // The uppermost condition is the most special one.
    let condition = condition.or(doc.and_then(|doc| doc.lines.as_deref()));
    if docs.contains_key("_source_line") {
        return end(&model.name, condition, trace);
    }
    let mut targets = doc.and_then(|doc| doc.source.as_deref()).map(|source| stated(model, column, source)).unwrap_or_default();
    if targets.is_empty() {
        targets = model.upstreams.iter().map(|upstream| (upstream.clone(), column.map(ToOwned::to_owned))).collect();
    }
    for (name, column) in targets {
        match models().iter().find(|model| model.name == name) {
            Some(below) => {
                let column = column.filter(|column| column_docs(&below.name).contains_key(column));
                descend(below, column.as_deref(), condition, depth + 1, trace);
            }
            // Which files came is a fact of its own, without lines.
            None if name == LOADS => {}
            None => {
                trace.steps.push(Step { name: name.clone(), column: None, depth: depth + 1 });
                end(&name, condition, trace);
            }
        }
    }
}

fn end(table: &str, condition: Option<&str>, trace: &mut Trace) {
    let evidence = Evidence { table: table.to_owned(), condition: condition.map(ToOwned::to_owned) };
    if !trace.evidence.contains(&evidence) {
        trace.evidence.push(evidence);
    }
}

/// The models, tables and columns that a source names, each with the column to follow in it.
fn stated(model: &Model, column: Option<&str>, source: &str) -> Vec<(String, Option<String>)> {
    let own = column_docs(&model.name);
    let mut found: Vec<(String, Option<String>)> = Vec::new();
    // What follows a semicolon is a remark.
    let source = source.split(';').next().unwrap_or_default();
    for word in source.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')) {
        let (name, member) = word.split_once('.').map_or((word, None), |(name, member)| (name, Some(member)));
        let is_model = models().iter().any(|model| model.name == name);
        let target = if is_model && name != model.name {
            (name.to_owned(), member.or(column).map(ToOwned::to_owned))
        } else if is_table(name) && (name != TRACKING_EVENTS || model.upstreams.iter().any(|upstream| upstream == name)) {
            // Events are reached through the model that names their learner, unless the model reads them itself.
            (name.to_owned(), None)
        } else if own.contains_key(name) && Some(name) != column {
            (model.name.clone(), Some(name.to_owned()))
        } else {
            continue;
        };
        if !found.contains(&target) {
            found.push(target);
        }
    }
    found
}

fn is_table(name: &str) -> bool {
    name == TRACKING_EVENTS || snapshot_names().any(|table| table == name)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn of(model: &str, column: &str) -> Trace {
        walk(models().iter().find(|known| known.name == model).unwrap(), Some(column))
    }

    fn evidence(model: &str, column: &str) -> Vec<(String, Option<String>)> {
        of(model, column).evidence.into_iter().map(|found| (found.table, found.condition)).collect()
    }

    #[test]
    fn a_counter_leads_to_the_events_it_counts() {
        let found = of("person_course", "nplay_video");
        let names: Vec<&str> = found.steps.iter().map(|step| step.name.as_str()).collect();
        assert_eq!(names, ["person_course", "pc_day_totals", "person_course_day", "learner_events"]);
        assert_eq!(evidence("person_course", "nplay_video"), [("learner_events".to_owned(), Some("event_name = 'play_video'".to_owned()))]);
    }

    #[test]
    fn a_column_of_a_database_file_leads_to_its_table() {
        assert_eq!(evidence("person_course", "gender"), [("auth_userprofile".to_owned(), None)]);
        assert_eq!(evidence("user_info_combo", "username"), [("auth_user".to_owned(), None), ("user_id_map".to_owned(), None)]);
    }

    #[test]
    fn a_column_made_of_columns_beside_it_leads_to_what_these_are_made_of() {
        let tables: Vec<String> = evidence("person_course", "enrollment_disagrees").into_iter().map(|found| found.0).collect();
        assert_eq!(tables, ["student_courseenrollment", "identified_events"]);
    }

    #[test]
    fn every_column_of_every_model_leads_to_lines() {
        for model in models() {
            for column in column_docs(&model.name).keys() {
                assert!(!walk(model, Some(column)).evidence.is_empty(), "{}.{column}", model.name);
            }
        }
    }
}
