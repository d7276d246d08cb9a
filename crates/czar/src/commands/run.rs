//! `czar run`: everything that a night needs, in one command. It asks nobody anything.

use clap::Args;
use clap::builder::PossibleValuesParser;
use czar_pipeline::control::Cause;

use crate::exit::Outcome;
use crate::run::{self, Order, Step};
use crate::workplace::Workplace;

/// Arguments of `czar run`.
#[derive(Debug, Args)]
#[command(
    after_help = "Each step does only what is new, so a run that was stopped is simply started again. A step that is not set up is passed\n\
    over. Exit codes: 0 done, 1 something was set aside, 2 a step failed, 3 a remote place could not be reached."
)]
pub(crate) struct Arguments {
    /// Only this step; may be given several times
    #[arg(long, value_name = "STEP", value_parser = step_parser())]
    only: Vec<String>,

    /// All but this step; may be given several times
    #[arg(long, value_name = "STEP", value_parser = step_parser(), conflicts_with = "only")]
    without: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let configured = Step::of_names(&workplace.settings().run.steps, "the setting `run.steps`")?;
    let only = Step::of_names(&arguments.only, "--only")?;
    let without = Step::of_names(&arguments.without, "--without")?;
    let wanted = if only.is_empty() { configured } else { only };
    let steps: Vec<Step> = wanted.into_iter().filter(|step| !without.contains(step)).collect();
    run::run(workplace, &Order { cause: Cause::ByHand, request_id: None, steps: &steps })
}

fn step_parser() -> PossibleValuesParser {
    Step::ALL.map(Step::name).into()
}
