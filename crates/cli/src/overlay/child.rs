//! Asks the process that evaluates an overlay.

use std::io::{Read as _, Write as _};
use std::process::{Command, ExitStatus, Stdio};

use super::engine::{MOST_MEMORY, MOST_SECONDS, TIME_IS_OVER};
use super::request::{Outcome, Request};
use crate::generate_options::EVALUATE;

/// The largest answer that is read, in bytes.
const MOST_ANSWERED: u64 = 64 << 20;

/// Evaluates an overlay in a process of its own.
///
/// Errors: it cannot be started, or has ended without an answer, and why.
pub(super) fn evaluate(request: &Request) -> Result<Outcome, String> {
    let failed = |error: &dyn std::fmt::Display| format!("cannot be evaluated: {error}");
    let program = std::env::current_exe().map_err(|error| failed(&error))?;
    let mut child = Command::new(program)
        .arg(EVALUATE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed(&error))?;
    let request = serde_json::to_vec(request).map_err(|error| failed(&error))?;
    if let Some(mut input) = child.stdin.take() {
        // A process that has ended reads no more; how it ended tells why.
        let _ = input.write_all(&request);
    }
    let mut answer = Vec::new();
    if let Some(output) = child.stdout.take() {
        output.take(MOST_ANSWERED).read_to_end(&mut answer).map_err(|error| failed(&error))?;
    }
    let status = child.wait().map_err(|error| failed(&error))?;
    match serde_json::from_slice(&answer) {
        Ok(outcome) if status.success() => Ok(outcome),
        _ => Err(why(status)),
    }
}

/// Returns why the process has ended without an answer.
fn why(status: ExitStatus) -> String {
    if status.code() == Some(TIME_IS_OVER) || is_out_of_time(status) {
        return format!("it does not come to an end: stopped after {MOST_SECONDS} seconds");
    }
    format!("it needs more than {} MiB of memory, or nests too deep: stopped", MOST_MEMORY >> 20)
}

/// Returns whether the system has ended it because its time on a processor was over.
#[cfg(unix)]
fn is_out_of_time(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    let kill = rustix::process::Signal::KILL.as_raw();
    let time = rustix::process::Signal::XCPU.as_raw();
    status.signal().is_some_and(|signal| signal == time || signal == kill)
}

#[cfg(not(unix))]
fn is_out_of_time(_: ExitStatus) -> bool {
    false
}
