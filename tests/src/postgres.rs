//! A PostgreSQL server of its own for each test: in a temporary folder, reachable by a socket in
//! it.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up has failed")]

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::account::{Account, command};
use crate::cluster;
use crate::tool::Tool;

const POSTGRES: Tool = Tool { command: "postgres", package: "postgresql" };

/// A running server, which ends with this value.
#[derive(Debug)]
pub struct Postgres {
    server: Child,
    folder: TempDir,
    /// Whether what is committed survives a power cut.
    is_durable: bool,
}

impl Postgres {
    /// Starts a server, and waits until it answers.
    ///
    /// # Panics
    ///
    /// When PostgreSQL is not installed, with what to install, or when it does not start, with what
    /// it says.
    pub fn start() -> Self {
        Self::start_as(false)
    }

    /// As [`Postgres::start`], and what is committed is on the disk, as it is unless somebody sets
    /// it otherwise: for measurements.
    ///
    /// # Panics
    ///
    /// As [`Postgres::start`].
    pub fn start_durable() -> Self {
        Self::start_as(true)
    }

    fn start_as(is_durable: bool) -> Self {
        let folder = tempfile::Builder::new().prefix("postgres").tempdir().expect("a temporary folder");
        if let Some(account) = Account::for_server() {
            chown(folder.path(), Some(account.user), Some(account.group))
                .expect("root may give a folder away");
        }
        cluster::create(&folder.path().join("data"));
        let mut started = Self { server: server(folder.path(), is_durable), folder, is_durable };
        started.wait();
        started
    }

    /// Stops the server, which closes all connections. What it holds stays.
    ///
    /// # Panics
    ///
    /// When the server cannot be told to end.
    pub fn stop(&mut self) {
        let asked = Command::new("kill").args(["-INT", &self.server.id().to_string()]).status();
        assert!(asked.is_ok_and(|asked| asked.success()), "the server is gone already");
        self.server.wait().expect("the server is our child");
    }

    /// Starts the server again after [`Postgres::stop`], with what it held, and waits until it
    /// answers.
    ///
    /// # Panics
    ///
    /// When it does not start, with what it says.
    pub fn restart(&mut self) {
        self.server = server(self.folder.path(), self.is_durable);
        self.wait();
    }

    /// Asks all but `postgres` for a password from now on. The server is started again for that.
    ///
    /// # Panics
    ///
    /// When its rules cannot be written, or it does not start again.
    pub fn require_passwords(&mut self) {
        self.stop();
        let rules = "local all postgres trust\nlocal all all scram-sha-256\n";
        fs::write(self.folder.path().join("data/pg_hba.conf"), rules).expect("the rules can be written");
        self.restart();
    }

    /// Where it is, for a client: with the name that the client goes by, and further settings of
    /// its session.
    pub fn url(&self, client: &str, settings: &str) -> String {
        let host = self.folder.path().display();
        let options = if settings.is_empty() { String::new() } else { format!("&options={settings}") };
        format!("postgres://postgres@localhost/postgres?host={host}&application_name={client}{options}")
    }

    /// The folder that it is in, and its socket.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its socket, which a server and its clients name after the usual port.
    pub(crate) fn socket(folder: &Path) -> PathBuf {
        folder.join(".s.PGSQL.5432")
    }

    fn wait(&mut self) {
        let begun = Instant::now();
        while !self.folder.path().join("data/postmaster.pid").is_file() || !self.is_ready() {
            let ended = self.server.try_wait().expect("the server is our child");
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(ended.is_none(), "postgres ended: {log}");
            assert!(begun.elapsed() < Duration::from_secs(60), "postgres does not answer: {log}");
            sleep(Duration::from_millis(20));
        }
    }

    /// The last line of the file says so.
    fn is_ready(&self) -> bool {
        let status = fs::read_to_string(self.folder.path().join("data/postmaster.pid")).unwrap_or_default();
        status.lines().nth(7).is_some_and(|line| line.trim() == "ready")
    }
}

/// The server's process, over what is in a folder.
fn server(folder: &Path, is_durable: bool) -> Child {
    let log = fs::File::create(folder.join("log")).expect("a file in a temporary folder");
    let mut postgres = command(POSTGRES.debian_path(), Account::for_server(), folder);
    postgres.arg("-D").arg(folder.join("data")).arg("-k").arg(folder);
    let mut settings = vec!["listen_addresses=", "max_connections=200"];
    if !is_durable {
        // What is written has to survive a process, but not a power cut.
        settings.extend(["fsync=off", "full_page_writes=off"]);
    }
    for setting in settings {
        postgres.args(["-c", setting]);
    }
    postgres.stdout(Stdio::null()).stderr(log).spawn().expect("postgres can be run")
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // One that was stopped is gone, and its number may be another's.
        if matches!(self.server.try_wait(), Ok(Some(_))) {
            return;
        }
        // Closes all connections and ends; if that fails, the next line does it.
        let asked = Command::new("kill").args(["-INT", &self.server.id().to_string()]).status();
        if !asked.is_ok_and(|asked| asked.success()) {
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
    }
}
