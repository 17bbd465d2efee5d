//! `jobwatch schema`

use crate::error::Error;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::json_schema;

pub(crate) fn run(output: &mut Output) -> Result<Exit, Error> {
    output.result(&json_schema::catalogue()?)?;
    Ok(Exit::Clean)
}
