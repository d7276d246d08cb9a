//! Builds marts: each in one commit, and only when what it reads or its own definition has changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::arrow::error::ArrowError;

use super::key_check::KeyCheck;
use super::{MartError, Model, models};
use crate::engine::{Engine, EngineError, EngineOptions};
use crate::lake::content_columns::loaded_as;
use crate::lake::schema::LOADS;
use crate::lake::{Attempt, BatchName, Change, Lake, LakeError, LakeTable, PartWriter};
use crate::progress::Progress;

/// Raised when a function that the engine has, or one of ours, gives other values for the same rows: every mart is then built anew.
const FUNCTIONS_RELEASE: &str = "datafusion 55";

/// The note in a mart's commit that says what it was built from.
const BUILT_FROM: &str = "czar.built_from";

/// What a build did.
#[derive(Debug, Default)]
pub struct BuildSummary {
    /// Models that were written.
    pub built: Vec<BuiltModel>,
    /// Models that are as they would be.
    pub unchanged: Vec<String>,
}

/// A model that was written.
#[derive(Debug)]
pub struct BuiltModel {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub n_rows: u64,
    /// How long it took.
    pub duration_secs: f64,
}

/// Builds the named models and what they read, or all.
///
/// # Errors
/// A model is unknown, its SQL fails, or its key is not one. Models built before it stay built.
pub fn build(
    lake: &Lake,
    options: &EngineOptions,
    only: &[String],
    attempt: &str,
    progress: &dyn Progress,
) -> Result<BuildSummary, MartError> {
    let models = models();
    let wanted = wanted(models, only)?;
    let attempt = lake.begin_attempt(attempt)?;
    let mut engine = Engine::open(lake, options)?;
    let mut summary = BuildSummary::default();
    progress.begin("build", wanted.len(), 0);
    for model in models.iter().filter(|model| wanted.contains(&model.name)) {
        progress.file(&model.name);
        if !model.is_materialized {
            engine.add_view(model).map_err(|source| MartError::Query { model: model.name.clone(), source })?;
        } else if let Some(built) = build_one(lake, &attempt, &mut engine, models, model)? {
            summary.built.push(built);
        } else {
            summary.unchanged.push(model.name.clone());
        }
        progress.file_done();
    }
    progress.end();
    attempt.end()?;
    Ok(summary)
}

/// Whether a mart is as a build would make it now.
///
/// # Errors
/// The mart cannot be read.
pub fn is_up_to_date(lake: &Lake, engine: &Engine, model: &Model) -> Result<bool, MartError> {
    let Some(table) = lake.table(&model.name)? else { return Ok(false) };
    Ok(note_of(lake, &table)? == Some(built_from(engine, models(), model)?))
}

fn wanted(models: &[Model], only: &[String]) -> Result<BTreeSet<String>, MartError> {
    if let Some(name) = only.iter().find(|name| !models.iter().any(|model| model.name == **name)) {
        return Err(MartError::Unknown { name: name.clone() });
    }
    if only.is_empty() {
        return Ok(models.iter().map(|model| model.name.clone()).collect());
    }
    Ok(only.iter().flat_map(|name| with_upstreams(models, name)).map(|model| model.name.clone()).collect())
}

/// A model and all models it reads, directly or not.
fn with_upstreams<'a>(models: &'a [Model], name: &str) -> Vec<&'a Model> {
    let mut found: Vec<&Model> = models.iter().filter(|model| model.name == name).collect();
    let mut at = 0;
    while at < found.len() {
        for upstream in &found[at].upstreams {
            let next = models.iter().find(|model| model.name == *upstream);
            found.extend(next.filter(|next| !found.iter().any(|model| model.name == next.name)));
        }
        at += 1;
    }
    found
}

