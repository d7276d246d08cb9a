//! A statement of the user's as the engine plans it: parsed in our dialect, with moments kept to the microsecond, as all tables have them. It
//! plans and runs nothing.
//!
//! The engine's own moments count nanoseconds and end in the year 2262; a table may hold later ones, and a comparison with one of the engine's
//! would take the whole query down.

use std::ops::ControlFlow;

use datafusion::common::{DataFusionError, TableReference};
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast::{
    CastKind, DataType, Expr, Function, Ident, ObjectName, ObjectNamePart, TimezoneInfo, Value, VisitMut as _, VisitorMut,
};

use super::dialect::OurDialect;

/// Digits behind the second.
const MICROSECONDS: u64 = 6;

/// Parses one statement.
///
/// # Errors
/// It is no statement, or several.
pub(super) fn parse(sql: &str) -> Result<Statement, DataFusionError> {
    let mut statements = DFParserBuilder::new(sql).with_dialect(&OurDialect).build()?.parse_statements()?;
    let mut statement = match (statements.pop_front(), statements.is_empty()) {
        (Some(statement), true) => statement,
        (Some(_), false) => return Err(DataFusionError::Plan("one statement at a time can be run".to_owned())),
        (None, _) => return Err(DataFusionError::Plan("there is no statement".to_owned())),
    };
    keep_microseconds(&mut statement);
    Ok(statement)
}

/// The tables a statement names.
///
/// # Errors
/// A name cannot be one.
pub(super) fn tables_named(statement: &Statement) -> Result<Vec<TableReference>, DataFusionError> {
    Ok(resolve_table_references(statement, true)?.0)
}

fn keep_microseconds(statement: &mut Statement) {
    match statement {
        Statement::Statement(statement) => {
            let ControlFlow::<()>::Continue(()) = statement.visit(&mut Microseconds) else { return };
        }
        Statement::Explain(explain) => keep_microseconds(&mut explain.statement),
        _ => {}
    }
}

struct Microseconds;

impl VisitorMut for Microseconds {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::Cast { data_type: DataType::Timestamp(digits @ None, _), .. } => *digits = Some(MICROSECONDS),
            Expr::TypedString(typed) => {
                if let DataType::Timestamp(digits @ None, _) = &mut typed.data_type {
                    *digits = Some(MICROSECONDS);
                }
            }
            Expr::Function(function) => match simple_name(function).as_deref() {
                Some("now" | "current_timestamp") => {
                    let now = std::mem::replace(expr, Expr::Value(Value::Null.into()));
                    *expr = Expr::Cast {
                        kind: CastKind::Cast,
                        expr: Box::new(now),
                        data_type: DataType::Timestamp(Some(MICROSECONDS), TimezoneInfo::WithTimeZone),
                        array: false,
                        format: None,
                    };
                }
                Some("to_timestamp") => {
                    function.name = ObjectName(vec![ObjectNamePart::Identifier(Ident::new("to_timestamp_micros"))]);
                }
                _ => {}
            },
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// The name of a function of the engine's, in small letters.
fn simple_name(function: &Function) -> Option<String> {
    match function.name.0.as_slice() {
        [ObjectNamePart::Identifier(name)] => Some(name.value.to_ascii_lowercase()),
        _ => None,
    }
}
