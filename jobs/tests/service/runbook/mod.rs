//! The runbook and the pages around it, word by word: whatever they name has to be there, and
//! whatever they tell to do has to work.

#![allow(clippy::expect_used, reason = "a test that cannot go on panics, with the line it is at")]

mod cluster;
mod database;
mod log;
mod shell;
mod typed;

use std::collections::BTreeSet;

use clipper_jobs::service;
use clipper_jobs::settings::Settings;
use clipper_jobs::webhooks::{ATTEMPTS, TIMEOUT};
use clipper_stage::stand_in::twitch::TwitchService;
use e2e::repository;
use jobwatch_catalogue::label::{ItemStatus, JOB_NAME, STATUS};
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use reqwest::Method;

use self::cluster::Cluster;
use self::typed::{COMMANDS, PSQL, QUERIES, TRIGGER};
use crate::manifests;
use crate::process::{Service, execute, twitch_at};

/// The pages.
const PAGES: [&str; 4] = [
    "docs/runbooks/background-jobs.md",
    "docs/monitoring.md",
    "docs/runbook.md",
    "docs/webhook-monitoring.md",
];

/// What is neither in the repository nor in the service.
const ELSEWHERE: [(&str, &str); 17] = [
    ("#incidents", "a channel of Slack"),
    ("Retry-After", "a header of answers, as HTTP has it"),
    ("RUST_LOG", "a variable of the log, which the help tells"),
    ("RUST_LOG=warn", "the same"),
    ("clipper", "the namespace of Kubernetes, which the rules have in a label"),
    ("monitoring", "the namespace of Prometheus"),
    ("pg_stat_statements", "an extension of PostgreSQL"),
    ("webhook-id", "a header of deliveries, as Standard Webhooks has it"),
    ("GET _cluster/allocation/explain", "a request to OpenSearch"),
    ("GET _nodes/stats/breaker,thread_pool", "the same"),
    ("cluster:monitor/main", "a right in OpenSearch"),
    ("indices:data/write/bulk*", "the same"),
    ("cluster_block_exception", "an error of OpenSearch"),
    ("unavailable_shards_exception", "the same"),
    ("index.blocks.read_only_allow_delete", "a setting of OpenSearch"),
    ("up", "a metric of Prometheus itself"),
    ("timeout", "a field of the catalogue"),
];

