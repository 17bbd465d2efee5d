//! The `jobwatch` command: see `jobwatch --help`.

mod args;
mod commands;
mod drift;
mod error;
mod files;
mod output;
mod render;
mod source;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    commands::run(args::Arguments::parse())
}
