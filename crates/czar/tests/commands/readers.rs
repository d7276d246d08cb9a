//! Programs that know nothing of `czar` open the lake and count the same rows.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::support::Place;

const COUNT: &str = "
import json, pathlib, sys
import duckdb
from deltalake import DeltaTable

counts = {}
for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    if not (folder / '_delta_log').is_dir():
        continue
    table = DeltaTable(str(folder))
    protocol = table.protocol()
    assert (protocol.min_reader_version, protocol.min_writer_version) == (1, 2), (folder.name, protocol)
    rows = table.to_pyarrow_table()
    (by_duckdb,) = duckdb.sql('select count(*) from rows').fetchall()[0]
    assert by_duckdb == rows.num_rows
    counts[folder.name] = by_duckdb
print(json.dumps(counts))
";

/// What a Python script prints about a lake.
fn told_by_python(script: &str, lake: &Path) -> Vec<u8> {
    let python = std::env::var_os("CZAR_TEST_PYTHON").expect("run ./test: it makes the Python environment and sets CZAR_TEST_PYTHON");
    let output = Command::new(python).args(["-c", script]).arg(lake).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Rows of each table as `deltalake` and `duckdb` count them.
pub(crate) fn counts_of_others(lake: &Path) -> BTreeMap<String, u64> {
    serde_json::from_slice(&told_by_python(COUNT, lake)).unwrap()
}

#[test]
fn a_filter_on_any_column_of_any_table_finds_its_rows_through_pyarrow() {
    let place = Place::new();
    place.data(&["demo", "--learners", "20", "--days", "8", "--courses", "2"]);
    let told = told_by_python(include_str!("filters.py"), &place.path("demo/data/lake"));
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(told["wrong"], serde_json::json!([]));
    assert!(told["columns"].as_u64() > Some(1000) && told["filters"].as_u64() > Some(3000), "{told}");
}

#[test]
fn the_python_packages_deltalake_and_duckdb_count_the_same_rows() {
    let place = Place::new();
    place.data(&["demo", "--learners", "20", "--days", "8", "--courses", "2"]);
    let counts = counts_of_others(&place.path("demo/data/lake"));
    assert!(counts.len() > 20 && counts.contains_key("person_course") && counts.contains_key("tracking_events"), "{counts:?}");
    for (table, n_rows) in counts {
        let sql = format!("select count(*) from \"{table}\"");
        let ours = place.data(&["--config", "demo/czar.toml", "query", "--format", "csv", &sql]);
        assert_eq!(ours.lines().nth(1), Some(n_rows.to_string().as_str()), "{table}");
    }
}
