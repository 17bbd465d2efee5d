//! Chromium without a window, and the driver that has it open pages as a person would.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use crate::server::Server;
use crate::tool::Tool;

const CHROMIUM: Tool = Tool { command: "chromium", package: "chromium" };
const DRIVER: Tool = Tool { command: "chromedriver", package: "chromium-driver" };

/// A running driver, which ends with this value, and its browsers with it. It starts one for each
/// session.
#[derive(Debug)]
pub struct ChromiumDriver {
    server: Server,
}

impl ChromiumDriver {
    /// Starts a driver, and waits until it listens.
    ///
    /// # Panics
    ///
    /// When it is not installed, with what to install, or when it does not start, with what it
    /// says.
    pub fn start() -> Self {
        let mut server = Server::new(DRIVER);
        server.start(&[format!("--port={}", server.port()).into()]);
        Self { server }
    }

    /// Where it takes the commands of WebDriver.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.server.port())
    }

    /// The browser that it is to start.
    ///
    /// # Panics
    ///
    /// When it is not installed, with what to install.
    #[track_caller]
    pub fn browser(&self) -> PathBuf {
        CHROMIUM.path()
    }

    /// How the browser is to be started: without a window, in a container, and with nothing of a
    /// session before or after it.
    pub fn arguments(&self) -> [String; 5] {
        let profile = self.server.folder().join("profile");
        [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            format!("--user-data-dir={}", profile.display()),
        ]
    }
}

impl Drop for ChromiumDriver {
    fn drop(&mut self) {
        // A driver that is killed leaves its browsers behind.
        let shut_down = || {
            let mut driver = TcpStream::connect(("127.0.0.1", self.server.port()))?;
            driver.set_read_timeout(Some(Duration::from_secs(10)))?;
            driver.write_all(b"GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
            driver.read_to_end(&mut Vec::new())
        };
        let _ = shut_down();
    }
}
