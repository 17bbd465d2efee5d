//! What the command does: one file for each verb.

mod check;
mod compare;
mod completions;
mod diff;
mod explain;
mod findings;
mod generate;
mod init;
mod lint;
mod list;
mod prove;
mod runbook;
mod schema;

use std::process::ExitCode;

use crate::args::{Arguments, Command, Format};
use crate::error::Error;
use crate::exit::{COULD_NOT_RUN, Exit};
use crate::output::Output;
use crate::overlay;
use crate::render::{error, github};
use crate::working_folder::WorkingFolder;

/// Runs the command and says how it ended: 0 clean, 1 findings or drift, 2 could not run.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let mut output = Output::new(arguments.shared.color);
    let ended = dispatch(arguments, &mut output);
    match ended.and_then(|exit| output.flush().map(|()| exit).map_err(Error::from)) {
        Ok(exit) => exit.into(),
        Err(reason) => {
            output.message(&error::error(&reason));
            if is_for_github(arguments) {
                // It has been said already.
                let _ = output.result(&github::error(&reason)).and_then(|()| output.flush());
            }
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

/// Returns whether what is found is to be shown on lines, by GitHub.
fn is_for_github(arguments: &Arguments) -> bool {
    let format = match &arguments.command {
        Some(Command::Check(check)) => check.format,
        Some(Command::Lint(lint)) => lint.format,
        _ => None,
    };
    format == Some(Format::Github)
}

fn dispatch(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let shared = &arguments.shared;
    let here = || WorkingFolder::find().map_err(Error::NoWorkingFolder);
    match &arguments.command {
        None => generate::run(&arguments.generate, shared, &here()?, output),
        Some(Command::Generate(arguments)) => generate::run(arguments, shared, &here()?, output),
        Some(Command::Check(arguments)) => check::run(arguments, shared, &here()?, output),
        Some(Command::Lint(arguments)) => lint::run(arguments, shared, &here()?, output),
        Some(Command::Init(arguments)) => init::run(arguments, shared, &here()?, output),
        Some(Command::Runbook(arguments)) => runbook::run(arguments, shared, &here()?, output),
        Some(Command::Prove(arguments)) => prove::run(arguments, shared, &here()?, output),
        Some(Command::List(arguments)) => list::run(arguments, shared, &here()?, output),
        Some(Command::Diff(arguments)) => diff::run(arguments, shared, &here()?, output),
        Some(Command::Explain(arguments)) => explain::run(arguments, output),
        Some(Command::Schema) => schema::run(output),
        Some(Command::EvaluateOverlay) => Ok(overlay::serve().map(|()| Exit::Clean)?),
        Some(Command::Completions { shell }) => completions::run(*shell, output),
    }
}
