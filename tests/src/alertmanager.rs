//! An Alertmanager of its own for a test, spoken to by its own tool.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up has failed")]

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use crate::server::Server;
use crate::tool::Tool;

const ALERTMANAGER: Tool = Tool { command: "prometheus-alertmanager", package: "prometheus-alertmanager" };
const AMTOOL: Tool = Tool { command: "amtool", package: "prometheus-alertmanager" };

/// The labels of an alert.
pub type Labels<'a> = &'a [(&'a str, &'a str)];

/// A running Alertmanager, which ends with this value.
#[derive(Debug)]
pub struct Alertmanager {
    server: Server,
    arguments: Vec<OsString>,
}

impl Alertmanager {
    /// Starts it with a configuration, which its tool has to be content with.
    ///
    /// # Panics
    ///
    /// When it is not installed, with what to install, when the configuration is wrong, or when it
    /// does not start, with what it says.
    #[track_caller]
    pub fn start(configuration: &str) -> Self {
        let mut server = Server::new(ALERTMANAGER);
        fs::write(server.folder().join("alertmanager.yml"), configuration).expect("a temporary folder");
        let address = format!("--web.listen-address=127.0.0.1:{}", server.port());
        let arguments =
            ["--config.file=alertmanager.yml", "--storage.path=data", "--cluster.listen-address=", &address];
        let arguments: Vec<OsString> = arguments.map(Into::into).into();
        let checked = amtool(&["check-config".into(), server.folder().join("alertmanager.yml")]);
        assert!(checked.status.success(), "{checked:?}");
        server.start(&arguments);
        Self { server, arguments }
    }

    /// Kills it, and starts it again with what it has written down.
    ///
    /// # Panics
    ///
    /// As [`Self::start`].
    pub fn restart(&mut self) {
        self.server.start(&self.arguments);
    }

    /// Where it is, for a client of its API.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.server.port())
    }

    /// Returns the receiver of an alert.
    ///
    /// # Panics
    ///
    /// When the tool does not say.
    #[track_caller]
    pub fn receiver(&self, labels: Labels<'_>) -> String {
        let file = format!("--config.file={}", self.server.folder().join("alertmanager.yml").display());
        let said = amtool(&arguments(&["config", "routes", "test", &file], labels));
        assert!(said.status.success(), "{said:?}");
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    }

    /// Lets an alert fire.
    ///
    /// # Panics
    ///
    /// When it is not taken.
    #[track_caller]
    pub fn fire(&self, labels: Labels<'_>) {
        let url = format!("--alertmanager.url={}", self.url());
        let said = amtool(&arguments(&[&url, "alert", "add"], labels));
        assert!(said.status.success(), "{said:?}");
    }

    /// Returns the names of the firing alerts that nothing inhibits, in the order of the alphabet.
    ///
    /// # Panics
    ///
    /// When the tool does not say.
    #[track_caller]
    pub fn active(&self) -> Vec<String> {
        let url = format!("--alertmanager.url={}", self.url());
        let said = amtool(&[url, "--output=json".to_owned(), "alert".to_owned(), "query".to_owned()]);
        let alerts: Vec<Value> = serde_json::from_slice(&said.stdout).expect("a list of alerts");
        let name = |alert: &Value| alert["labels"]["alertname"].as_str().map(str::to_owned);
        let mut names: Vec<String> = alerts.iter().filter_map(name).collect();
        names.sort();
        names
    }
}

fn arguments(first: &[&str], labels: Labels<'_>) -> Vec<String> {
    let labels = labels.iter().map(|(label, value)| format!("{label}={value}"));
    first.iter().map(|&word| word.to_owned()).chain(labels).collect()
}

#[track_caller]
fn amtool<A: Into<PathBuf> + Clone>(arguments: &[A]) -> Output {
    let arguments = arguments.iter().cloned().map(Into::into);
    Command::new(AMTOOL.path()).args(arguments).output().expect("an installed tool can be run")
}
