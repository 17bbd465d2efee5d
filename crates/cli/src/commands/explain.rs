//! `jobwatch explain`

use jobwatch_observability::code::Code;

use super::Exit;
use crate::args::Explain;
use crate::error::Error;
use crate::output::Output;
use crate::render::table;

pub(crate) fn run(arguments: &Explain, output: &mut Output) -> Result<Exit, Error> {
    let Some(wanted) = &arguments.code else {
        let mut table = table::new(&["code", "level", "says"]);
        for code in Code::ALL {
            table.add_row([code.as_str(), code.level().as_str(), code.summary()]);
        }
        output.result(&format!("{table}\n"))?;
        return Ok(Exit::Clean);
    };
    let Some(code) = Code::from_name(wanted) else {
        let near = Code::ALL
            .iter()
            .map(|code| (code, strsim::jaro_winkler(code.as_str(), wanted)))
            .filter(|(_, likeness)| *likeness > 0.8)
            .max_by(|a, b| a.1.total_cmp(&b.1));
        return Err(Error::UnknownCode {
            code: wanted.clone(),
            near: near.map(|(code, _)| code.to_string()),
        });
    };
    output.result(code.explanation())?;
    Ok(Exit::Clean)
}