/// What the runbook looks for in the log with which filter: a part of the lines that are meant.
const EVENTS: [(&str, &str); 10] = [
    (r#"grep '"job_name":"clip_sync"'"#, r#""message":"run failed: "#),
    ("grep -E 'failed|panic'", r#""message":"run failed: "#),
    ("grep failed", r#""message":"run failed: "#),
    ("grep panic", r#""message":"run failed: panic: index out of bounds""#),
    ("grep 'Starting .* scheduler'", r#""message":"Starting webhook_retry scheduler""#),
    ("grep 'slow query'", r#""what":"write hot ranks""#),
    (r#"grep '"job_name":"reputation_tasks"' | tail"#, r#""message":"run succeeded: "#),
    (r#"grep '"job_name":"webhook_retry"'"#, r#""job_name":"webhook_retry""#),
    ("grep 'is in trouble'", r#""message":"Twitch is in trouble""#),
    ("grep 'is well again'", r#""message":"Twitch is well again""#),
];

/// Everything that a page has in code spans and, line by line, or query by query, in blocks.
fn read(markdown: &str) -> Vec<String> {
    let (mut found, mut is_block, mut is_sql) = (Vec::new(), false, false);
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                is_block = true;
                is_sql = matches!(kind, CodeBlockKind::Fenced(language) if &*language == "sql");
            }
            Event::End(TagEnd::CodeBlock) => (is_block, is_sql) = (false, false),
            Event::Code(text) => found.push(text.to_string()),
            Event::Text(text) if is_sql => {
                let queries = text.split_terminator(';').map(|query| query.trim().to_owned());
                found.extend(queries.filter(|query| !query.is_empty()));
            }
            Event::Text(text) if is_block => {
                found.extend(text.replace("\\\n", " ").lines().map(str::to_owned));
            }
            _ => {}
        }
    }
    found
}

/// What the pages are held against.
struct Facts {
    service: Service,
    cluster: Cluster,
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
            "kubectl" if text.contains(" logs ") => {
                assert!(text.contains(" -l app=backend"), "`{text}` reads one of the replicas alone");
                self.log(text);
            }
            "kubectl" => drop(self.kubectl(text)),
            "SELECT" => {
                let answer = self.cluster.sql(&text.replace("(PID)", "(0)"));
                assert!(!answer.trim().is_empty(), "`{text}` finds nothing");
            }
            "amtool" => {
                let job = text.strip_prefix("amtool silence add job_name=").expect(text);
                assert!(self.jobs.contains(job), "{text}");
            }
            "escalates" => assert!(self.rules.contains("escalates: "), "no rule has the label {text}"),
            "podman" => drop(repository::read("jobs/deploy/Containerfile")),
            "clipper-jobs" => self.command(&shell::read(text).words),
            "jobwatch" => assert!(["jobwatch check", "jobwatch generate"].contains(&text), "{text}"),
            "/resume" => self.resume().await,
            "/readyz" | "/metrics" | "/admin/jobs" | "/admin/ui" => self.curl(&get(text)).await,
            "problems" | "degraded" => {
                let (_, ready) = self.service.admin(Method::GET, "/readyz").await;
                assert!(ready[text].is_array(), "/readyz has no {text}: {ready}");
            }
            "rollout" | "scale" => {
                drop(self.kubectl(&format!("kubectl -n clipper {text} deployment/backend")))
            }
            "backend-config" => drop(self.kubectl("kubectl -n clipper get configmap backend-config -o yaml")),
            "backend-secrets" => assert!(self.cluster.has_secret(text)),
            _ if text.starts_with("deployment/") || text.starts_with("postgres-") => {
                drop(self.cluster.workload(text));
            }
            _ if text.starts_with("jobs/") => assert!(repository::root().join(text).exists(), "{text}"),
            "run_id" => assert!(self.log.contains(r#""run_id":"clip_sync:1""#), "{}", self.log),
            _ if ELSEWHERE.iter().any(|(known, _)| *known == text) => {}
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
            _ if statuses.contains(&text) => {}
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

    /// Holds a line against what there is on the cluster, and its filter against the log. Answers
    /// what it shows.
    fn kubectl(&self, text: &str) -> String {
        let line = shell::read(text);
        if let Some(at) = line.words.iter().position(|word| word == "clipper-jobs") {
            self.command(&line.words[at + 1..]);
        }
        // An example of a setting stands in a comment.
        if let Some((_, example)) = text.split_once("# ") {
            let (variable, value) = example.split_once(": ").expect(text);
            let (code, out, error) = execute(self.service.folder.path(), &["config"], &[(variable, value)]);
            assert_eq!(code, 0, "`{example}` cannot be used: {error}");
            let line = out.lines().find(|line| line.starts_with(variable)).expect(text);
            assert!(line.trim_end().ends_with("environment") && line.contains(value), "{line}");
        }
        let answer = self.cluster.answer(&line.words);
        match line.filter {
            Some(filter) => shell::pipe(&filter, &answer)
                .unwrap_or_else(|error| panic!("`{text}` finds nothing in {answer}: {error}")),
            None => answer,
        }
    }

    /// Executes a line of a page, whose filter has to find in the log what it is there for.
    fn log(&self, text: &str) {
        let filter = shell::read(text).filter.expect(text);
        let event = EVENTS.iter().find(|(known, _)| *known == filter);
        let (_, part) = event.unwrap_or_else(|| panic!("say which line of the log `{filter}` is to find"));
        let found = self.kubectl(text);
        assert!(found.contains(part), "`{text}` does not find {part} in {}", self.log);
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

/// How a path of the service is asked for.
fn get(path: &str) -> String {
    format!(r#"curl -s -H "Authorization: Bearer $ADMIN_TOKEN" http://localhost:8080{path}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_the_runbook_names_is_there_and_works() {
    let twitch = TwitchService::start().await.unwrap();
    let service = Service::start(&twitch_at(twitch.url().as_str())).await;
    let log = log::of(&service, &twitch).await;
    let facts = Facts {
        cluster: Cluster::start(log.clone()).await,
        log,
        config: execute(service.folder.path(), &["config"], &[]).1,
        metrics: service.metrics().await,
        rules: repository::read("alerts/background-jobs.rules.yaml"),
        dashboard: repository::read("dashboards/background-jobs.json"),
        jobs: service::catalogue().unwrap().jobs().iter().map(|job| job.name().to_string()).collect(),
        service,
    };
    let found: Vec<String> = PAGES.iter().flat_map(|page| read(&repository::read(page))).collect();
    let begins = |with: &str| found.iter().filter(|text| text.starts_with(with)).count();
    assert!(begins("curl ") >= 11 && begins("kubectl ") >= 40 && begins("clipper-jobs ") >= 2, "{found:?}");
    assert_eq!(begins("SELECT"), 7, "{found:?}");
    for text in &found {
        facts.check(text).await;
    }
    for (command, filter, part) in COMMANDS {
        let shown = facts.kubectl(&format!("kubectl {command} | {filter}"));
        assert!(shown.contains(part), "`{command}` does not show {part}: {shown}");
    }
    for (query, part) in QUERIES {
        let shown = facts.kubectl(&format!("{PSQL} \"{query}\""));
        assert!(shown.contains(part), "`{query}` does not show {part}: {shown}");
    }
    facts.curl(TRIGGER).await;
}

/// Pages tell numbers that the code has.
#[test]
fn the_numbers_of_the_pages_are_those_of_the_service() {
    let settings = Settings::read(&service::catalogue().unwrap(), |_| None).unwrap();
    let base = manifests::objects(manifests::DEV);
    let scraped = &manifests::object(&base, "ServiceMonitor", "backend")["spec"]["endpoints"][0]["interval"];
    let scraped = scraped.as_str().unwrap().trim_end_matches('s');
    let drain = jobwatch_runtime::Settings::default().drain.as_secs();
    let connections = settings.database_connections + 2;
    let [runbook, monitoring, deployment, webhooks] = PAGES.map(repository::read);
    for (page, told) in [
        (&runbook, format!("A replica takes up to {connections} connections")),
        (&monitoring, format!("which Prometheus reads every {scraped} seconds")),
        (&deployment, format!("for up to {drain} seconds\n")),
        (&webhooks, format!("none within {} seconds", TIMEOUT.as_secs())),
        (&webhooks, format!("tried again, {ATTEMPTS} times in all")),
    ] {
        assert!(page.contains(&told), "no page says `{told}`");
    }
}
