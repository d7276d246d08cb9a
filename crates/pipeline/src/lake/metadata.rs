//! What the metadata of a table tells its readers beside the columns: which columns have bounds in the log, and in which layout the lake is.
//! It commits nothing.
//!
//! Readers that skip data files take a column for one with bounds in each file, the first 32 columns where nothing is said, and some then find
//! no row at all for a column that has none. So the columns that have bounds are named.

use std::collections::HashMap;

use deltalake_core::DeltaResult;
use deltalake_core::kernel::{Metadata, MetadataExt as _, StructType};
use serde_json::Value;

use super::LakeError;
use super::properties::PRUNING_COLUMNS;

/// The layout of the lakes that this release writes, and the newest it reads. Raised when an earlier release would get rows wrong.
const LAYOUT: u32 = 1;
/// The property with the layout of a lake.
const LAYOUT_PROPERTY: &str = "czar.layout";
/// The property with the earliest release known to read that layout.
const RELEASE_PROPERTY: &str = "czar.release";
/// The columns that have bounds, as the Delta protocol has it.
const BOUNDS_PROPERTY: &str = "delta.dataSkippingStatsColumns";
/// How many of the first columns have bounds, where they are not named. An empty list of names is not understood everywhere.
const N_BOUNDS_PROPERTY: &str = "delta.dataSkippingNumIndexedCols";

/// The properties of a table of which these columns have bounds.
pub(super) fn properties(bounded: &[&str]) -> Vec<(&'static str, String)> {
    let bounds = if bounded.is_empty() { (N_BOUNDS_PROPERTY, "0".to_owned()) } else { (BOUNDS_PROPERTY, bounded.join(",")) };
    vec![bounds, (LAYOUT_PROPERTY, LAYOUT.to_string()), (RELEASE_PROPERTY, env!("CARGO_PKG_VERSION").to_owned())]
}

/// The same metadata with the properties of a table of which these columns have bounds.
///
/// # Errors
/// The metadata cannot be written: a bug.
pub(super) fn with_properties(metadata: Metadata, bounded: &[&str]) -> DeltaResult<Metadata> {
    let metadata = metadata.remove_config_key(BOUNDS_PROPERTY)?.remove_config_key(N_BOUNDS_PROPERTY)?;
    Ok(properties(bounded).into_iter().try_fold(metadata, |metadata, (key, value)| metadata.add_config_key(key.to_owned(), value))?)
}

/// The columns that have bounds, given what the log says about each data file.
pub(super) fn bounded_columns(columns: &StructType, partitions: &[String], statistics: &[Value]) -> Vec<&'static str> {
    let is_counted = |name: &str| statistics.iter().all(|of_file| of_file["nullCount"].get(name).is_some());
    let is_column = |name: &str| columns.field(name).is_some() && !partitions.iter().any(|partition| partition == name);
    PRUNING_COLUMNS.into_iter().filter(|name| is_column(name) && is_counted(name)).collect()
}

/// Whether a table has the properties that this release gives it.
pub(super) fn is_up_to_date(properties: &HashMap<String, String>) -> bool {
    properties.get(LAYOUT_PROPERTY).is_some_and(|layout| *layout == LAYOUT.to_string())
}

