//! A Redis server of its own for each test, on a free port of loopback.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up has failed")]

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::tool::Tool;

const REDIS: Tool = Tool { command: "redis-server", package: "redis-server" };

/// A running server, which ends with this value.
#[derive(Debug)]
pub struct Redis {
    server: Option<Child>,
    port: u16,
    password: &'static str,
    folder: TempDir,
}

impl Redis {
    /// Starts a server with a password, and waits until it answers.
    ///
    /// # Panics
    ///
    /// When Redis is not installed, with what to install, or when it does not start.
    pub fn start(password: &'static str) -> Self {
        let folder = tempfile::Builder::new().prefix("redis").tempdir().expect("a temporary folder");
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("a bound port has an address").port();
        drop(free);
        let mut redis = Self { server: None, port, password, folder };
        redis.restart();
        redis
    }

    /// Starts the server again, on the same port, without what it knew.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn restart(&mut self) {
        self.stop();
        let mut command = Command::new(REDIS.path());
        command.current_dir(self.folder.path()).args(["--bind", "127.0.0.1", "--save", ""]);
        command.args(["--port", &self.port.to_string(), "--requirepass", self.password]);
        let server = command.stdout(Stdio::null()).spawn().expect("redis-server can be run");
        self.server = Some(server);
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "redis-server does not answer");
            sleep(Duration::from_millis(10));
        }
    }

    /// Stops the server.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// Where it is, for a client that knows the password.
    pub fn url(&self) -> String {
        format!("redis://:{}@127.0.0.1:{}", self.password, self.port)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}
