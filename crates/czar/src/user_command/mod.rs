//! User commands: SQL files in a folder that are run by name, with parameters. It refuses to put a parameter's text into the SQL: values
//! are bound, so that none can be more than a value.
//!
//! ```sql
//! -- Learners who enrolled, by day.
//! -- parameter since: date = 2000-01-01. First day that counts.
//! select ... where start_date >= $since
//! ```

mod header;
mod parameter;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use datafusion::scalar::ScalarValue;

use crate::failure::{refusal, refusal_with_hint};
use crate::words;

pub(crate) use parameter::{Parameter, ParameterKind};

/// A command that a user wrote.
#[derive(Debug)]
pub(crate) struct UserCommand {
    /// The file's name without `.sql`.
    pub(crate) name: String,
    /// The comment lines at the head of the file.
    pub(crate) description: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) sql: String,
}

impl UserCommand {
    /// Values for all parameters: those given, and the defaults of the others.
    ///
    /// # Errors
    /// A value does not fit, a parameter has none, or a name is none of the parameters.
    pub(crate) fn bind(&self, given: &BTreeMap<String, String>) -> anyhow::Result<Vec<(String, ScalarValue)>> {
        if let Some(strange) = given.keys().find(|name| !self.parameters.iter().any(|parameter| parameter.name == **name)) {
            return Err(refusal(format!("the command `{}` has no parameter `{strange}`", self.name)));
        }
        let value_of = |parameter: &Parameter| {
            let text = given.get(&parameter.name).or(parameter.default.as_ref()).ok_or_else(|| {
                let name = &parameter.name;
                refusal_with_hint(
                    format!("the command `{}` needs a value for `{name}`", self.name),
                    format!("give it with --{} VALUE", name.replace('_', "-")),
                )
            })?;
            Ok((parameter.name.clone(), parameter.kind.value(text, &parameter.name)?))
        };
        self.parameters.iter().map(value_of).collect()
    }
}

/// All commands of a folder, by name. A folder that does not exist has none.
///
/// # Errors
/// The folder or a file cannot be read, or a file's head cannot be understood.
pub(crate) fn all(folder: &Path) -> anyhow::Result<Vec<UserCommand>> {
    let mut paths: Vec<PathBuf> = match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
    .with_context(|| format!("could not read the folder `{}`", folder.display()))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// The command of a name.
///
/// # Errors
/// There is none, or it cannot be read.
pub(crate) fn find(folder: &Path, name: &str) -> anyhow::Result<UserCommand> {
    let commands = all(folder)?;
    let near = words::nearest(name, commands.iter().map(|command| command.name.as_str())).map(str::to_owned);
    commands.into_iter().find(|command| command.name == name).ok_or_else(|| {
        let hint = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("`czar cmd` lists the commands of the folder `{}`; each is a file NAME.sql", folder.display()),
        };
        refusal_with_hint(format!("there is no user command `{name}`"), hint)
    })
}

fn read(path: &Path) -> anyhow::Result<UserCommand> {
    let text = std::fs::read_to_string(path).with_context(|| format!("could not read `{}`", path.display()))?;
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let (description, parameters) =
        header::read(&text).map_err(|(line, reason)| refusal(format!("{}:{line}: {reason}", path.display())))?;
    let sql = text.trim().trim_end_matches(';').trim_end().to_owned();
    Ok(UserCommand { name, description, parameters, sql })
}
