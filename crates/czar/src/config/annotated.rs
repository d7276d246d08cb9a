//! Writes the annotated example of `czar.toml` and the reference page, both from the declaration of the settings.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::catalogue::{self, Setting};

const WIDTH: usize = 100;

/// The annotated file. Settings with a value given here are set, all others stand as comments with their default or an example.
pub(crate) fn file(values: &BTreeMap<&str, toml::Value>) -> String {
    let mut text = String::from(
        "# Configuration of czar. Every setting is listed; a commented one shows its default or an example.\n\
         # Relative paths are relative to this file. Each setting can be overridden by an environment variable:\n\
         # `section.name` by CZAR__SECTION__NAME. `czar config show` prints what is in force and why.\n",
    );
    for section in catalogue::sections() {
        if !section.name.is_empty() {
            text.push('\n');
            comment(&mut text, &section.description);
            let _ = writeln!(text, "[{}]", section.name);
        }
        for (index, setting) in section.settings.iter().enumerate() {
            if index > 0 || section.name.is_empty() {
                text.push('\n');
            }
            comment(&mut text, &setting.description);
            let (mark, value) = match (values.get(setting.key.as_str()), shown(setting)) {
                (Some(value), _) => ("", value.to_string()),
                (None, Some(value)) => ("# ", value.to_string()),
                (None, None) => ("# ", "\"\"".to_owned()),
            };
            let _ = writeln!(text, "{mark}{} = {value}", setting.name());
        }
    }
    text
}

/// The reference page.
pub(crate) fn reference() -> String {
    let mut text = String::from(
        "# Configuration\n\n<!-- Written by `czar reference`. Do not edit. -->\n\n\
         `czar` reads the file given with `--config`, else `czar.toml` in the current folder, else none. A setting is taken from the \
         last of these that has it: default, file, environment, flag. `czar config show` prints each value and where it came from. \
         An unknown setting is an error. Relative paths in the file are relative to the file; in the environment and in flags, to the \
         current folder. An empty environment variable counts as not set. In a variable, the texts of a list stand between commas.\n",
    );
    for section in catalogue::sections() {
        if section.name.is_empty() {
            text.push_str("\n## Top level\n");
        } else {
            let _ = write!(text, "\n## `[{}]`\n\n{}\n", section.name, section.description);
        }
        for setting in &section.settings {
            let default = setting.default.as_ref().map_or_else(|| "not set".to_owned(), |value| format!("`{value}`"));
            let _ = write!(text, "\n### `{}`\n\n{}\n\n", setting.key, setting.description);
            let _ = writeln!(text, "- Value: {}", setting.kind.in_words());
            let _ = writeln!(text, "- Default: {default}");
            if let Some(example) = &setting.example {
                let _ = writeln!(text, "- Example: `{example}`");
            }
            let _ = writeln!(text, "- Environment: `{}`", setting.environment_variable());
        }
    }
    text
}

fn shown(setting: &Setting) -> Option<&toml::Value> {
    setting.default.as_ref().or(setting.example.as_ref())
}

fn comment(text: &mut String, paragraph: &str) {
    let mut line = String::from("#");
    for word in paragraph.split_whitespace() {
        if line.len() + 1 + word.len() > WIDTH {
            let _ = writeln!(text, "{line}");
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(text, "{line}");
}
