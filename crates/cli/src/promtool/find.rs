//! Where promtool is, and whether it is new enough.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::error::{OLDEST, PromtoolError};
use super::process::{Event, Process};

/// How long it may take to say which release it is.
const PATIENCE: Duration = Duration::from_secs(30);

/// Returns where promtool is: where it is said to be, or in the first folder of `PATH` that has it.
///
/// Errors: it is nowhere, is something else, or is too old.
pub(crate) fn find(given: Option<&Path>) -> Result<PathBuf, PromtoolError> {
    let path = match given {
        // Each promtool is started in a folder of its own.
        Some(path) => std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
        None => in_path().ok_or(PromtoolError::Missing)?,
    };
    let printed = version(&path)?;
    let not_promtool = |why: &str| PromtoolError::NotPromtool { path: path.clone(), why: why.to_owned() };
    let found = printed
        .split_once("promtool, version ")
        .and_then(|(_, rest)| rest.split_whitespace().next())
        .ok_or_else(|| not_promtool("it does not say which release it is"))?;
    let mut numbers = found.trim_start_matches('v').split(|c: char| !c.is_ascii_digit());
    let mut number = || numbers.next().and_then(|number| number.parse().ok());
    let release: (u32, u32) =
        number().zip(number()).ok_or_else(|| not_promtool(&format!("its release is `{found}`")))?;
    match release < OLDEST {
        true => Err(PromtoolError::TooOld { found: found.to_owned() }),
        false => Ok(path),
    }
}

fn in_path() -> Option<PathBuf> {
    let name = format!("promtool{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(&name)).find(|path| path.is_file())
}

fn version(path: &Path) -> Result<String, PromtoolError> {
    let (events, heard) = mpsc::channel();
    let mut command = Command::new(path);
    command.arg("--version");
    let process = Process::start(command, 0, Instant::now() + PATIENCE, &events)
        .map_err(|source| PromtoolError::Start { path: path.to_owned(), source })?;
    match heard.recv_timeout(PATIENCE) {
        Ok(Event::Ended { printed, .. }) => {
            process.end();
            Ok(printed)
        }
        Ok(Event::Interrupted) | Err(_) => Err(PromtoolError::NotPromtool {
            path: path.to_owned(),
            why: "it does not answer `--version`".to_owned(),
        }),
    }
}
