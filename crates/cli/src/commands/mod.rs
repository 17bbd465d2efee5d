//! What the command does: one file for each verb.

mod check;
mod explain;
mod generate;
mod list;

use std::process::ExitCode;

use clap::CommandFactory;

use crate::args::{Arguments, Command};
use crate::error::Error;
use crate::output::Output;
use crate::render::human;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing to complain about.
    Clean,
    /// Findings, or files that are not up to date.
    Findings,
}

/// Runs the command and says how it ended: 0 clean, 1 findings or drift, 2 could not run.
pub(crate) fn run(arguments: Arguments) -> ExitCode {
    let mut output = Output::new(arguments.color);
    let ended = match arguments.command {
        None => generate::run(&arguments.generate, &mut output),
        Some(Command::Generate(arguments)) => generate::run(&arguments, &mut output),
        Some(Command::Check(arguments)) => check::run(&arguments, &mut output),
        Some(Command::List(arguments)) => list::run(&arguments, &mut output),
        Some(Command::Explain(arguments)) => explain::run(&arguments, &mut output),
        Some(Command::Completions { shell }) => completions(shell, &mut output),
    };
    match ended.and_then(|exit| output.flush().map(|()| exit).map_err(Error::from)) {
        Ok(Exit::Clean) => ExitCode::SUCCESS,
        Ok(Exit::Findings) => ExitCode::from(1),
        Err(error) => {
            output.message(&human::error(&error));
            ExitCode::from(2)
        }
    }
}

fn completions(shell: clap_complete::Shell, output: &mut Output) -> Result<Exit, Error> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "jobwatch", &mut script);
    output.result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Clean)
}
