//! The `jobwatch` command: see `jobwatch --help`.

mod args;
mod commands;
mod diff_options;
mod drift;
mod error;
mod exit;
mod files;
mod generate_options;
mod git;
mod lines;
mod locate;
mod number;
mod options;
mod output;
mod overlay;
mod promtool;
mod prove_options;
mod render;
mod rules;
mod runbook;
mod side;
mod source;
mod starter;
mod working_folder;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run(&args::Arguments::read())
}
