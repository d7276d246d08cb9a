//! Makes the names of a statement ready: opens the tables at the versions that belong together, plans the views. A name that no statement
//! has costs nothing.

use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::common::{ScalarValue, TableReference};
use datafusion::datasource::empty::EmptyTable;
use datafusion::prelude::lit;
use datafusion::sql::parser::Statement;

use super::catalogue::Source;
use super::history::as_of_sql;
use super::snapshot_table::SnapshotTable;
use super::{Engine, EngineError, statement};
use crate::lake::schema::{Column, LOADS, REJECTS, arrow_schema};

/// The schema of the engine that tells what there is.
const INFORMATION_SCHEMA: &str = "information_schema";

impl Engine {
    /// Makes what a statement names ready.
    pub(super) fn make_ready(&self, sql: &str, parsed: &Statement) -> Result<(), EngineError> {
        for name in statement::tables_named(parsed).map_err(|source| EngineError::query(sql, source))? {
            match name.schema() {
                None => self.make(name.table())?,
                Some(INFORMATION_SCHEMA) => self.tables.keys().try_for_each(|name| self.make(name))?,
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Registers a name, if it is one and not registered yet.
    fn make(&self, name: &str) -> Result<(), EngineError> {
        let Some(entry) = self.tables.get(name).filter(|_| !self.is_registered(name)) else { return Ok(()) };
        match &entry.source {
            Source::Stored { version, columns } => {
                let table = self.lake.table_at(name, *version)?;
                let table = SnapshotTable::of(&table).map_err(EngineError::setup)?;
                let lacking: Vec<_> = columns.iter().filter(|(name, _)| table.schema().field_with_name(name).is_err()).collect();
                self.register(name, Arc::new(table))?;
                if !lacking.is_empty() {
                    self.fill_up(name, &lacking)?;
                }
                self.narrow(name)
            }
            Source::Nothing { columns } => {
                let columns: Vec<Column<'_>> = columns.clone();
                self.register(name, Arc::new(EmptyTable::new(Arc::new(arrow_schema(columns)))))
            }
            Source::View { sql, may_fail } => match self.plan_unbound(sql) {
                Ok(frame) => self.register(name, frame.into_view()),
                Err(error) if *may_fail => {
                    tracing::debug!(view = %name, %error, "view left out until the next build");
                    Ok(())
                }
                Err(error) => Err(error),
            },
            Source::Given => Ok(()),
        }
    }

    /// Adds, as nulls, the columns that a table of an older release lacks until the next load widens it.
    fn fill_up(&self, name: &str, lacking: &[&Column<'static>]) -> Result<(), EngineError> {
        let mut rows = self.plan_unbound(&format!("select * from {}", crate::sql::name(name)))?;
        for (column, kind) in lacking {
            let null = ScalarValue::try_new_null(&kind.arrow()).map_err(EngineError::setup)?;
            rows = rows.with_column(column, lit(null)).map_err(EngineError::setup)?;
        }
        self.deregister(name)?;
        self.register(name, rows.into_view())
    }

    /// Takes away what was delivered after the day as of which the lake is open. All views stand on the narrowed tables.
    fn narrow(&self, name: &str) -> Result<(), EngineError> {
        let Some(day) = self.as_of else { return Ok(()) };
        if name == REJECTS {
            // What was rejected is told by the loads.
            self.make(LOADS)?;
        }
        let all = self.plan_unbound(&format!("select * from {}", crate::sql::name(name)))?;
        let columns: Vec<String> = all.schema().fields().iter().map(|field| field.name().clone()).collect();
        let Some(sql) = as_of_sql(name, &columns, day) else { return Ok(()) };
        let narrowed = self.plan_unbound(&sql)?.into_view();
        self.deregister(name)?;
        self.register(name, narrowed)
    }

    fn is_registered(&self, name: &str) -> bool {
        self.context.table_exist(TableReference::bare(name.to_owned())).unwrap_or(false)
    }

    pub(super) fn register(&self, name: &str, provider: Arc<dyn TableProvider>) -> Result<(), EngineError> {
        self.context.register_table(TableReference::bare(name.to_owned()), provider).map_err(EngineError::setup)?;
        Ok(())
    }

    pub(super) fn deregister(&self, name: &str) -> Result<(), EngineError> {
        self.context.deregister_table(TableReference::bare(name.to_owned())).map_err(EngineError::setup)?;
        Ok(())
    }
}
