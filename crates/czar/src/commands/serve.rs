//! `czar serve`: one process that starts runs by schedule, when files arrive and when asked, and tells how it is. It ends on a signal.

use clap::{Args, ValueHint};

use crate::config::Flag;
use crate::exit::Outcome;
use crate::server;
use crate::workplace::Workplace;

/// Arguments of `czar serve`.
#[derive(Debug, Args)]
#[command(
    after_help = "The section [serve] of czar.toml says when runs start and where the server is reached. Who asks it needs a token: make one\n\
    with `czar token add NAME --role operator`. The status page is at the address the server prints when it is ready.\n\n\
    SIGTERM or Ctrl-C lets the run that is under way end, for a while; the exit code is 0. A second signal ends it at once."
)]
pub(crate) struct Arguments {
    /// Address and port, in place of the setting `serve.address`
    #[arg(long, value_name = "ADDRESS:PORT", value_hint = ValueHint::Other)]
    address: Option<String>,
}

impl Arguments {
    /// The arguments that are settings.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        let address = |address: &String| Flag { name: "--address", key: "serve.address", value: toml::Value::String(address.clone()) };
        self.address.iter().map(address).collect()
    }
}

pub(crate) fn run(workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    server::serve(workplace)
}
