//! Lists all checks: what should hold, and how bad it is when it does not. It runs none.

use std::fmt::Write as _;

use czar_pipeline::checks::{self, Check, Group};
use serde_json::{Value, json};

use crate::exit::Outcome;
use crate::printer::Printer;

pub(super) fn run(is_json: bool, printer: &Printer) -> anyhow::Result<Outcome> {
    let text = if is_json {
        let all: Vec<Value> = checks::all().map(object).collect();
        format!("{}\n", serde_json::to_string_pretty(&all)?)
    } else {
        text()
    };
    printer.write_data(&text)?;
    Ok(Outcome::Done)
}

fn object(check: &Check) -> Value {
    json!({
        "id": check.id,
        "group": check.group.id(),
        "gravity": check.gravity.as_str(),
        "rule": check.rule,
        "meaning": check.meaning,
        "next_step": check.next_step,
    })
}

fn text() -> String {
    let mut text = String::new();
    let width = checks::all().map(|check| check.id.len()).max().unwrap_or_default();
    for group in Group::ALL {
        let _ = writeln!(text, "{}{}", if text.is_empty() { "" } else { "\n" }, group.title());
        for check in checks::all().filter(|check| check.group == group) {
            let _ = writeln!(text, "  {:7}  {:width$}  {}", check.gravity.as_str(), check.id, check.rule);
        }
    }
    text.push_str("\ndocs/reference/checks.md tells what each compares and what to do.\n");
    text
}
