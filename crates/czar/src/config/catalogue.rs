//! The list of all settings, read from their declaration in [`super::settings`]. It refuses to know any setting by name.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value as Json};

use super::Settings;

/// What a setting's value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Path,
    Integer { minimum: Option<i64> },
    Truth,
    Texts,
}

/// One setting.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    /// `section.name`, or the name alone for a setting before the first section.
    pub(crate) key: String,
    pub(crate) kind: Kind,
    pub(crate) description: String,
    /// Absent for a setting that is not set by default.
    pub(crate) default: Option<toml::Value>,
    /// A value to show for a setting without a default.
    pub(crate) example: Option<toml::Value>,
}

/// A section of the file; the first has no name.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) settings: Vec<Setting>,
}

impl Setting {
    /// The part of the key after the section.
    pub(crate) fn name(&self) -> &str {
        self.key.rsplit('.').next().unwrap_or(&self.key)
    }

    /// The environment variable that overrides the setting.
    pub(crate) fn environment_variable(&self) -> String {
        format!("{}{}", ENVIRONMENT_PREFIX, self.key.replace('.', "__").to_ascii_uppercase())
    }
}

impl Kind {
    /// What a value must be, in words.
    pub(crate) fn in_words(self) -> String {
        match self {
            Self::Text => "a text".to_owned(),
            Self::Path => "a path".to_owned(),
            Self::Integer { minimum: None } => "a whole number".to_owned(),
            Self::Integer { minimum: Some(minimum) } => format!("a whole number from {minimum}"),
            Self::Truth => "true or false".to_owned(),
            Self::Texts => "a list of texts".to_owned(),
        }
    }
}

/// Environment variables that override settings begin so.
pub(crate) const ENVIRONMENT_PREFIX: &str = "CZAR__";

/// All sections with their settings, in the order of the file.
pub(crate) fn sections() -> Vec<Section> {
    let schema =
        SchemaSettings::default().with(|options| options.inline_subschemas = true).into_generator().into_root_schema_for::<Settings>();
    let schema = schema.to_value();
    let defaults = toml::Table::try_from(Settings::default()).unwrap_or_default();
    let mut head = Section { name: String::new(), description: String::new(), settings: Vec::new() };
    let mut sections = Vec::new();
    for (name, property) in properties(&schema) {
        if properties(property).next().is_none() {
            head.settings.push(setting(name.clone(), property, defaults.get(name)));
            continue;
        }
        let section_defaults = defaults.get(name).and_then(toml::Value::as_table);
        let settings = properties(property)
            .map(|(member, property)| {
                setting(format!("{name}.{member}"), property, section_defaults.and_then(|defaults| defaults.get(member)))
            })
            .collect();
        sections.push(Section { name: name.clone(), description: description(property), settings });
    }
    sections.insert(0, head);
    sections
}

/// All settings, in the order of the file.
pub(crate) fn settings() -> Vec<Setting> {
    sections().into_iter().flat_map(|section| section.settings).collect()
}

fn setting(key: String, property: &Json, default: Option<&toml::Value>) -> Setting {
    let example = property.get("examples").and_then(|examples| examples.get(0)).and_then(|example| toml::Value::try_from(example).ok());
    Setting { key, kind: kind(property), description: description(property), default: default.cloned(), example }
}

fn kind(property: &Json) -> Kind {
    // An optional setting has the types [kind, "null"].
    let has_type = |name: &str| match property.get("type") {
        Some(Json::String(only)) => only == name,
        Some(Json::Array(several)) => several.iter().any(|one| one == name),
        _ => false,
    };
    if has_type("integer") {
        let minimum = property.get("minimum").and_then(Json::as_i64);
        return Kind::Integer { minimum };
    }
    if has_type("boolean") {
        return Kind::Truth;
    }
    if has_type("array") {
        return Kind::Texts;
    }
    if property.get("format").is_some_and(|format| format == "path") { Kind::Path } else { Kind::Text }
}

fn description(property: &Json) -> String {
    // A doc comment's lines are one paragraph; how it was wrapped in the source says nothing.
    let text = property.get("description").and_then(Json::as_str).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn properties(schema: &Json) -> impl Iterator<Item = (&String, &Json)> {
    schema.get("properties").and_then(Json::as_object).into_iter().flat_map(Map::iter)
}
