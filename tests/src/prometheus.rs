//! A Prometheus and an Alertmanager of its own for a test: one process is scraped each second,
//! rules are evaluated as often, and alerts arrive at once.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up has failed")]

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::alertmanager::Alertmanager;
use crate::server::Server;
use crate::tool::Tool;

const PROMETHEUS: Tool = Tool { command: "prometheus", package: "prometheus" };

/// The running servers, which end with this value.
#[derive(Debug)]
pub struct Prometheus {
    server: Server,
    arguments: Vec<OsString>,
    alertmanager: Alertmanager,
}

impl Prometheus {
    /// Starts both. Prometheus scrapes a port of loopback, and evaluates the rules of a file.
    ///
    /// # Panics
    ///
    /// When they are not installed, with what to install, or when they do not start, with what they
    /// say.
    pub fn start(scraped: u16, rules: &Path) -> Self {
        // It keeps what it is told to itself.
        let routing = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n";
        Self::start_routed(&[scraped], rules, routing)
    }

    /// The same with several replicas of a process, and with an Alertmanager of this configuration.
    ///
    /// # Panics
    ///
    /// As [`Self::start`].
    pub fn start_routed(scraped: &[u16], rules: &Path, routing: &str) -> Self {
        let alertmanager = Alertmanager::start(routing);
        let mut server = Server::new(PROMETHEUS);
        let rules = rules.canonicalize().expect("the rules are there");
        let configuration = format!(
            "global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: ['{}']
alerting: {{alertmanagers: [{{static_configs: [{{targets: ['{}']}}]}}]}}
scrape_configs:
- job_name: clipper
  static_configs: [{{targets: [{}], labels: {{namespace: clipper}}}}]
",
            rules.display(),
            alertmanager.url().trim_start_matches("http://"),
            scraped.iter().map(|port| format!("'127.0.0.1:{port}'")).collect::<Vec<_>>().join(", ")
        );
        fs::write(server.folder().join("prometheus.yml"), configuration).expect("a temporary folder");
        let address = format!("--web.listen-address=127.0.0.1:{}", server.port());
        // Sixtieths of the usual ten minutes, from which on it is restored since when a condition
        // holds, and of the minute after which a firing alert is sent again.
        let faster = ["--rules.alert.for-grace-period=10s", "--rules.alert.resend-delay=1s"];
        let arguments = ["--config.file=prometheus.yml", "--storage.tsdb.path=data", &address];
        let arguments = arguments.into_iter().chain(faster);
        let arguments: Vec<OsString> = arguments.map(Into::into).collect();
        server.start(&arguments);
        Self { server, arguments, alertmanager }
    }

    /// Kills both, and starts them again with what they have written down.
    ///
    /// # Panics
    ///
    /// As [`Self::start`].
    pub fn restart(&mut self) {
        self.server.start(&self.arguments);
        self.alertmanager.restart();
    }

    /// Where Prometheus is, for a client of its API.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.server.port())
    }

    /// Asks Prometheus' API until it answers what is wanted. While it starts, it answers in plain
    /// words, and then without rules.
    ///
    /// # Panics
    ///
    /// When it takes longer than two minutes, with the last answer.
    #[track_caller]
    pub fn wait_for<T>(&self, path: &str, wanted: impl Fn(&Value) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            let answer = self.get(path).expect("Prometheus listens");
            let body = answer.split_once("\r\n\r\n").map(|(_, body)| serde_json::from_str(body));
            if let Some(found) = body.and_then(Result::ok).and_then(|body| wanted(&body)) {
                return found;
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "{path}: {answer:.10000}");
            sleep(Duration::from_millis(50));
        }
    }

    fn get(&self, path: &str) -> io::Result<String> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.server.port()))?;
        write!(connection, "GET {path} HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// Where Alertmanager is, for a client of its API.
    pub fn alertmanager_url(&self) -> String {
        self.alertmanager.url()
    }
}
