//! The page on checks, from their declaration in the pipeline.

use std::fmt::Write as _;

use czar_pipeline::checks::{self, Group};

use super::{WRITTEN, sentence};

pub(super) fn page() -> String {
    let mut text = format!(
        "# Checks\n\n{WRITTEN}\n`czar check` asks whether these rules hold. A rule that does not hold somewhere gives findings; a finding with a known \
         reason is a note, whatever the gravity of its check. Errors and warnings make the exit code 1. `czar check --detail ID` lists the single \
         rows behind the findings of a check, and is the only place where user ids appear.\n"
    );
    for group in Group::ALL {
        let _ = write!(text, "\n## {}\n", group.title());
        for check in checks::all().filter(|check| check.group == group) {
            let _ = write!(
                text,
                "\n### `{}`\n\nRule: {} Gravity: {}.\n\n{}\n\nNext step: {}.\n",
                check.id,
                sentence(check.rule),
                check.gravity.as_str(),
                check.meaning,
                check.next_step
            );
        }
    }
    text
}
