//! `czar token`: who may ask the server for what. A token is shown once, when it is made, and never again.

use chrono::{DateTime, TimeDelta, Utc};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use czar_pipeline::control::{Control, Role, TokenRecord};
use czar_pipeline::vault::SecretBytes;
use zeroize::Zeroizing;

use crate::exit::Outcome;
use crate::failure::{refusal, refusal_with_hint};
use crate::workplace::Workplace;

/// Tells people, and programs that look for lost secrets, what it is.
const PREFIX: &str = "czar_";
const N_BYTES: usize = 32;
const MAX_NAME: usize = 64;

/// Arguments of `czar token`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a token and print it, this once
    Add {
        /// Whom or what it is for
        #[arg(value_name = "NAME")]
        name: String,

        /// What it allows: a reader may look, an operator may start runs too, an admin may see the list of tokens too
        #[arg(long, value_name = "ROLE", value_parser = roles())]
        role: String,

        /// Days after which it counts no longer [default: it always counts]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        days: Option<u32>,
    },
    /// List the tokens, without the tokens themselves
    List,
    /// Take a token out: it counts no longer, at once
    Revoke {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
}

fn roles() -> PossibleValuesParser {
    Role::ALL.map(Role::name).into()
}

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let control = Control::open(&workplace.settings().data_folder)?;
    let now = (workplace.clock)();
    match &arguments.action {
        Action::Add { name, role, days } => add(&control, workplace, name, role, *days, now)?,
        Action::List => {
            let tokens = control.tokens()?;
            workplace.printer.write_data(&tokens.iter().map(|token| line(token, now)).collect::<String>())?;
            if tokens.is_empty() {
                workplace.printer.hint("there is none; make one with `czar token add NAME --role operator`");
            }
        }
        Action::Revoke { name } => {
            if !control.remove_token(name)? {
                return Err(refusal_with_hint(format!("there is no token `{name}`"), "`czar token list` shows their names"));
            }
            workplace.printer.say(&format!("The token `{name}` counts no longer"));
        }
    }
    Ok(Outcome::Done)
}

fn add(control: &Control, workplace: &Workplace<'_>, name: &str, role: &str, days: Option<u32>, now: DateTime<Utc>) -> anyhow::Result<()> {
    let is_plain = |character: char| !character.is_control();
    if name.trim().is_empty() || name.len() > MAX_NAME || !name.chars().all(is_plain) {
        return Err(refusal(format!("the name of a token is a text of at most {MAX_NAME} bytes on one line")));
    }
    let role = Role::of_name(role).ok_or_else(|| refusal(format!("there is no role `{role}`")))?;
    let expires_at = days.map(|days| now + TimeDelta::days(days.into()));
    let token = new_token()?;
    if !control.add_token(name, role, &token, expires_at, now)? {
        let hint = format!("take it out first with `czar token revoke {name}`, or choose another name");
        return Err(refusal_with_hint(format!("there is a token `{name}` already"), hint));
    }
    workplace.printer.write_secret(&token)?;
    let until = expires_at.map(|moment| format!(", until {}", moment.format("%Y-%m-%d %H:%M UTC"))).unwrap_or_default();
    workplace.printer.say(&format!("This is the token `{name}` with the role {}{until}. It is not shown again", role.name()));
    Ok(())
}

fn new_token() -> anyhow::Result<SecretBytes> {
    let mut bytes = Zeroizing::new([0; N_BYTES]);
    getrandom::fill(&mut *bytes).map_err(|error| refusal(format!("the system gives no random bytes: {error}")))?;
    let digits = Zeroizing::new(hex::encode(bytes.as_slice()));
    Ok(SecretBytes::new([PREFIX.as_bytes(), digits.as_bytes()].concat()))
}

/// `ann  operator  made 2026-11-20  last used 2026-11-21 08:00 UTC`
fn line(token: &TokenRecord, now: DateTime<Utc>) -> String {
    let day = |moment: DateTime<Utc>| moment.format("%Y-%m-%d").to_string();
    let used = token.last_used_at.map_or_else(|| "never used".to_owned(), |at| format!("last used {}", at.format("%Y-%m-%d %H:%M UTC")));
    let ends = match token.expires_at {
        Some(at) if token.has_expired(now) => format!(", expired {}", day(at)),
        Some(at) => format!(", until {}", day(at)),
        None => String::new(),
    };
    format!("{:20}  {:8}  made {}, {used}{ends}\n", token.name, token.role.name(), day(token.created_at))
}
