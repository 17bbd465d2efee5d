//! `jobwatch completions`

use clap_complete::Shell;

use crate::args::Arguments;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::Output;

pub(crate) fn run(shell: Shell, output: &mut Output) -> Result<Exit, Error> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::whole(), "jobwatch", &mut script);
    output.result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Clean)
}
