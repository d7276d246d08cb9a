//! Turns facts into a subject, a text and a page of HTML: by the user's templates where there are some, else by the built-in ones. A user's
//! template that is broken never keeps a notice from being sent: the built-in one takes its place, and the fault is told.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};
use serde::Serialize;

use super::facts::Facts;
use crate::thousands::thousands;

/// A subject is one line, and no longer.
const MOST_SUBJECT_CHARACTERS: usize = 200;
/// No template is longer.
const MOST_TEMPLATE_BYTES: u64 = 1 << 20;

/// The built-in templates by name: `KIND.subject`, `KIND.text`, `KIND.html`, and the frames around the last two.
pub const BUILT_IN: [(&str, &str); 20] = [
    ("layout.text", include_str!("templates/layout.text")),
    ("layout.html", include_str!("templates/layout.html")),
    ("new_data.subject", include_str!("templates/new_data.subject")),
    ("new_data.text", include_str!("templates/new_data.text")),
    ("new_data.html", include_str!("templates/new_data.html")),
    ("failure.subject", include_str!("templates/failure.subject")),
    ("failure.text", include_str!("templates/failure.text")),
    ("failure.html", include_str!("templates/failure.html")),
    ("recovered.subject", include_str!("templates/recovered.subject")),
    ("recovered.text", include_str!("templates/recovered.text")),
    ("recovered.html", include_str!("templates/recovered.html")),
    ("key_expiring.subject", include_str!("templates/key_expiring.subject")),
    ("key_expiring.text", include_str!("templates/key_expiring.text")),
    ("key_expiring.html", include_str!("templates/key_expiring.html")),
    ("gap_found.subject", include_str!("templates/gap_found.subject")),
    ("gap_found.text", include_str!("templates/gap_found.text")),
    ("gap_found.html", include_str!("templates/gap_found.html")),
    ("report.subject", include_str!("templates/report.subject")),
    ("report.text", include_str!("templates/report.text")),
    ("report.html", include_str!("templates/report.html")),
];

/// What templates see.
#[derive(Debug, Clone, Serialize)]
pub struct Context<'a> {
    /// The kind, by name.
    pub kind: &'a str,
    /// Name of the institution, when it is set.
    pub organisation: Option<&'a str>,
    /// The data folder.
    pub place: &'a str,
    /// When what is told happened.
    pub made_at: DateTime<Utc>,
    /// Whether it is a test with made-up facts.
    pub is_test: bool,
    /// What happened.
    pub facts: &'a Facts,
    /// Names of files of a report that are too big to be sent along.
    pub not_attached: Vec<String>,
}

/// A notice in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// A page.
    pub html: String,
}

/// The templates in force.
pub struct Templates {
    built_in: Environment<'static>,
    /// Built-in templates, with the user's in place of those of the same name.
    of_user: Option<Environment<'static>>,
    faults: BTreeMap<String, String>,
}

