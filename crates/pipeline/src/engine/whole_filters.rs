//! A Delta table that takes over no filter without columns. It changes nothing else.
//!
//! Where one branch of a `union all` has a literal in place of a column, a filter on that column becomes a condition without columns, such as
//! null. The reader of Delta tables (deltalake-core 1.1.3) says that it applies such a condition, as it would one on partition columns, and
//! does not: rows come out that the query excludes.

use std::pin::Pin;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{Constraints, Statistics};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;

/// A table whose filters are whole.
#[derive(Debug)]
pub(super) struct WholeFilters(pub(super) Arc<dyn TableProvider>);

impl TableProvider for WholeFilters {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }

    fn constraints(&self) -> Option<&Constraints> {
        self.0.constraints()
    }

    fn table_type(&self) -> TableType {
        self.0.table_type()
    }

    fn scan<'table, 'state, 'columns, 'filters, 'all>(
        &'table self,
        state: &'state dyn Session,
        projection: Option<&'columns Vec<usize>>,
        filters: &'filters [Expr],
        limit: Option<usize>,
    ) -> Pin<Box<dyn Future<Output = Result<Arc<dyn ExecutionPlan>>> + Send + 'all>>
    where
        'table: 'all,
        'state: 'all,
        'columns: 'all,
        'filters: 'all,
        Self: 'all,
    {
        self.0.scan(state, projection, filters, limit)
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let taken = self.0.supports_filters_pushdown(filters)?;
        let whole = |(filter, taken): (&&Expr, TableProviderFilterPushDown)| {
            if filter.column_refs().is_empty() { TableProviderFilterPushDown::Unsupported } else { taken }
        };
        Ok(filters.iter().zip(taken).map(whole).collect())
    }

    fn statistics(&self) -> Option<Statistics> {
        self.0.statistics()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch};

    use crate::engine::{Engine, EngineOptions};
    use crate::lake::{BatchName, Change, Lake, PartWriter};

    #[test]
    fn a_filter_on_a_column_that_a_branch_fills_with_a_literal_excludes_the_branch() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open_folder(folder.path()).unwrap();
        let attempt = lake.begin_attempt("a1").unwrap();
        let rows = RecordBatch::try_from_iter([("n", std::sync::Arc::new(Int64Array::from(vec![1, 2, 3])) as ArrayRef)]).unwrap();
        let mut table = lake.table_with("numbers", &rows.schema(), &[]).unwrap();
        let mut part = PartWriter::open(&table, &rows.schema(), &BatchName::of("a file"), "a1", &[], lake.runtime()).unwrap();
        part.write(&rows).unwrap();
        let change = Change { adds: part.finish().unwrap(), ..Change::default() };
        attempt.commit_together(vec![(&mut table, change)]).unwrap();
        attempt.end().unwrap();
        let engine = Engine::open(&lake, &EngineOptions::default()).unwrap();
        let count = |kind: &str| {
            let sql = format!(
                "select n from (select n, null as kind from numbers union all select n, 'a' as kind from numbers where n < 3) where kind = '{kind}'"
            );
            engine.sql(&sql).unwrap().batches.iter().map(RecordBatch::num_rows).sum::<usize>()
        };
        assert_eq!((count("a"), count("b")), (2, 0));
    }
}
