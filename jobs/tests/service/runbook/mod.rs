//! The runbook, word by word: whatever it names has to be there, and whatever it tells to do has to
//! work.

#![allow(clippy::expect_used, reason = "a test that cannot go on panics, with the line that it is at")]

mod log;
mod shell;

use std::collections::BTreeSet;

use clipper_jobs::service;
use clipper_stage::stand_in::twitch::TwitchService;
use e2e::repository;
use jobwatch_catalogue::label::{ItemStatus, JOB_NAME, STATUS};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use reqwest::Method;

use crate::process::{Service, execute, twitch_at};

/// What is neither in the repository nor in the service.
const ELSEWHERE: [(&str, &str); 5] = [
    ("#incidents", "a channel of Slack"),
    ("clipper", "the namespace of Kubernetes, which the rules have in a label"),
    ("deployment/backend", "the deployment that all lines of kubectl name"),
    ("up", "a metric of Prometheus itself"),
    ("timeout", "a field of the catalogue"),
];

/// What the runbook looks for in the log with which filter: a part of the lines that are meant.
const EVENTS: [(&str, &str); 7] = [
    (r#"grep '"job_name":"clip_sync"'"#, r#""message":"run failed: "#),
    ("grep -E 'failed|panic'", r#""message":"run failed: "#),
    ("grep failed", r#""message":"run failed: "#),
    ("grep panic", r#""message":"run failed: panic: index out of bounds""#),
    ("grep 'Starting .* scheduler'", r#""message":"Starting webhook_retry scheduler""#),
    ("grep 'slow query'", r#""what":"write hot ranks""#),
    (r#"grep '"job_name":"reputation_tasks"' | tail"#, r#""message":"run succeeded: "#),
];

/// Everything that the runbook has in code spans and, line by line, in blocks.
fn read(markdown: &str) -> Vec<String> {
    let (mut found, mut is_block) = (Vec::new(), false);
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => is_block = true,
            Event::End(TagEnd::CodeBlock) => is_block = false,
            Event::Code(text) => found.push(text.to_string()),
            Event::Text(text) if is_block => {
                found.extend(text.replace("\\\n", " ").lines().map(str::to_owned));
            }
            _ => {}
        }
    }
    found
}

/// What the runbook is held against.
struct Facts {
    service: Service,
    log: String,
    config: String,
    metrics: String,
    rules: String,
    dashboard: String,
    jobs: BTreeSet<String>,
}

impl Facts {
    async fn check(&self, text: &str) {
        let is = |character: fn(&char) -> bool| text.chars().all(|one| character(&one));
        let is_variable = is(|one| one.is_ascii_uppercase() || one.is_ascii_digit() || *one == '_');
        let statuses = ItemStatus::ALL.map(ItemStatus::as_str);
        match text.split(' ').next().unwrap_or_default() {
            "curl" => self.curl(text).await,
            "kubectl" => self.kubectl(text),
            "clipper-jobs" => self.command(&shell::read(text).words),
            "jobwatch" => assert!(["jobwatch check", "jobwatch generate"].contains(&text), "{text}"),
            "/resume" => self.resume().await,
            "run_id" => assert!(self.log.contains(r#""run_id":"clip_sync:1""#), "{}", self.log),
            _ if is_variable && text.contains('_') => self.variable(text),
            _ if text.contains('(') || text.starts_with("job_") && text != JOB_NAME => {
                self.query(text);
            }
            _ if text.starts_with("BackgroundJob") => {
                assert!(self.rules.contains(&format!("alert: {text}\n")), "there is no alert {text}");
            }
            _ if text.starts_with("/d/") => {
                let uid = text.trim_start_matches("/d/");
                assert!(self.dashboard.contains(&format!("\"uid\": \"{uid}\"")), "no dashboard is {text}");
            }
            _ if text.ends_with(".yaml") => drop(repository::read(text)),
            _ if self.jobs.contains(text) || [JOB_NAME, STATUS].contains(&text) => {}
            _ if statuses.contains(&text) || ELSEWHERE.iter().any(|(known, _)| *known == text) => {}
            _ => panic!("the runbook has `{text}`, and nobody checks that: teach this test what it is"),
        }
    }

    /// Sends the request to the service, which has to do what it is told.
    async fn curl(&self, text: &str) {
        let line = shell::read(text);
        let mut method = Method::GET;
        let (mut headers, mut body, mut url) = (Vec::new(), String::new(), String::new());
        let mut words = line.words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "-s" => {}
                "-X" => method = words.next().unwrap().parse().unwrap(),
                "-H" => headers.push(words.next().unwrap().split_once(": ").unwrap()),
                "-d" => words.next().unwrap().clone_into(&mut body),
                _ => url = word.strip_prefix("http://localhost:8080").expect(text).to_owned(),
            }
        }
        let mut request = self.service.client().request(method, self.service.url(&url)).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = request.send().await.unwrap();
        let (status, body) = (answer.status().as_u16(), answer.text().await.unwrap());
        assert_eq!(status, if url.ends_with("/trigger") { 202 } else { 200 }, "`{text}` answers {body}");
        if let Some(filter) = &line.filter {
            assert!(!shell::pipe(filter, &body).expect(text).is_empty(), "`{text}` finds nothing");
        }
    }

    async fn resume(&self) {
        let (status, body) = self.service.admin(Method::POST, "/admin/jobs/clip_sync/resume").await;
        assert_eq!((status, &body["status"]), (200, &"resumed".into()));
    }

    /// Holds a line against what there is on the cluster, and its filter against the log.
    fn kubectl(&self, text: &str) {
        let line = shell::read(text);
        let words: Vec<&str> = line.words.iter().map(String::as_str).collect();
        let Some(rest) = words.strip_prefix(&["-n", "clipper"]) else {
            panic!("`{text}` does not begin with the namespace");
        };
        match rest {
            ["logs", "deployment/backend"] | ["logs", "deployment/backend", _] => {
                let since = rest.get(2).copied().unwrap_or("--since=1h");
                assert!(since.starts_with("--since="), "`{text}` has an unknown option");
                let filter = line.filter.expect(text);
                let event = EVENTS.iter().find(|(known, _)| *known == filter);
                let (_, part) =
                    event.unwrap_or_else(|| panic!("say which line of the log `{filter}` is to find"));
                let found = shell::pipe(&filter, &self.log).unwrap_or_default();
                assert!(found.contains(part), "`{text}` does not find {part} in {}", self.log);
            }
            ["exec", "deployment/backend", "--", "clipper-jobs", arguments @ ..] => {
                self.command(&arguments.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
            }
            ["port-forward", "deployment/backend", "8080:8080"]
            | ["rollout", "undo" | "restart", "deployment/backend"]
            | ["describe", "deployment/backend"]
            | ["edit", "configmap", "backend-config"]
            | ["get", "configmap", "backend-config", "-o", "yaml"]
            | ["get", "pods"]
            | ["delete", "pod", "NAME"] => assert!(line.filter.is_none(), "`{text}` has an unknown filter"),
            _ => panic!("`{text}` is no line of kubectl that this test knows"),
        }
        // An example of a setting stands in a comment.
        if let Some((_, example)) = text.split_once("# ") {
            let (variable, value) = example.split_once(": ").expect(text);
            let (code, out, error) = execute(self.service.folder.path(), &["config"], &[(variable, value)]);
            assert_eq!(code, 0, "`{example}` cannot be used: {error}");
            let line = out.lines().find(|line| line.starts_with(variable)).expect(text);
            assert!(line.trim_end().ends_with("environment") && line.contains(value), "{line}");
        }
    }

    /// Executes a command of the service. It may find something, but it has to be able to run.
    fn command(&self, arguments: &[String]) {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (code, _, error) = execute(self.service.folder.path(), &arguments, &[]);
        assert!([0, 1].contains(&code), "`clipper-jobs {}` ends with {code}: {error}", arguments.join(" "));
    }

    /// A variable, or the end that several have.
    fn variable(&self, text: &str) {
        let mut known = self.config.lines().map(|line| line.split(' ').next().unwrap_or_default());
        let is_known = |name: &str| if text.starts_with('_') { name.ends_with(text) } else { name == text };
        assert!(known.any(is_known), "no setting is called {text}");
    }

    /// A query that Prometheus can read, or the name of a metric.
    fn query(&self, text: &str) {
        if let Err(error) = promql_parser::parser::parse(text) {
            panic!("`{text}` is no query: {error}");
        }
        let words = text.split(|one: char| !one.is_ascii_alphanumeric() && one != '_');
        let mut metrics = words.filter(|word| word.starts_with("job_") && *word != JOB_NAME).peekable();
        assert!(metrics.peek().is_some(), "`{text}` has no metric of the jobs");
        for metric in metrics {
            let (series, family) = (format!("{metric}{{"), format!("# TYPE {metric} "));
            let is_exposed =
                self.metrics.lines().any(|line| line.starts_with(&series) || line.starts_with(&family));
            assert!(is_exposed, "`{text}` reads {metric}, which is not exposed");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_the_runbook_names_is_there_and_works() {
    let twitch = TwitchService::start().await.unwrap();
    let service = Service::start(&twitch_at(twitch.url().as_str())).await;
    let facts = Facts {
        log: log::of(&service, &twitch).await,
        config: execute(service.folder.path(), &["config"], &[]).1,
        metrics: service.metrics().await,
        rules: repository::read("alerts/background-jobs.rules.yaml"),
        dashboard: repository::read("dashboards/background-jobs.json"),
        jobs: service::catalogue().unwrap().jobs().iter().map(|job| job.name().to_string()).collect(),
        service,
    };
    let found = read(&repository::read("docs/runbooks/background-jobs.md"));
    let begins = |with: &str| found.iter().filter(|text| text.starts_with(with)).count();
    assert!(begins("curl ") >= 8 && begins("kubectl ") >= 12 && begins("clipper-jobs ") >= 2, "{found:?}");
    for text in &found {
        facts.check(text).await;
    }
}
