//! Runs the cases of `models/cases`: the given rows in, the expected rows out. Beside them, each model's columns are compared with their
//! documentation.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use czar_pipeline::engine::{Engine, EngineOptions, type_name};
use czar_pipeline::lake::Lake;
use czar_pipeline::marts::{column_docs, models};
use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, StringArray, new_null_array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::datasource::MemTable;

#[test]
fn every_case_of_every_model_gives_the_expected_rows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/cases");
    let mut faults = Vec::new();
    let mut n_cases = 0;
    for model in folders(&root) {
        let name = model.file_name().unwrap().to_str().unwrap().to_owned();
        for case in folders(&model) {
            n_cases += 1;
            if let Err(fault) = run_case(&case) {
                faults.push(format!("{name}/{}: {fault}", case.file_name().unwrap().display()));
            }
        }
    }
    assert!(n_cases > 0, "there are cases");
    assert!(faults.is_empty(), "{} of {n_cases} cases failed:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_model_has_a_case() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/cases");
    let cases = folders(&root).into_iter().flat_map(|model| folders(&model));
    let expected: BTreeSet<String> =
        cases.flat_map(|case| files(&case.join("expect"))).map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let without: Vec<&str> = models().iter().map(|model| model.name.as_str()).filter(|name| !expected.contains(*name)).collect();
    assert!(without.is_empty(), "models without a case: {without:?}");
}

#[test]
fn the_documented_columns_of_a_model_are_those_it_gives() {
    let (_folder, engine) = engine_with(&[]);
    for model in models() {
        let schema = engine.schema_of(&model.sql).unwrap_or_else(|error| panic!("{}: {error}", model.name));
        let docs = column_docs(&model.name);
        let given: BTreeMap<String, String> =
            schema.fields().iter().map(|field| (field.name().clone(), type_name(field.data_type()))).collect();
        let documented: BTreeMap<String, String> = docs.iter().map(|(name, doc)| (name.clone(), doc.kind.clone())).collect();
        assert_eq!(given, documented, "columns of {}", model.name);
        for key in &model.key {
            assert!(given.contains_key(key), "key column {key} of {}", model.name);
        }
    }
}

fn run_case(case: &Path) -> Result<(), String> {
    let given: Vec<PathBuf> = files(&case.join("given"));
    let (_folder, engine) = engine_with(&given);
    let expected = files(&case.join("expect"));
    if expected.is_empty() {
        return Err("nothing is expected".to_owned());
    }
    expected.iter().try_for_each(|file| compare(&engine, file))
}

fn compare(engine: &Engine, expected: &Path) -> Result<(), String> {
    let name = expected.file_stem().unwrap().to_str().unwrap();
    let model = models().iter().find(|model| model.name == name).ok_or_else(|| format!("there is no model `{name}`"))?;
    let expected = read_csv(expected);
    let (header, expected_rows) = expected.split_first().ok_or("the expected rows have no header")?;
    let columns: Vec<String> = header.iter().map(|name| format!("\"{name}\"")).collect();
    let sql = format!("select {} from (\n{}\n)", columns.join(", "), model.sql);
    let result = engine.sql(&sql).map_err(|error| error.to_string())?;
    let mut found: Vec<Vec<String>> = result.batches.iter().flat_map(text_rows).collect();
    let mut wanted: Vec<Vec<String>> = expected_rows.iter().map(|row| canonical(row, &result.schema)).collect();
    found.sort();
    wanted.sort();
    if found == wanted { Ok(()) } else { Err(format!("\n  columns  {header:?}\n  expected {wanted:?}\n  found    {found:?}")) }
}

/// An engine over an empty lake in which the given CSV files stand for tables. Models are views, so that a case may give any of them.
fn engine_with(given: &[PathBuf]) -> (tempfile::TempDir, Engine) {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open_folder(folder.path()).unwrap();
    let mut engine = Engine::open(&lake, &EngineOptions { memory_bytes: 256 << 20, workers: 2 }).unwrap();
    for model in models() {
        engine.add_view(model).unwrap();
    }
    for path in given {
        replace(&mut engine, path.file_stem().unwrap().to_str().unwrap(), path);
    }
    (folder, engine)
}

fn replace(engine: &mut Engine, table: &str, path: &Path) {
    let schema = engine.schema_of(&format!("select * from \"{table}\"")).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let schema = Arc::new(Schema::new(schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true)).collect::<Vec<_>>()));
    let rows = typed(&read_csv(path), &schema, path);
    let table_of_rows = MemTable::try_new(Arc::clone(&schema), vec![vec![rows]]).unwrap();
    engine.give(table, Arc::new(table_of_rows)).unwrap();
}

/// Text rows as columns of a schema; a column the file does not have is null.
fn typed(rows: &[Vec<String>], schema: &SchemaRef, path: &Path) -> RecordBatch {
    let (header, rows) = rows.split_first().expect("a header");
    for name in header {
        assert!(schema.index_of(name).is_ok(), "{}: the table has no column `{name}`", path.display());
    }
    let columns: Vec<ArrayRef> = schema
        .fields()
        .iter()
        .map(|field| match header.iter().position(|name| name == field.name()) {
            Some(at) => parse_column(rows.iter().map(|row| row[at].as_str()), field.data_type()),
            None => new_null_array(field.data_type(), rows.len()),
        })
        .collect();
    RecordBatch::try_new(Arc::clone(schema), columns).unwrap()
}

fn parse_column<'a>(values: impl Iterator<Item = &'a str>, kind: &DataType) -> ArrayRef {
    let text: StringArray = values.map(|value| (!value.is_empty()).then_some(value)).collect();
    let parsed = cast(&text, kind).unwrap();
    assert_eq!(text.null_count(), parsed.null_count(), "every value fits its column's type {kind}");
    parsed
}

/// A row's values as they would be shown for the types the query gave.
fn canonical(row: &[String], schema: &SchemaRef) -> Vec<String> {
    row.iter()
        .zip(schema.fields())
        .map(|(value, field)| {
            let column = parse_column(std::iter::once(value.as_str()), field.data_type());
            shown(&column, 0)
        })
        .collect()
}

fn text_rows(rows: &RecordBatch) -> Vec<Vec<String>> {
    (0..rows.num_rows()).map(|row| rows.columns().iter().map(|column| shown(column, row)).collect()).collect()
}

/// Numbers are shown to nine digits: sums of seconds differ in the last bits by the order of adding.
fn shown(column: &ArrayRef, row: usize) -> String {
    use datafusion::arrow::array::AsArray as _;
    use datafusion::arrow::datatypes::Float64Type;
    if column.is_null(row) {
        return "null".to_owned();
    }
    if column.data_type() == &DataType::Float64 {
        return format!("{:.9e}", column.as_primitive::<Float64Type>().value(row));
    }
    ArrayFormatter::try_new(column, &FormatOptions::default()).unwrap().value(row).to_string()
}

fn files(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(path).map(|files| files.flatten().map(|file| file.path()).collect()).unwrap_or_default();
    found.sort();
    found
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(path).unwrap().flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

fn read_csv(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut rows = Vec::new();
    let mut row = vec![String::new()];
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                row.last_mut().unwrap().push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\n' if !quoted => rows.push(std::mem::replace(&mut row, vec![String::new()])),
            '\r' if !quoted => {}
            other => row.last_mut().unwrap().push(other),
        }
    }
    if row.iter().any(|value| !value.is_empty()) {
        rows.push(row);
    }
    rows
}
