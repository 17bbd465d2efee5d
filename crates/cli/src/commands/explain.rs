//! `jobwatch explain`

use jobwatch_catalogue::suggestion::nearest;
use jobwatch_observability::check::all_codes;

use crate::args::Explain;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::reason::COULD_NOT_RUN;
use crate::render::table;

pub(crate) fn run(arguments: &Explain, output: &mut Output) -> Result<Exit, Error> {
    let mut codes = all_codes();
    codes.push(COULD_NOT_RUN);
    let Some(wanted) = &arguments.code else {
        let mut table = table::new(&["code", "level", "says"]);
        for code in codes {
            table.add_row([code.as_str(), code.level.as_str(), code.summary]);
        }
        output.result(&format!("{table}\n"))?;
        return Ok(Exit::Clean);
    };
    let Some(code) = codes.iter().find(|code| code.name == wanted) else {
        let near = nearest(wanted, codes.iter().map(|code| code.as_str())).map(str::to_owned);
        return Err(Error::UnknownCode { code: wanted.clone(), near });
    };
    output.result(code.explanation)?;
    Ok(Exit::Clean)
}
