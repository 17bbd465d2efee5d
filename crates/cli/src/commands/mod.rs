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

use std::cell::OnceCell;
use std::process::ExitCode;

use crate::args::{Arguments, Command};
use crate::error::Error;
use crate::exit::{COULD_NOT_RUN, Exit};
use crate::output::Output;
use crate::overlay;
use crate::prove_options::Prove;
use crate::render::error;
use crate::render::reason::reasons;
use crate::working_folder::WorkingFolder;

/// Runs the command and says how it ended: 0 clean, 1 findings or drift, 2 could not run.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let mut output = Output::new(arguments.shared.color);
    let here = OnceCell::new();
    let ended = dispatch(arguments, &here, &mut output);
    match ended.and_then(|exit| output.flush().map(|()| exit).map_err(Error::from)) {
        Ok(exit) => exit.into(),
        Err(reason) => {
            output.message(&error::error(&reason));
            // It has been said already, and again only to programs.
            if let Ok(Some(text)) = failed(arguments, &reason, here.get()) {
                let _ = output.result(&text).and_then(|()| output.flush());
            }
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

/// Returns why a command could not run, in the format that its results were to have. `None` if that
/// is one for people, or if results could not be printed.
///
/// Errors: it cannot be written.
fn failed(
    arguments: &Arguments,
    reason: &Error,
    here: Option<&WorkingFolder>,
) -> Result<Option<String>, Error> {
    if matches!(reason, Error::Print(_)) {
        return Ok(None);
    }
    let reasons = reasons(reason);
    let format = match &arguments.command {
        Some(Command::Check(check)) => check.format,
        Some(Command::Lint(lint)) => lint.format,
        Some(Command::Prove(Prove { format: Some(format), .. })) => return prove::failed(&reasons, *format),
        Some(Command::List(list)) => return list::failed(list, &reasons),
        Some(Command::Diff(diff)) => return diff::failed(diff, &reasons),
        _ => None,
    };
    format.map_or(Ok(None), |format| findings::failed(&reasons, format, here))
}

/// Returns the working folder, which is asked for once.
///
/// Errors: it cannot be found.
fn found(here: &OnceCell<WorkingFolder>) -> Result<&WorkingFolder, Error> {
    match here.get() {
        Some(known) => Ok(known),
        None => {
            let found = WorkingFolder::find().map_err(Error::NoWorkingFolder)?;
            Ok(here.get_or_init(|| found))
        }
    }
}

fn dispatch(
    arguments: &Arguments,
    here: &OnceCell<WorkingFolder>,
    output: &mut Output,
) -> Result<Exit, Error> {
    let shared = &arguments.shared;
    let here = || found(here);
    match &arguments.command {
        None => generate::run(&arguments.generate, shared, here()?, output),
        Some(Command::Generate(arguments)) => generate::run(arguments, shared, here()?, output),
        Some(Command::Check(arguments)) => check::run(arguments, shared, here()?, output),
        Some(Command::Lint(arguments)) => lint::run(arguments, shared, here()?, output),
        Some(Command::Init(arguments)) => init::run(arguments, shared, here()?, output),
        Some(Command::Runbook(arguments)) => runbook::run(arguments, shared, here()?, output),
        Some(Command::Prove(arguments)) => prove::run(arguments, shared, here()?, output),
        Some(Command::List(arguments)) => list::run(arguments, shared, here()?, output),
        Some(Command::Diff(arguments)) => diff::run(arguments, shared, here()?, output),
        Some(Command::Explain(arguments)) => explain::run(arguments, output),
        Some(Command::Schema) => schema::run(output),
        Some(Command::EvaluateOverlay) => Ok(overlay::serve().map(|()| Exit::Clean)?),
        Some(Command::Completions { shell }) => completions::run(*shell, output),
    }
}
