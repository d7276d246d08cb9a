//! The stages of `czar bench` as rows. It measures nothing.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};
use datafusion::arrow::error::ArrowError;

use super::stages::{INFLATE, Stage};

/// One row for each stage.
pub(super) fn batch(stages: &[Stage]) -> Result<RecordBatch, ArrowError> {
    let inflate_cpu_secs = stages.iter().find(|stage| stage.name == INFLATE).and_then(|stage| stage.cost.cpu_secs);
    let names = StringArray::from_iter_values(stages.iter().map(|stage| stage.name.as_str()));
    let whole = |value: &dyn Fn(&Stage) -> Option<u64>| -> ArrayRef { Arc::new(stages.iter().map(value).collect::<UInt64Array>()) };
    let number = |value: &dyn Fn(&Stage) -> Option<f64>, digits: i32| -> ArrayRef {
        Arc::new(stages.iter().map(|stage| value(stage).map(|value| rounded(value, digits))).collect::<Float64Array>())
    };
    let wall_secs = |stage: &Stage| stage.cost.wall.as_secs_f64();
    let clear_mb = |stage: &Stage| stage.n_clear_bytes.map(|n| n as f64 / 1e6);
    let per_sec = |n: f64, stage: &Stage| if wall_secs(stage) > 0.0 { Some(n / wall_secs(stage)) } else { None };
    let cpu_ratio = |stage: &Stage| {
        let alone = inflate_cpu_secs.filter(|alone| *alone > 0.0 && stage.reads_events)?;
        Some(stage.cost.cpu_secs? / alone)
    };
    // What an ingest passed over or a build wrote is no speed of reading.
    let records_per_sec = |stage: &Stage| per_sec(stage.n_records.filter(|_| stage.n_files.is_some())? as f64, stage);
    RecordBatch::try_from_iter_with_nullable([
        ("stage", Arc::new(names) as ArrayRef, false),
        ("n_files", whole(&|stage| stage.n_files), true),
        ("n_records", whole(&|stage| stage.n_records), true),
        ("clear_mb", number(&clear_mb, 1), true),
        ("wall_secs", number(&|stage| Some(wall_secs(stage)), 3), true),
        ("cpu_secs", number(&|stage| stage.cost.cpu_secs, 2), true),
        ("mb_per_sec", number(&|stage| per_sec(clear_mb(stage)?, stage), 1), true),
        ("records_per_sec", number(&records_per_sec, 0), true),
        ("cpu_ratio", number(&cpu_ratio, 2), true),
        ("peak_mib", number(&|stage| stage.cost.peak_bytes.map(|n| n as f64 / f64::from(1 << 20)), 0), true),
    ])
}

fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}
