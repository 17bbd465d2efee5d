//! Processes that end with the one that started them, however that ends.

use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

/// Executes its parameters, and kills what it has started once its input ends. Whoever is killed
/// can do nothing for its children, but the system closes its files, and with them this input. Ends
/// with what it has started.
#[cfg(unix)]
const GUARD: &str = r#"
exec 3<&0
"$@" 3<&- &
guarded=$!
{ read -r _ <&3; kill -KILL "$guarded"; } &
reader=$!
wait "$guarded"
status=$?
kill "$reader" 2>&-
exit "$status"
"#;

/// A process that ends with this value, and on Unix also with the process that holds it, even if
/// that is killed.
#[derive(Debug)]
pub(super) struct Guarded(Child);

impl Guarded {
    /// Starts a program, given what its command is to have beside it. Its input is empty.
    ///
    /// # Errors
    ///
    /// What the system says. On Unix, a program that is not there ends with status 127 instead.
    pub(super) fn start(program: &Path, prepare: impl FnOnce(&mut Command)) -> io::Result<Self> {
        let mut command = command(program);
        prepare(&mut command);
        command.stdin(Stdio::piped()).spawn().map(Self)
    }

    /// How it has ended, or `None` if it has not.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().ok().flatten()
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        #[cfg(not(unix))]
        let _ = self.0.kill();
        // Closes its input.
        let _ = self.0.wait();
    }
}

#[cfg(unix)]
fn command(program: &Path) -> Command {
    use std::os::unix::process::CommandExt as _;
    let mut command = Command::new("sh");
    // In a group of its own, so that Ctrl-C on the terminal is for the holder alone.
    command.process_group(0).args(["-c", GUARD, "guard"]).arg(program);
    command
}

#[cfg(not(unix))]
fn command(program: &Path) -> Command {
    Command::new(program)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Guarded {
        let prepare = |command: &mut Command| {
            command.args(["-c", script]).stdout(Stdio::piped());
        };
        Guarded::start(Path::new("sh"), prepare).unwrap()
    }

    #[test]
    fn it_ends_with_its_value() {
        let mut guarded = shell("echo here; exec sleep 600");
        let mut output = guarded.0.stdout.take().unwrap();
        let mut first = [0];
        io::Read::read_exact(&mut output, &mut first).unwrap();
        assert_eq!(guarded.ended(), None);
        drop(guarded);
        // Comes to its end when nobody holds it who could write more.
        io::read_to_string(output).unwrap();
    }

    #[test]
    fn how_it_has_ended_is_known_and_nobody_waits_for_it_any_more() {
        let mut guarded = shell("exit 7");
        io::read_to_string(guarded.0.stdout.take().unwrap()).unwrap();
        assert_eq!(guarded.0.wait().unwrap().code(), Some(7));
        assert_eq!(guarded.ended().and_then(|status| status.code()), Some(7));
    }
}
