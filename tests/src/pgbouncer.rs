//! PgBouncer in front of a PostgreSQL server of a test.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up has failed")]

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::account::as_server;
use crate::postgres::Postgres;
use crate::tool::Tool;

const PGBOUNCER: Tool = Tool { command: "pgbouncer", package: "pgbouncer" };

/// Names its socket; it listens on no port.
const PORT: u16 = 6432;

/// A running pooler over a server, which ends with this value, and should before the server does.
#[derive(Debug)]
pub struct PgBouncer {
    process: Child,
}

impl PgBouncer {
    /// Starts it with a `pool_mode` and further settings, as lines of its configuration, and waits
    /// until it answers.
    ///
    /// # Panics
    ///
    /// When PgBouncer is not installed, with what to install, or when it does not start, with what
    /// it says.
    pub fn start(server: &Postgres, pool_mode: &str, settings: &str) -> Self {
        let folder = server.folder();
        let configuration = format!(
            "[databases]\npostgres = host={folder} user=postgres\n[pgbouncer]\nauth_type = any\nlisten_port = {PORT}\n\
             unix_socket_dir = {folder}\npool_mode = {pool_mode}\n{settings}\n",
            folder = folder.display()
        );
        fs::write(folder.join("pgbouncer.ini"), configuration).expect("a file in a temporary folder");
        let log = fs::File::create(folder.join("pgbouncer.log")).expect("a file in a temporary folder");
        let mut command = as_server(PGBOUNCER.debian_path(), folder);
        command.arg("pgbouncer.ini").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let mut started = Self { process: command.spawn().expect("pgbouncer can be run") };
        started.wait(folder);
        started
    }

    /// Whether the one that is installed can keep prepared statements for clients whose
    /// transactions each have another connection, by `max_prepared_statements`: since 1.21.
    ///
    /// # Panics
    ///
    /// When PgBouncer is not installed.
    pub fn can_keep_statements() -> bool {
        let answer = Command::new(PGBOUNCER.debian_path()).arg("--version").output();
        let answer = String::from_utf8_lossy(&answer.expect("pgbouncer can be run").stdout).into_owned();
        let version = answer.lines().next().and_then(|line| line.strip_prefix("PgBouncer "));
        let mut numbers = version.unwrap_or_default().split('.').map(|number| number.parse::<u32>());
        let mut next = || numbers.next().and_then(Result::ok).expect("a version has numbers");
        (next(), next()) >= (1, 21)
    }

    fn wait(&mut self, folder: &Path) {
        let (socket, begun) = (folder.join(format!(".s.PGSQL.{PORT}")), Instant::now());
        while UnixStream::connect(&socket).is_err() {
            let ended = self.process.try_wait().expect("the pooler is our child");
            let log = fs::read_to_string(folder.join("pgbouncer.log")).unwrap_or_default();
            assert!(ended.is_none(), "pgbouncer ended: {log}");
            assert!(begun.elapsed() < Duration::from_secs(60), "pgbouncer does not listen: {log}");
            sleep(Duration::from_millis(10));
        }
    }

    /// Where it is, for a client that finds the server at an address.
    pub fn url(server: &str) -> String {
        server.replace("@localhost/", &format!("@localhost:{PORT}/"))
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
