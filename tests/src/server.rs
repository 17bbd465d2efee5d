//! A server of somebody else's in a temporary folder, on a free port of loopback.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up has failed")]

use std::ffi::OsString;
use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::tool::Tool;

/// A running server, which ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    tool: Tool,
    process: Option<Child>,
    port: u16,
    folder: TempDir,
}

impl Server {
    /// A server that does not run yet.
    pub(crate) fn new(tool: Tool) -> Self {
        let folder = tempfile::Builder::new().prefix(tool.command).tempdir().expect("a temporary folder");
        Self { tool, process: None, port: free_port(), folder }
    }

    /// The port that it is to listen on.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The folder that it runs in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts it with arguments, again if it ran already, and waits until it listens.
    ///
    /// # Panics
    ///
    /// When it is not installed, with what to install, or when it does not start, with what it
    /// says.
    pub(crate) fn start(&mut self, arguments: &[OsString]) {
        self.stop();
        let log = File::create(self.folder().join("log")).expect("a file in a temporary folder");
        let errors = log.try_clone().expect("an open file");
        let mut command = Command::new(self.tool.path());
        command.current_dir(self.folder()).args(arguments).stdin(Stdio::null()).stdout(log).stderr(errors);
        let process = self.process.insert(command.spawn().expect("an installed server can be run"));
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = process.try_wait().expect("the server is our child");
            let said = || fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(ended.is_none(), "{} ended: {}", self.tool.command, said());
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "{} does not listen: {}",
                self.tool.command,
                said()
            );
            sleep(Duration::from_millis(10));
        }
    }

    /// Stops it.
    pub(crate) fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// A port of loopback that nobody listens on.
pub(crate) fn free_port() -> u16 {
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    free.local_addr().expect("a bound port has an address").port()
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}
