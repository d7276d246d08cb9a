//! A text compared with a moment is read as a moment to the microsecond, as columns have them. The engine would read it, and the column with
//! it, to the nanosecond, which no year after 2262 has.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr::{Between, InList};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable as _, LogicalPlan};
use datafusion::optimizer::analyzer::{Analyzer, AnalyzerRule};

/// The rules of the engine, after ours.
pub(super) fn rules() -> Vec<Arc<dyn AnalyzerRule + Send + Sync>> {
    let mut rules: Vec<Arc<dyn AnalyzerRule + Send + Sync>> = vec![Arc::new(TextMoments)];
    rules.extend(Analyzer::new().rules);
    rules
}

#[derive(Debug)]
struct TextMoments;

impl AnalyzerRule for TextMoments {
    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let in_plan = |plan: LogicalPlan| {
            let schema = merge_schema(&plan.inputs());
            let names = NamePreserver::new(&plan);
            plan.map_expressions(|expr| {
                let name = names.save(&expr);
                Ok(expr.transform_up(|expr| Ok(with_moments(expr, &schema)))?.update_data(|expr| name.restore(expr)))
            })
        };
        Ok(plan.transform_up_with_subqueries(in_plan)?.data)
    }

    fn name(&self) -> &'static str {
        "text_moments"
    }
}

/// An expression whose texts are moments where it compares them with some.
fn with_moments(expr: Expr, schema: &DFSchema) -> Transformed<Expr> {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if op.supports_propagation() => {
            let (left_kind, right_kind) = (moment_kind(&left, schema), moment_kind(&right, schema));
            Transformed::yes(Expr::BinaryExpr(BinaryExpr {
                left: Box::new(as_moment(*left, right_kind.as_ref())),
                op,
                right: Box::new(as_moment(*right, left_kind.as_ref())),
            }))
        }
        Expr::Between(Between { expr, negated, low, high }) => {
            let kind = moment_kind(&expr, schema);
            let bound = |bound: Box<Expr>| Box::new(as_moment(*bound, kind.as_ref()));
            Transformed::yes(Expr::Between(Between { low: bound(low), high: bound(high), expr, negated }))
        }
        Expr::InList(InList { expr, list, negated }) => {
            let kind = moment_kind(&expr, schema);
            let list = list.into_iter().map(|value| as_moment(value, kind.as_ref())).collect();
            Transformed::yes(Expr::InList(InList { expr, list, negated }))
        }
        other => Transformed::no(other),
    }
}

/// The type of an expression, if it is a moment as columns have it.
fn moment_kind(expr: &Expr, schema: &DFSchema) -> Option<DataType> {
    expr.get_type(schema).ok().filter(|kind| matches!(kind, DataType::Timestamp(TimeUnit::Microsecond, _)))
}

/// A text as a moment; another expression, and a text that is no moment, as it is.
fn as_moment(expr: Expr, kind: Option<&DataType>) -> Expr {
    let (Some(kind), Expr::Literal(value, metadata)) = (kind, &expr) else { return expr };
    if !matches!(value.data_type(), DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8) {
        return expr;
    }
    value.cast_to(kind).map_or(expr.clone(), |moment| Expr::Literal(moment, metadata.clone()))
}
