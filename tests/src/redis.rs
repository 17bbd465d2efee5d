//! A Redis server of its own for each test.

use crate::server::Server;
use crate::tool::Tool;

const REDIS: Tool = Tool { command: "redis-server", package: "redis-server" };

/// A running server, which ends with this value.
#[derive(Debug)]
pub struct Redis {
    server: Server,
    password: &'static str,
}

impl Redis {
    /// Starts a server with a password, and waits until it listens.
    ///
    /// # Panics
    ///
    /// When Redis is not installed, with what to install, or when it does not start, with what it
    /// says.
    pub fn start(password: &'static str) -> Self {
        let mut redis = Self { server: Server::new(REDIS), password };
        redis.restart();
        redis
    }

    /// Starts the server again, on the same port, without what it knew.
    ///
    /// # Panics
    ///
    /// When it does not start, with what it says.
    pub fn restart(&mut self) {
        let port = self.server.port().to_string();
        let arguments =
            ["--bind", "127.0.0.1", "--port", &port, "--save", "", "--requirepass", self.password];
        self.server.start(&arguments.map(Into::into));
    }

    /// Stops the server.
    pub fn stop(&mut self) {
        self.server.stop();
    }

    /// Where it is, for a client that knows the password.
    pub fn url(&self) -> String {
        format!("redis://:{}@127.0.0.1:{}", self.password, self.server.port())
    }
}