impl Templates {
    /// Takes the built-in templates, and those of a folder in place of the built-in ones of the same name.
    #[must_use]
    pub fn open(folder: Option<&Path>) -> Self {
        let mut templates = Self { built_in: environment(), of_user: None, faults: BTreeMap::new() };
        let Some(folder) = folder else { return templates };
        let mut of_user = environment();
        match std::fs::read_dir(folder) {
            Ok(entries) => {
                for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
                    templates.take(&mut of_user, &path);
                }
            }
            Err(error) => templates.fault(&folder.display().to_string(), format!("could not read the folder of templates: {error}")),
        }
        templates.of_user = Some(of_user);
        templates
    }

    /// What is wrong with the user's templates so far, each a sentence.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        self.faults.values().cloned().collect()
    }

    /// Puts a notice into words.
    #[must_use]
    pub fn render(&mut self, context: &Context<'_>) -> Rendered {
        let value = Value::from(Serde(context));
        let subject = self.part(&format!("{}.subject", context.kind), &value);
        Rendered {
            subject: one_line(&subject, context.is_test, context.organisation),
            text: self.part(&format!("{}.text", context.kind), &value).trim().to_owned() + "\n",
            html: self.part(&format!("{}.html", context.kind), &value),
        }
    }

    fn part(&mut self, name: &str, value: &Value) -> String {
        if let Some(of_user) = &self.of_user {
            match of_user.get_template(name).and_then(|template| template.render(value.clone())) {
                Ok(text) => return text,
                Err(error) => {
                    let place = error.name().unwrap_or(name).to_owned();
                    self.fault(&place, sentence(&place, &error));
                }
            }
        }
        // The built-in templates are rendered with every kind of facts by a test; a subject-less notice is better than none.
        self.built_in.get_template(name).and_then(|template| template.render(value.clone())).unwrap_or_else(|_| name.to_owned())
    }

    fn take(&mut self, of_user: &mut Environment<'static>, path: &Path) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_template = [".subject", ".text", ".html"].iter().any(|ending| name.ends_with(ending));
        if !is_template {
            return;
        }
        if !BUILT_IN.iter().any(|(known, _)| *known == name) {
            self.fault(&name, format!("no template is named `{name}`: `czar notify templates` lists them"));
            return;
        }
        let is_too_big = std::fs::metadata(path).is_ok_and(|facts| facts.len() > MOST_TEMPLATE_BYTES);
        let source = if is_too_big { Err(std::io::Error::other("it is too big")) } else { std::fs::read_to_string(path) };
        match source {
            Ok(source) => {
                if let Err(error) = of_user.add_template_owned(name.clone(), source) {
                    self.fault(&name, sentence(&name, &error));
                }
            }
            Err(error) => self.fault(&name, format!("could not read the template `{name}`: {error}")),
        }
    }

    fn fault(&mut self, name: &str, sentence: String) {
        self.faults.entry(name.to_owned()).or_insert(sentence);
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    // A name that does not exist is a mistake of the template, not an empty text.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None });
    // A tag on a line of its own leaves no line behind.
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    environment.add_filter("number", thousands);
    environment.add_filter("count", |n: u64, noun: String| format!("{} {noun}{}", thousands(n), if n == 1 { "" } else { "s" }));
    environment.add_filter("bytes", bytes);
    environment.add_filter("moment", moment);
    environment.add_filter("missing", missing);
    for (name, source) in BUILT_IN {
        // They are checked by a test; one that could not be read would be missed by name.
        let _ = environment.add_template(name, source);
    }
    environment
}

#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
fn bytes(n: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    let mut value = n as f64;
    let mut unit = "bytes";
    for next in units {
        if value < 1000.0 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    if unit == "bytes" { format!("{n} bytes") } else { format!("{value:.1} {unit}") }
}

fn moment(text: &str) -> Result<String, Error> {
    let moment: DateTime<Utc> =
        text.parse().map_err(|_| Error::new(ErrorKind::InvalidOperation, "the filter `moment` takes a moment, such as `made_at`"))?;
    Ok(moment.format("%Y-%m-%d %H:%M UTC").to_string())
}

/// What is missing, in words.
fn missing(what: &str, n: u64) -> String {
    let noun = match what {
        "event_files" => "day without an event file",
        "empty_event_files" => "day with an empty event file",
        "packages" => "week without a data package",
        "email_opt_in" => "week without an e-mail opt-in list",
        other => other,
    };
    let (unit, rest) = noun.split_once(' ').unwrap_or((noun, ""));
    format!("{} {unit}{} {rest}", thousands(n), if n == 1 { "" } else { "s" })
}

/// A subject without line ends, and with the institution in front.
fn one_line(subject: &str, is_test: bool, organisation: Option<&str>) -> String {
    let words: Vec<&str> = subject.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    let sender = organisation.map_or_else(|| "czar".to_owned(), |organisation| format!("czar {organisation}"));
    let test = if is_test { "test: " } else { "" };
    format!("[{sender}] {test}{}", words.join(" ")).chars().filter(|c| !c.is_control()).take(MOST_SUBJECT_CHARACTERS).collect()
}

/// A fault of a user's template. The library's detail names a variable or a tag, never a value.
fn sentence(name: &str, error: &Error) -> String {
    let line = error.line().map(|line| format!(":{line}")).unwrap_or_default();
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("template `{name}{line}` cannot be used, so the built-in one is: {}{detail}", error.kind())
}
