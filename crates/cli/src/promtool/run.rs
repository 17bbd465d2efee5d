//! Runs many tests, some at a time.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::error::PromtoolError;
use super::process::{Event, Process};

/// Promtool's way to say that something is not as expected.
const UNEXPECTED: i32 = 1;

/// How far promtool's heap grows before its garbage is collected, in percent of what is alive, and
/// the variable of Go that says so unless it is set: a fifth less time than with Go's own 100, for
/// 50 MB more.
const GARBAGE: (&str, &str) = ("GOGC", "400");

/// Runs promtool's tests in a temporary folder.
pub(crate) struct Runner {
    promtool: PathBuf,
    folder: TempDir,
    at_a_time: NonZeroUsize,
    timeout: Duration,
    events: Sender<Event>,
    heard: Receiver<Event>,
}

/// What promtool said about a test.
#[derive(Debug, Clone, Default)]
pub(crate) struct Printed {
    /// Whether it is content.
    pub(crate) passed: bool,
    /// All that it printed.
    pub(crate) text: String,
}

impl Runner {
    /// Makes the folder, and listens from now on for the wish to end.
    pub(crate) fn new(
        promtool: PathBuf,
        at_a_time: NonZeroUsize,
        timeout: Duration,
    ) -> Result<Self, PromtoolError> {
        let folder = tempfile::Builder::new().prefix("jobwatch-prove-").tempdir();
        let folder = folder.map_err(PromtoolError::Folder)?;
        let (events, heard) = mpsc::channel();
        let interrupted = events.clone();
        // Without a handler, the folder stays when the command is interrupted, and that is all.
        let _ = ctrlc::set_handler(move || {
            let _ = interrupted.send(Event::Interrupted);
        });
        Ok(Self { promtool, folder, at_a_time, timeout, events, heard })
    }

    /// Runs tests over a rule file, each of which expects it beside itself under a name, and tells
    /// after each how many are done. Returns what was said about each, in their order.
    ///
    /// Errors: promtool hangs or crashes, or the command is to end. All promtools are ended, then.
    pub(crate) fn run(
        &self,
        (name, rules): (&str, &str),
        tests: &[&str],
        mut progress: impl FnMut(usize),
    ) -> Result<Vec<Printed>, PromtoolError> {
        fs::write(self.folder.path().join(name), rules).map_err(PromtoolError::Folder)?;
        let mut all = vec![Printed::default(); tests.len()];
        let mut running: BTreeMap<usize, Process> = BTreeMap::new();
        let mut rest = tests.iter().enumerate();
        let mut done = 0;
        progress(done);
        loop {
            while running.len() < self.at_a_time.get() {
                let Some((id, test)) = rest.next() else { break };
                running.insert(id, self.start(id, test)?);
            }
            let Some(deadline) = running.values().map(|process| process.deadline).min() else {
                return Ok(all);
            };
            match self.heard.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Event::Ended { id, printed }) => {
                    let Some(process) = running.remove(&id) else { continue };
                    debug_assert_eq!(process.id, id);
                    all[id] = self.judged(process.end(), &printed)?;
                    done += 1;
                    progress(done);
                }
                Ok(Event::Interrupted) => return Err(PromtoolError::Interrupted),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    return Err(PromtoolError::Hangs(self.timeout));
                }
            }
        }
    }

    fn start(&self, id: usize, test: &str) -> Result<Process, PromtoolError> {
        let path = self.folder.path().join(format!("{id}.yaml"));
        // A promtool that is killed leaves its storage behind, wherever that is.
        let storage = self.folder.path().join(format!("{id}.storage"));
        fs::write(&path, test).and_then(|()| fs::create_dir_all(&storage)).map_err(PromtoolError::Folder)?;
        let mut command = Command::new(&self.promtool);
        command.args(["test", "rules"]).arg(&path).current_dir(&storage).env("TMPDIR", &storage);
        if env::var_os(GARBAGE.0).is_none() {
            command.env(GARBAGE.0, GARBAGE.1);
        }
        let deadline = Instant::now() + self.timeout;
        Process::start(command, id, deadline, &self.events)
            .map_err(|source| PromtoolError::Start { path: self.promtool.clone(), source })
    }

    fn judged(&self, ended: Option<ExitStatus>, printed: &str) -> Result<Printed, PromtoolError> {
        let text = without(printed, self.folder.path());
        let passed = match ended.and_then(|status| status.code()) {
            Some(0) => true,
            Some(UNEXPECTED) => false,
            _ => {
                const MOST: usize = 500;
                let ended = ended.map_or_else(|| "nobody knows how".to_owned(), |status| status.to_string());
                let printed = text.trim().chars().take(MOST).collect::<String>();
                let printed = if printed.is_empty() { "it printed nothing".to_owned() } else { printed };
                return Err(PromtoolError::Crashed { ended, printed });
            }
        };
        Ok(Printed { passed, text })
    }
}

/// Returns a text without the name of a folder that is gone when it is read.
fn without(text: &str, folder: &Path) -> String {
    text.replace(&format!("{}{}", folder.display(), std::path::MAIN_SEPARATOR), "")
}
