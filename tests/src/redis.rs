//! A Redis server of its own for each test.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::server::{Server, free_port};
use crate::tool::Tool;

const REDIS: Tool = Tool { command: "redis-server", package: "redis-server" };
const CLI: Tool = Tool { command: "redis-cli", package: "redis-tools" };
const OPENSSL: Tool = Tool { command: "openssl", package: "openssl" };

/// A certificate of 127.0.0.1 that vouches for itself.
const CERTIFICATE: &str = "[req]\ndistinguished_name = name\nx509_extensions = extensions\nprompt = no\n\
    [name]\nCN = Redis of a test\n[extensions]\nbasicConstraints = critical, CA:FALSE\n\
    subjectAltName = IP:127.0.0.1\n";

/// A running server, which ends with this value.
#[derive(Debug)]
pub struct Redis {
    server: Server,
    password: &'static str,
    has_tls: bool,
}

impl Redis {
    /// Starts a server with a password, and waits until it listens.
    ///
    /// # Panics
    ///
    /// When Redis is not installed, with what to install, or when it does not start, with what it
    /// says.
    pub fn start(password: &'static str) -> Self {
        let mut redis = Self { server: Server::new(REDIS), password, has_tls: false };
        redis.restart();
        redis
    }

    /// Starts a server that speaks TLS alone, with a certificate of its own.
    ///
    /// # Panics
    ///
    /// As [`Redis::start`], or when openssl is not installed.
    pub fn start_with_tls(password: &'static str) -> Self {
        let mut redis = Self { server: Server::new(REDIS), password, has_tls: true };
        make_certificate(redis.server.folder());
        redis.restart();
        redis
    }

    /// The certificate of a server with TLS, as a file.
    pub fn certificate(&self) -> PathBuf {
        self.server.folder().join("certificate.pem")
    }

    /// Starts the server again, on the same port, without what it knew.
    ///
    /// # Panics
    ///
    /// When it does not start, with what it says.
    pub fn restart(&mut self) {
        let port = self.server.port().to_string();
        let common = ["--bind", "127.0.0.1", "--save", "", "--requirepass", self.password];
        let listen: &[&str] = if self.has_tls {
            let files = ["--tls-cert-file", "certificate.pem", "--tls-key-file", "key.pem"];
            &[&["--port", "0", "--tls-port", &port, "--tls-auth-clients", "no"][..], &files].concat()
        } else {
            &["--port", &port]
        };
        let arguments = [&common[..], listen].concat();
        self.server.start(&arguments.into_iter().map(Into::into).collect::<Vec<_>>());
    }

    /// Stops the server.
    pub fn stop(&mut self) {
        self.server.stop();
    }

    /// Where it is, for a client that knows the password.
    pub fn url(&self) -> String {
        let scheme = if self.has_tls { "rediss" } else { "redis" };
        format!("{scheme}://:{}@127.0.0.1:{}", self.password, self.server.port())
    }

    /// How many keys it has.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    pub fn size(&self) -> u64 {
        let tls: &[&str] = if self.has_tls { &["--tls", "--cacert", "certificate.pem"] } else { &[] };
        let command = [tls, &["--no-auth-warning", "-a", self.password, "DBSIZE"]].concat();
        ask(&self.server, &command).trim().parse().expect("Redis answers with a number")
    }
}

/// Two nodes of a cluster. The first has no keys, and says for each that the other has it.
#[derive(Debug)]
pub struct RedisCluster {
    first: Server,
    _second: Server,
}

impl RedisCluster {
    /// Starts both, and waits until they know each other.
    ///
    /// # Panics
    ///
    /// As [`Redis::start`], or when they do not find each other.
    pub fn start() -> Self {
        let mut nodes = [Server::new(REDIS), Server::new(REDIS)];
        let buses = [free_port(), free_port()].map(|port| port.to_string());
        for (node, bus) in nodes.iter_mut().zip(&buses) {
            let port = node.port().to_string();
            let arguments =
                ["--bind", "127.0.0.1", "--port", &port, "--save", "", "--cluster-enabled", "yes"];
            let arguments = [&arguments[..], &["--cluster-port", bus]].concat();
            node.start(&arguments.into_iter().map(Into::into).collect::<Vec<_>>());
        }
        let [first, second] = nodes;
        ask(&second, &["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
        ask(&first, &["CLUSTER", "MEET", "127.0.0.1", &second.port().to_string(), &buses[1]]);
        let begun = Instant::now();
        while !ask(&first, &["CLUSTER", "INFO"]).contains("cluster_state:ok") {
            assert!(begun.elapsed() < Duration::from_secs(60), "the nodes do not find each other");
            sleep(Duration::from_millis(50));
        }
        Self { first, _second: second }
    }

    /// Where the first node is.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.first.port())
    }
}

/// What a server answers to a command.
fn ask(server: &Server, command: &[&str]) -> String {
    let mut cli = Command::new(CLI.path());
    let cli = cli.current_dir(server.folder()).args(["-p", &server.port().to_string()]);
    let answer = cli.args(command).output();
    String::from_utf8_lossy(&answer.expect("redis-cli can be run").stdout).into_owned()
}

fn make_certificate(folder: &Path) {
    fs::write(folder.join("request.cnf"), CERTIFICATE).expect("a file in a temporary folder");
    let mut openssl = Command::new(OPENSSL.path());
    openssl.current_dir(folder).args(["req", "-x509", "-nodes", "-days", "1", "-config", "request.cnf"]);
    openssl.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
    let made = openssl.args(["-keyout", "key.pem", "-out", "certificate.pem"]).output();
    let made = made.expect("openssl can be run");
    assert!(made.status.success(), "openssl: {}", String::from_utf8_lossy(&made.stderr));
}
