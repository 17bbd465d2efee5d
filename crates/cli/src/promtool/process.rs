//! One process, which is ended when nobody needs it any more.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Instant;

/// How much is read of what a process prints, in bytes: of more, the rest is dropped.
const MOST_PRINTED: u64 = 16 << 20;

/// What there is to hear of.
pub(super) enum Event {
    /// A process has printed all that it has to say.
    Ended { id: usize, printed: String },
    /// The user or the system wants the command to end.
    Interrupted,
}

/// A process that is killed when it is dropped.
pub(super) struct Process {
    child: Child,
    pub(super) id: usize,
    pub(super) deadline: Instant,
}

impl Process {
    /// Starts a process. What it prints is an event.
    pub(super) fn start(
        mut command: Command,
        id: usize,
        deadline: Instant,
        events: &Sender<Event>,
    ) -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
        let child = command.spawn()?;
        // The command holds the pipe's other end, which would never be closed.
        drop(command);
        let events = events.clone();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            // Whatever cannot be read has not been printed.
            let _ = reader.take(MOST_PRINTED).read_to_end(&mut bytes);
            let printed = String::from_utf8_lossy(&bytes).into_owned();
            // Nobody listens any more when the command is over.
            let _ = events.send(Event::Ended { id, printed });
        });
        Ok(Self { child, id, deadline })
    }

    /// Waits for the end of a process that has nothing more to say. `None` if nobody knows how it
    /// ended.
    pub(super) fn end(mut self) -> Option<ExitStatus> {
        self.child.wait().ok()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
