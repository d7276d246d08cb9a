//! The answers of `czar check` as text for people. It judges nothing.

use std::fmt::Write as _;

use czar_pipeline::checks::{Answer, Gravity, Group, Report, State};

use crate::words;

/// More findings than this of one check help nobody; the hint below them says where all are.
const MAX_FINDINGS: usize = 5;
/// More requests than this are for a file: `--format json` has them all.
const MAX_REQUESTS: usize = 20;
/// Under the text of a check.
const INDENT: &str = "           ";

/// Writes the report.
pub(super) fn write(lake: &str, has_lake: bool, report: &Report, duration: &str) -> String {
    let mut text = if has_lake { format!("Lake `{lake}`\n") } else { format!("There is nothing in the lake `{lake}` yet\n") };
    for group in Group::ALL {
        let answers: Vec<&Answer> = report.checks.iter().filter(|answer| answer.group == group).collect();
        if answers.is_empty() || (!has_lake && answers.iter().all(|answer| answer.state == State::NotAsked)) {
            continue;
        }
        let _ = writeln!(text, "\n{}", group.title());
        answers.iter().for_each(|answer| add(&mut text, answer));
    }
    requests(&mut text, &report.ask);
    text.push('\n');
    text.push_str(&closing_line(has_lake, report, duration));
    text
}

fn add(text: &mut String, answer: &Answer) {
    match answer.gravity {
        None if answer.state == State::NotAsked => {
            let _ = writeln!(text, "  -        {}: {}", answer.id, answer.reason.as_deref().unwrap_or_default());
        }
        None => {
            let _ = writeln!(text, "  ok       {}", answer.rule);
        }
        Some(gravity) => {
            let n = answer.findings.len();
            let more = if n > 1 { format!(", {n} findings") } else { String::new() };
            let _ = writeln!(text, "  {:7}  not so: {} ({}{more})", gravity.as_str(), answer.rule, answer.id);
            for finding in answer.findings.iter().take(MAX_FINDINGS) {
                let _ = writeln!(text, "{INDENT}{}", finding.message);
            }
            if n > MAX_FINDINGS {
                let _ = writeln!(text, "{INDENT}and {} more: `czar check --detail {}`", n - MAX_FINDINGS, answer.id);
            }
            if let Some(next_step) = answer.next_step {
                let _ = writeln!(text, "{INDENT}-> {next_step}");
            }
        }
    }
}

fn requests(text: &mut String, ask: &[String]) {
    if ask.is_empty() {
        return;
    }
    text.push_str("\nWhat to ask edX for (data.support@edx.org or your partner manager; no learner is named)\n");
    for request in ask.iter().take(MAX_REQUESTS) {
        let _ = writeln!(text, "  - {request}");
    }
    if ask.len() > MAX_REQUESTS {
        let _ = writeln!(text, "  and {} more: `czar check --format json` has them all", ask.len() - MAX_REQUESTS);
    }
}

fn closing_line(has_lake: bool, report: &Report, duration: &str) -> String {
    let mut parts = Vec::new();
    for (gravity, noun) in [(Gravity::Error, "error"), (Gravity::Warning, "warning"), (Gravity::Note, "note")] {
        let n = report.n_with(gravity);
        if n > 0 {
            parts.push(words::count(n as u64, noun));
        }
    }
    let n_ok = report.n_in(State::Ok);
    parts.push(format!("{n_ok} ok"));
    let n_not_asked = report.n_in(State::NotAsked);
    if n_not_asked > 0 {
        parts.push(format!("{n_not_asked} with nothing to look at"));
    }
    let next = if has_lake { "" } else { "Load a delivery with `czar ingest FOLDER`, or see what this looks like with `czar demo`\n" };
    format!("Checked {}: {} ({duration})\n{next}", words::count_of(&report.checks, "rule"), parts.join(", "))
}
