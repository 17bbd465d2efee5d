//! Commands as a shell reads them, without executing what they name.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::process::TOKEN;

/// A line that begins with a command: its words after that, and what its output goes through, if
/// anything.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) words: Vec<String>,
    pub(super) filter: Option<String>,
}

/// Has the shell split a line into words, which it does as for whoever pastes it: quotes,
/// variables, comments.
pub(super) fn read(line: &str) -> Line {
    let (command, filter) = match line.split_once(" | ") {
        Some((command, filter)) => (command, Some(filter.to_owned())),
        None => (line, None),
    };
    let name = command.split(' ').next().unwrap_or_default();
    let shown = format!("show() {{ printf '%s\\0' \"$@\"; }}; show {}", command.trim_end_matches('&'));
    let output = pipe(&shown, "").unwrap_or_else(|error| panic!("`{line}` cannot be read: {error}"));
    let mut words: Vec<_> = output.split_terminator('\0').map(str::to_owned).collect();
    assert_eq!(words.remove(0), name);
    Line { words, filter }
}

/// What commands make of an input, or what they say if they fail.
pub(super) fn pipe(commands: &str, input: &str) -> Result<String, String> {
    let mut shell = Command::new("sh");
    let shell = shell.args(["-euc", commands]).env("ADMIN_TOKEN", TOKEN);
    let mut process =
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut writer, input) = (process.stdin.take().unwrap(), input.to_owned());
    // A filter may end before it has read everything.
    let writing = std::thread::spawn(move || drop(writer.write_all(input.as_bytes())));
    let output = process.wait_with_output().unwrap();
    writing.join().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}
