//! `jobwatch generate`

use std::path::{Path, PathBuf};

use jobwatch_observability::artifact::{Artifact, artifacts};

use super::Exit;
use crate::args::Generate;
use crate::drift;
use crate::error::Error;
use crate::files::{self, State};
use crate::output::Output;
use crate::source;

/// What to do when a file cannot be written.
const HINT: &str = "choose a folder that can be written to with `--out-dir`, or use `--stdout`";

pub(crate) fn run(arguments: &Generate, output: &mut Output) -> Result<Exit, Error> {
    let source = source::read(&arguments.from.catalogue)?;
    let artifacts = artifacts(&source.catalogue)?;
    if arguments.stdout {
        return print(&artifacts, output);
    }
    let out_dir = &arguments.out_dir;
    // Everything is looked at before anything is written, so that a file in the way stops all of it.
    let mut plan = Vec::new();
    for artifact in &artifacts {
        let (state, old) = files::state(out_dir, artifact)?;
        plan.push((artifact, state, old));
    }
    let leftovers = files::leftovers(out_dir, source.catalogue.name(), &artifacts);
    let ended = match arguments.check {
        true => compare(&plan, &leftovers.stale, out_dir, output),
        false => write(&plan, &leftovers.stale, out_dir, output),
    };
    for (name, number) in &leftovers.others {
        let files = if *number == 1 { "file" } else { "files" };
        output.message(&format!("left alone: {number} {files} of the catalogue `{name}`\n"));
    }
    ended
}

fn print(artifacts: &[Artifact], output: &mut Output) -> Result<Exit, Error> {
    for artifact in artifacts {
        output.result(&format!("==> {} <==\n{}", artifact.path, artifact.text))?;
    }
    Ok(Exit::Clean)
}

fn write(
    plan: &[(&Artifact, State, String)],
    stale: &[PathBuf],
    out_dir: &Path,
    output: &mut Output,
) -> Result<Exit, Error> {
    for (artifact, state, _) in plan {
        let word = match state {
            State::Missing => "written",
            State::Differs => "changed",
            State::Current => "unchanged",
        };
        if *state != State::Current {
            files::write(&files::place(out_dir, &artifact.path), &artifact.text, HINT)?;
        }
        output.result(&format!("{word:<9}  {}\n", artifact.path))?;
    }
    for path in stale {
        files::remove(&files::place(out_dir, path), HINT)?;
        output.result(&format!("removed    {}\n", path.display()))?;
    }
    Ok(Exit::Clean)
}

fn compare(
    plan: &[(&Artifact, State, String)],
    stale: &[PathBuf],
    out_dir: &Path,
    output: &mut Output,
) -> Result<Exit, Error> {
    let mut drifted = 0;
    for (artifact, state, old) in plan {
        match state {
            State::Current => continue,
            State::Missing => output.result(&format!("missing    {}\n", artifact.path))?,
            State::Differs => {
                output.result(&drift::diff(&artifact.path, old, &artifact.text))?;
                output.result(&format!("differs    {}\n", artifact.path))?;
                for line in drift::in_words(old, &artifact.text) {
                    output.result(&format!("  {line}\n"))?;
                }
            }
        }
        drifted += 1;
    }
    for path in stale {
        output.result(&format!("stale      {}\n", path.display()))?;
        drifted += 1;
    }
    if drifted == 0 {
        output.result(&format!("{} files are up to date\n", plan.len()))?;
        return Ok(Exit::Clean);
    }
    let folder = match out_dir.as_os_str() {
        folder if folder == "." => String::new(),
        folder => format!(" --out-dir {}", folder.display()),
    };
    let files = if drifted == 1 { "file is" } else { "files are" };
    output
        .message(&format!("{drifted} {files} not up to date: run `jobwatch generate{folder}` and commit\n"));
    Ok(Exit::Findings)
}
