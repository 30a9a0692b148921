//! Options from the environment: every `--option` can be given as `INTERMESH_OPTION`, so that a pipeline sets once
//! what all of its commands share. What is on the command line outranks it.

use std::collections::BTreeSet;

use clap::builder::FalseyValueParser;
use clap::{Arg, ArgAction, Command};

/// What the name of every variable begins with.
const PREFIX: &str = "INTERMESH_";

/// Lets every option of a command and of those below it come from the environment. A list is separated by commas; a
/// flag is off with `false`, `no`, `off`, `0` or nothing, and on with anything else.
pub(super) fn every_option(command: Command) -> Command {
    command.mut_args(option).mut_subcommands(every_option)
}

fn option(arg: Arg) -> Arg {
    let Some(name) = variable(&arg) else { return arg };
    let arg = match arg.get_action() {
        ArgAction::SetTrue => arg.value_parser(FalseyValueParser::new()),
        ArgAction::Append => arg.value_delimiter(','),
        _ => arg,
    };
    arg.env(name).hide_env(true)
}

/// The variable of an option: `--max-age` is `INTERMESH_MAX_AGE`, unless its definition names another. Arguments
/// without `--` have none.
fn variable(arg: &Arg) -> Option<String> {
    if let Some(named) = arg.get_env() {
        return Some(named.to_string_lossy().into_owned());
    }
    let ends =
        matches!(arg.get_action(), ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version);
    let long = arg.get_long().filter(|_| !ends)?;
    Some(format!("{PREFIX}{}", long.replace('-', "_").to_uppercase()))
}

/// What to say beside wrong usage where options come from the environment: that one of them may be the reason.
pub(super) fn remark(definition: &Command) -> Option<String> {
    let set: Vec<String> = variables(definition).into_iter().filter(|name| std::env::var_os(name).is_some()).collect();
    (!set.is_empty()).then(|| format!("\nnote: options also come from the environment: {}", set.join(", ")))
}

/// The variables of a command and of all below it.
fn variables(command: &Command) -> BTreeSet<String> {
    let below = command.get_subcommands().flat_map(variables);
    command.get_arguments().filter_map(variable).chain(below).collect()
}