/// Refuses a table of a layout that came after this release.
///
/// # Errors
/// [`LakeError::NewerLayout`].
pub(super) fn check_layout(table: &str, properties: &HashMap<String, String>) -> Result<(), LakeError> {
    let Some(layout) = properties.get(LAYOUT_PROPERTY) else { return Ok(()) };
    if layout.parse().is_ok_and(|layout: u32| layout <= LAYOUT) {
        return Ok(());
    }
    let release = properties.get(RELEASE_PROPERTY).cloned().unwrap_or_else(|| "of a later day".to_owned());
    Err(LakeError::NewerLayout { table: table.to_owned(), layout: layout.clone(), newest: LAYOUT, release })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use deltalake_core::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use serde_json::json;

    use crate::lake::schema::LOADS;
    use crate::lake::{BatchName, Change, Lake, LakeError, PartWriter};

    fn rows(columns: &[&str]) -> RecordBatch {
        let column = |name: &str| -> ArrayRef {
            if name == "user_id" { Arc::new(Int64Array::from(vec![Some(1), None])) } else { Arc::new(StringArray::from(vec!["a", "b"])) }
        };
        RecordBatch::try_from_iter_with_nullable(columns.iter().map(|name| (*name, column(name), true))).unwrap()
    }

    fn add(lake: &Lake, table: &str, rows: &RecordBatch, change: Change) {
        let attempt = lake.begin_attempt("a1").unwrap();
        let mut table = lake.table_with(table, &rows.schema(), &[]).unwrap();
        let mut part = PartWriter::open(&table, &rows.schema(), &BatchName::of("a file"), "a1", &[], lake.runtime()).unwrap();
        part.write(rows).unwrap();
        attempt.commit_together(vec![(&mut table, Change { adds: part.finish().unwrap(), ..change })]).unwrap();
        attempt.end().unwrap();
    }

    /// The two properties about bounds.
    fn bounds(lake: &Lake, table: &str) -> (Option<String>, Option<String>) {
        let table = lake.table(table).unwrap().unwrap();
        let properties = table.delta().snapshot().unwrap().metadata().configuration().clone();
        (properties.get(super::BOUNDS_PROPERTY).cloned(), properties.get(super::N_BOUNDS_PROPERTY).cloned())
    }

    /// Changes the properties of a table that has one commit.
    fn edit_properties(lake: &Path, table: &str, edit: impl Fn(&mut serde_json::Value)) {
        let first = lake.join(table).join("_delta_log/00000000000000000000.json");
        let mut actions: Vec<serde_json::Value> =
            std::fs::read_to_string(&first).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let metadata = actions.iter_mut().find_map(|action| action.get_mut("metaData")).unwrap();
        edit(&mut metadata["configuration"]);
        let text: String = actions.iter().map(|action| format!("{action}\n")).collect();
        crate::atomic_file::write(&first, text.as_bytes()).unwrap();
    }

    #[test]
    fn a_table_names_the_columns_that_have_bounds_when_it_is_made_when_it_is_widened_and_when_it_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open_folder(folder.path()).unwrap();
        let named = |columns: &str| (Some(columns.to_owned()), None);
        let none = (None, Some("0".to_owned()));
        add(&lake, "wide", &rows(&["user_id", "gender"]), Change::default());
        assert_eq!(bounds(&lake, "wide"), named("user_id"));
        add(&lake, "wide", &rows(&["user_id", "gender", "event_name"]), Change::default());
        assert_eq!(bounds(&lake, "wide"), named("user_id,event_name"));
        let anew = rows(&["gender"]);
        let change = Change { replaces_all: true, new_schema: Some(anew.schema().as_ref().clone()), ..Change::default() };
        add(&lake, "wide", &anew, change);
        assert_eq!(bounds(&lake, "wide"), none);
        add(&lake, "narrow", &rows(&["gender"]), Change::default());
        assert_eq!(bounds(&lake, "narrow"), none);
    }

    #[test]
    fn tables_of_an_earlier_release_are_told_by_the_next_attempt_and_keep_their_facts() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open_folder(folder.path()).unwrap();
        for table in ["people", LOADS] {
            lake.table_with(table, &rows(&["user_id", "gender"]).schema(), &[]).unwrap();
            edit_properties(folder.path(), table, |properties| *properties = json!({"delta.checkpointInterval": "20"}));
            let mut table = lake.table(table).unwrap().unwrap();
            let rows = rows(&["user_id", "gender"]);
            let mut part = PartWriter::open(&table, &rows.schema(), &BatchName::of("a file"), "a0", &[], lake.runtime()).unwrap();
            part.write(&rows).unwrap();
            let notes = [("czar.fact".to_owned(), json!("kept"))].into();
            lake.runtime().block_on(table.commit(Change { adds: part.finish().unwrap(), notes, ..Change::default() })).unwrap();
        }
        assert_eq!(bounds(&lake, "people"), (None, None));
        lake.begin_attempt("a1").unwrap().end().unwrap();
        let table = lake.table("people").unwrap().unwrap();
        assert_eq!(bounds(&lake, "people"), (Some("user_id".to_owned()), None));
        assert_eq!(lake.runtime().block_on(table.note("czar.fact")).unwrap(), Some(json!("kept")));
        assert_eq!((lake.runtime().block_on(table.rows_version()).unwrap(), table.version()), (1, 2));
        lake.begin_attempt("a2").unwrap().end().unwrap();
        assert_eq!(lake.table("people").unwrap().unwrap().version(), 2, "they are told once");
    }

    #[test]
    fn a_column_that_old_data_files_lack_and_do_not_count_is_not_named() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open_folder(folder.path()).unwrap();
        add(&lake, "people", &rows(&["gender"]), Change::default());
        let log = folder.path().join("people/_delta_log/00000000000000000001.json");
        let text = std::fs::read_to_string(&log).unwrap().replace(r#"\"user_id\":2"#, r#"\"other\":2"#);
        crate::atomic_file::write(&log, text.as_bytes()).unwrap();
        add(&lake, "people", &rows(&["gender", "user_id", "event_name"]), Change::default());
        assert_eq!(bounds(&lake, "people"), (Some("event_name".to_owned()), None));
    }

    #[test]
    fn a_newer_layout_is_refused_by_readers_and_writers_with_the_release_that_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open_folder(folder.path()).unwrap();
        lake.table_with(LOADS, &rows(&["user_id"]).schema(), &[]).unwrap();
        edit_properties(folder.path(), LOADS, |properties| {
            properties[super::LAYOUT_PROPERTY] = json!("2");
            properties[super::RELEASE_PROPERTY] = json!("9.9.0");
        });
        let refused = [lake.table(LOADS).err().unwrap(), lake.begin_attempt("a1").err().unwrap()];
        for error in refused {
            assert!(matches!(error, LakeError::NewerLayout { .. }));
            assert_eq!(error.to_string(), "table `loads` has layout 2 of czar 9.9.0, and this release reads layouts up to 1");
        }
    }
}
