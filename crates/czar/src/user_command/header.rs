//! The comment lines at the head of a user command: what it does, and its parameters. It does not look at the SQL below them.

use super::{Parameter, ParameterKind};

/// Words that begin a line that declares a parameter.
const PARAMETER: &str = "parameter ";

/// Options of `czar cmd` itself, which a parameter cannot take.
const TAKEN: [&str; 5] = ["format", "output", "help", "version", "verbose"];

/// Reads the comment lines before the first line of SQL: description and parameters.
///
/// # Errors
/// The number of a line that declares a parameter and cannot be understood, with the reason.
pub(super) fn read(text: &str) -> Result<(String, Vec<Parameter>), (usize, String)> {
    let mut description = String::new();
    let mut parameters: Vec<Parameter> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some(comment) = line.trim_start().strip_prefix("--") else {
            if line.trim().is_empty() {
                continue;
            }
            break;
        };
        let comment = comment.trim();
        let Some(declaration) = comment.strip_prefix(PARAMETER) else {
            if !comment.is_empty() {
                description.push_str(if description.is_empty() { "" } else { " " });
                description.push_str(comment);
            }
            continue;
        };
        let parameter = parameter(declaration).map_err(|reason| (index + 1, reason))?;
        if parameters.iter().any(|other| other.name == parameter.name) {
            return Err((index + 1, format!("the parameter `{}` is declared twice", parameter.name)));
        }
        parameters.push(parameter);
    }
    Ok((description, parameters))
}

/// `since: date = 2000-01-01. First day that counts.`
fn parameter(declaration: &str) -> Result<Parameter, String> {
    let (name, rest) = declaration
        .split_once(':')
        .ok_or("a parameter is declared as `-- parameter NAME: KIND = DEFAULT. Description`; default and description can be left out")?;
    let name = name.trim();
    if !name.starts_with(|c: char| c.is_ascii_lowercase())
        || !name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
    {
        return Err(format!("`{name}` is no name of a parameter: small letters, digits and `_`, a letter first"));
    }
    if TAKEN.contains(&name) {
        return Err(format!("a parameter cannot be called `{name}`: that is an option of every command"));
    }
    // A default may hold a full stop, so only one before a space ends it.
    let (head, description) = rest.split_once(". ").unwrap_or((rest.trim_end().trim_end_matches('.'), ""));
    let (kind, default) = match head.split_once('=') {
        Some((kind, default)) => (kind, Some(default.trim().to_owned())),
        None => (head, None),
    };
    let kind = ParameterKind::of_name(kind.trim())
        .ok_or_else(|| format!("`{}` is no kind of a parameter; the kinds are {}", kind.trim(), ParameterKind::names()))?;
    if let Some(default) = &default {
        kind.value(default, name).map_err(|error| error.to_string())?;
    }
    Ok(Parameter { name: name.to_owned(), kind, default, description: description.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot set up its data has failed")]

    use super::*;

    #[test]
    fn the_head_ends_with_the_first_line_of_sql() {
        let text = "-- Learners by day.\n--\n-- parameter since: date = 2000-01-01. First day.\n\n-- All sites.\nselect 1 -- no head\n-- parameter x: nothing\n";
        let (description, parameters) = read(text).unwrap();
        assert_eq!(description, "Learners by day. All sites.");
        assert_eq!(parameters.len(), 1);
        assert_eq!((parameters[0].default.as_deref(), parameters[0].description.as_str()), (Some("2000-01-01"), "First day."));
    }

    #[test]
    fn default_and_description_can_be_left_out() {
        let (_, parameters) = read("-- parameter share: number = 0.5\n-- parameter course: text\nselect $share").unwrap();
        assert_eq!(parameters[0].default.as_deref(), Some("0.5"));
        assert_eq!((parameters[1].kind, parameters[1].default.as_deref()), (ParameterKind::Text, None));
    }

    #[test]
    fn what_cannot_be_understood_is_told_with_its_line() {
        for (text, reason) in [
            ("-- a\n-- parameter since date", "is declared as"),
            ("-- a\n-- parameter Since: date", "no name of a parameter"),
            ("-- a\n-- parameter since: day", "no kind of a parameter"),
            ("-- a\n-- parameter since: date = soon", "`since` must be a day"),
            ("-- a\n-- parameter format: text", "option of every command"),
        ] {
            let (line, told) = read(text).unwrap_err();
            assert!(line == 2 && told.contains(reason), "{told}");
        }
    }
}
