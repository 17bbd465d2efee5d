//! A process of the service, or of one of its commands.

use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use clipper_stage::stand_in::twitch::{CLIENT_ID, CLIENT_SECRET};
use e2e::waiting::wait;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What opens the admin API.
pub(crate) const TOKEN: &str = "correct-horse-battery";

/// What a service is given to ask a stand-in for Twitch at an address.
pub(crate) fn twitch_at(url: &str) -> [(&'static str, &str); 4] {
    [
        ("TWITCH_CLIENT_ID", CLIENT_ID),
        ("TWITCH_CLIENT_SECRET", CLIENT_SECRET),
        ("TWITCH_AUTH_URL", url),
        ("TWITCH_API_URL", url),
    ]
}

/// The command in a folder, on a file of SQLite in it unless told otherwise, and with nothing but
/// that from the environment of the test.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clipper-jobs"));
    set_up(&mut command, folder);
    command
}

fn set_up(command: &mut Command, folder: &Path) {
    command
        .current_dir(folder)
        .env_clear()
        .env("DATABASE_URL", "sqlite:clipper.sqlite")
        .env("ADMIN_TOKEN", TOKEN)
        .stdin(Stdio::null());
}

/// Executes a command to its end. Answers exit code, output and errors.
pub(crate) fn execute(
    folder: &Path,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> (i32, String, String) {
    let mut command = command(folder);
    let Output { status, stdout, stderr } =
        command.args(arguments).envs(variables.iter().copied()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// A running service, which ends with this value.
pub(crate) struct Service {
    process: Child,
    port: u16,
    client: Client,
    pub(crate) folder: TempDir,
}

impl Service {
    /// Starts the service on a file of SQLite, with some variables, and waits until it is ready.
    pub(crate) async fn start(variables: &[(&str, &str)]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), variables).await
    }

    /// The same in a folder, where another may have run before.
    pub(crate) async fn start_in(folder: TempDir, variables: &[(&str, &str)]) -> Self {
        let mut service = Self::spawn_in(folder, variables);
        service.wait_for("/readyz", 200).await;
        service
    }

    /// Starts the service, and does not wait.
    pub(crate) fn spawn_in(folder: TempDir, variables: &[(&str, &str)]) -> Self {
        let command = command(folder.path());
        Self::spawn(command, folder, variables)
    }

    /// The same for a service whose writes fail, as on a full disk, where a file becomes larger
    /// than [`Service::limit_files`] allows. Usually a process is killed for that.
    pub(crate) fn spawn_limited(folder: TempDir, variables: &[(&str, &str)]) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", r#"trap "" XFSZ && exec "$0""#]).arg(env!("CARGO_BIN_EXE_clipper-jobs"));
        set_up(&mut shell, folder.path());
        Self::spawn(shell, folder, variables)
    }

    fn spawn(mut command: Command, folder: TempDir, variables: &[(&str, &str)]) -> Self {
        // The service is spoken to with this cryptography, and so is it itself.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = File::options().create(true).append(true).open(folder.path().join("log")).unwrap();
        command.env("PORT", port.to_string()).envs(variables.iter().copied());
        let process = command.stderr(log).spawn().unwrap();
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        Self { process, port, client, folder }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Waits until a path answers with a status. The process must not end meanwhile.
    pub(crate) async fn wait_for(&mut self, path: &str, status: u16) {
        let begun = Instant::now();
        while self.ask(Method::GET, path, "", None).await.is_none_or(|answer| answer.0 != status) {
            assert!(self.process.try_wait().unwrap().is_none(), "{}", self.log());
            assert!(begun.elapsed() < Duration::from_secs(60), "no {status} of {path}: {}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Sends a request with a token and JSON. Answers status and body, if there is an answer.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Option<&Value>,
    ) -> Option<(u16, String)> {
        let mut request = self.client.request(method, self.url(path));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.ok()?;
        Some((answer.status().as_u16(), answer.text().await.ok()?))
    }

    /// What the admin API answers to a `GET`, or to a `POST` without a body.
    pub(crate) async fn admin(&self, method: Method, path: &str) -> (u16, Value) {
        let (status, body) = self.ask(method, path, TOKEN, None).await.unwrap();
        (status, serde_json::from_str(&body).unwrap())
    }

    /// Has a job run now, and waits until that has ended. Answers its outcome and the message.
    pub(crate) async fn run(&self, job: &str) -> (String, String) {
        let body = json!({ "job_name": job });
        let (status, answer) =
            self.ask(Method::POST, "/admin/jobs/trigger", TOKEN, Some(&body)).await.unwrap();
        assert_eq!(status, 202, "{answer}");
        let run = serde_json::from_str::<Value>(&answer).unwrap()["run_id"].clone();
        wait("the run to end", async || {
            let (_, detail) = self.admin(Method::GET, &format!("/admin/jobs/{job}")).await;
            let last = &detail["last_run"];
            let text = |name: &str| last[name].as_str().unwrap().to_owned();
            (last["run_id"] == run).then(|| (text("outcome"), text("message")))
        })
        .await
    }

    /// The exposed metrics.
    pub(crate) async fn metrics(&self) -> String {
        self.ask(Method::GET, "/metrics", "", None).await.unwrap().1
    }

    /// The value of a sample.
    pub(crate) async fn sample(&self, series: &str) -> Option<f64> {
        let text = self.metrics().await;
        let line = text.lines().find(|line| line.starts_with(series))?;
        line.rsplit(' ').next()?.parse().ok()
    }

    /// What the service has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Sends a signal, as `TERM`.
    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill").arg(format!("-{signal}")).arg(self.process.id().to_string()).status();
        assert!(sent.unwrap().success());
    }

    /// Limits the size of the files that the service may write, in bytes or as `unlimited`.
    pub(crate) fn limit_files(&self, bytes: &str) {
        let (process, limit) = (self.process.id().to_string(), format!("--fsize={bytes}:"));
        assert!(Command::new("prlimit").args(["--pid", &process, &limit]).status().unwrap().success());
    }

    /// Ends the service by SIGTERM. Answers whether it says that all is well, and its log.
    pub(crate) fn terminate(self) -> (bool, String) {
        self.signal("TERM");
        self.end()
    }

    /// Waits until the service has ended. Answers whether it says that all is well, and its log.
    pub(crate) fn end(mut self) -> (bool, String) {
        let ended = self.process.wait().unwrap();
        (ended.success(), self.log())
    }

    /// Ends the service by SIGKILL. Answers its folder, for another to go on in.
    pub(crate) fn kill(mut self) -> TempDir {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