fn build_one(
    lake: &Lake,
    attempt: &Attempt<'_>,
    engine: &mut Engine,
    models: &[Model],
    model: &Model,
) -> Result<Option<BuiltModel>, MartError> {
    let fail = |source| MartError::Query { model: model.name.clone(), source };
    let built_from = built_from(engine, models, model).map_err(fail)?;
    if let Some(table) = lake.table(&model.name)?
        && note_of(lake, &table)? == Some(built_from.clone())
    {
        return Ok(None);
    }
    let began = Instant::now();
    let sql = format!("select * from (\n{}\n) order by {}", model.sql, quoted(&model.key));
    let schema = stored_schema(engine.schema_of(&sql).map_err(fail)?.as_ref());
    let mut table = match lake.table(&model.name)? {
        Some(table) => table,
        None => lake.table_with(&model.name, &schema, &[])?,
    };
    let mut writer = PartWriter::open(&table, &schema, &BatchName::of(&model.name), attempt.name(), &[], lake.runtime())?;
    let mut check = KeyCheck::default();
    let mut n_rows = 0;
    let written = engine.stream(&sql, |rows| {
        let columns_error = |source| MartError::Columns { model: model.name.clone(), source };
        let rows = as_stored(&rows, &schema).map_err(columns_error)?;
        if let Some(fault) = check.take(&rows, &model.key).map_err(columns_error)? {
            return Err(MartError::Key { model: model.name.clone(), key: model.key.clone(), fault });
        }
        n_rows += rows.num_rows() as u64;
        Ok(writer.write(&rows)?)
    });
    if let Err(error) = written {
        writer.abandon()?;
        return Err(match error {
            MartError::Engine(source) => fail(source),
            other => other,
        });
    }
    let notes = HashMap::from([(BUILT_FROM.to_owned(), serde_json::Value::String(built_from))]);
    let change =
        Change { replaces_all: true, new_schema: Some(schema.as_ref().clone()), adds: writer.finish()?, notes, ..Change::default() };
    attempt.commit_together(vec![(&mut table, change)])?;
    engine.add_mart(&table)?;
    Ok(Some(BuiltModel { name: model.name.clone(), n_rows, duration_secs: began.elapsed().as_secs_f64() }))
}

/// What a mart is made of: the statements of the model and of all names below it, the release of the engine's functions, and what the
/// tables hold that these read. A table is told by its version; of `loads`, in which each run notes something, only what views read counts.
fn built_from(engine: &Engine, models: &[Model], model: &Model) -> Result<String, EngineError> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(FUNCTIONS_RELEASE.as_bytes());
    let mut sources = BTreeMap::new();
    let mut names: Vec<String> = vec![model.name.clone()];
    let mut at = 0;
    while let Some(name) = names.get(at).cloned() {
        at += 1;
        let of_model = models.iter().find(|model| model.name == name).map(|model| model.sql.as_str());
        let Some(sql) = of_model.or_else(|| engine.view_sql(&name)) else {
            if name != LOADS
                && let Some(version) = engine.rows_version(&name)?
            {
                sources.insert(name, version.to_string());
            }
            continue;
        };
        hasher.update(sql.as_bytes());
        for upstream in engine.tables_of(sql)? {
            if upstream == LOADS {
                // A view of packages reads the loads of its own table.
                let table = of_model.is_none().then(|| loaded_as(name.strip_suffix("_cumulative").unwrap_or(&name)));
                let label = table.map_or_else(|| LOADS.to_owned(), |table| format!("{LOADS}({table})"));
                sources.insert(label, engine.loads_digest(table)?);
            }
            if !names.contains(&upstream) {
                names.push(upstream);
            }
        }
    }
    let sources: Vec<String> = sources.iter().map(|(table, state)| format!("{table}@{state}")).collect();
    Ok(format!("sql {} over {}", &hasher.finalize().to_hex().as_str()[..16], sources.join(" ")))
}
fn note_of(lake: &Lake, table: &LakeTable) -> Result<Option<String>, LakeError> {
    let note = lake.runtime().block_on(table.note(BUILT_FROM))?;
    Ok(note.and_then(|note| note.as_str().map(ToOwned::to_owned)))
}

fn quoted(columns: &[String]) -> String {
    columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ")
}

/// The types a Delta table of ours has, for the types a query gives.
fn stored_schema(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| Field::new(field.name(), stored_type(field.data_type()), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn stored_type(kind: &DataType) -> DataType {
    match kind {
        DataType::Utf8View | DataType::LargeUtf8 | DataType::Null => DataType::Utf8,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => {
            DataType::Int64
        }
        DataType::Float16 | DataType::Float32 => DataType::Float64,
        DataType::Timestamp(..) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        DataType::Dictionary(_, value) => stored_type(value),
        other => other.clone(),
    }
}

fn as_stored(rows: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let columns = rows.columns().iter().zip(schema.fields()).map(|(column, field)| cast_with_options(column, field.data_type(), &strict));
    RecordBatch::try_new(Arc::clone(schema), columns.collect::<Result<Vec<_>, _>>()?)
}
