//! The runbook: whatever it tells somebody on call to type, look for or set works against the service.

use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::time::Duration;

use clipper_jobs::database::{Address, Database};
use clipper_jobs::stand_in::Mood;
use clipper_jobs::stand_in::twitch::{CLIENT_ID, CLIENT_SECRET, TwitchService};
use e2e::repository;
use jobwatch_catalogue::AlertName;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use reqwest::Method;
use serde_json::Value;

use crate::process::{Service, TOKEN, command, execute, wait};

/// What stands in code and is neither typed nor set: names of labels, values, files and places.
const WORDS: [&str; 15] = [
    "status",
    "success",
    "failed",
    "skipped",
    "up",
    "timeout",
    "clipper",
    "deployment/backend",
    "#incidents",
    "jobs/catalogue.yaml",
    "/d/background-jobs",
    "jobwatch check",
    "jobwatch generate",
    "job_name",
    "run_id",
];

/// Something that the runbook has in code.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Code {
    Curl(String),
    Kubectl(String),
    ClipperJobs(String),
    Expression(String),
    Variable(String),
    /// The end of a path of the admin API, as `/resume`.
    Action(String),
    Known,
    Unknown(String),
}

fn classify(text: &str) -> Code {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_upper = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let jobs = repository::catalogue("jobs/catalogue.yaml");
    let is_job = jobs.jobs().iter().any(|job| job.name().as_str() == text);
    let is_alert = AlertName::ALL.iter().any(|alert| alert.as_str() == text);
    match text.as_str() {
        _ if WORDS.contains(&text.as_str()) || is_job || is_alert => Code::Known,
        _ if text.starts_with("curl ") => Code::Curl(text),
        _ if text.starts_with("kubectl ") => Code::Kubectl(text),
        _ if text.starts_with("clipper-jobs ") => Code::ClipperJobs(text),
        _ if text.starts_with('/') && !text.contains(' ') => Code::Action(text),
        _ if text.contains('_') && is_upper(&text) => Code::Variable(text),
        _ if text.contains("job_") => Code::Expression(text),
        _ => Code::Unknown(text),
    }
}

/// Everything in code, in spans and in blocks. A line that ends with a backslash goes on with the next one.
fn code(runbook: &str) -> Vec<Code> {
    let mut found = Vec::new();
    let mut in_block = false;
    for event in Parser::new(runbook) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_block = true,
            Event::End(TagEnd::CodeBlock) => in_block = false,
            Event::Code(text) => found.push(classify(&text)),
            Event::Text(text) if in_block => {
                let lines = text.replace("\\\n", " ");
                let lines = lines.lines().map(|line| line.split(" # ").next().unwrap_or_default());
                let lines =
                    lines.map(|line| line.split("  #").next().unwrap_or_default().trim_end_matches('&'));
                found.extend(lines.filter(|line| !line.trim().is_empty()).map(classify));
            }
            _ => {}
        }
    }
    found
}

/// A service in whose life everything has happened that the runbook looks for, and its log.
async fn eventful() -> (Service, TwitchService) {
    let twitch = TwitchService::start().await.unwrap();
    let service = Service::start(&[
        ("TWITCH_CLIENT_ID", CLIENT_ID),
        ("TWITCH_CLIENT_SECRET", CLIENT_SECRET),
        ("TWITCH_AUTH_URL", twitch.url().as_str()),
        ("TWITCH_API_URL", twitch.url().as_str()),
    ])
    .await;
    assert_eq!(service.run("clip_sync").await.0, "succeeded");
    assert_eq!(service.run("reputation_tasks").await.0, "succeeded");
    twitch.moods().next(&[Mood::Fails(403)]);
    assert_eq!(service.run("clip_sync").await.0, "failed");

    // Somebody holds a lock for longer than a statement should take.
    let address = Address::Sqlite(service.folder.path().join("clipper.sqlite"));
    let Database::Sqlite(pool) = Database::connect(&address).await.unwrap() else { unreachable!() };
    let lock = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let holding = async {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        lock.rollback().await.unwrap();
    };
    let (run, ()) = tokio::join!(service.run("hot_score_refresh"), holding);
    assert_eq!(run.0, "succeeded");
    append_a_panic(&service).await;
    (service, twitch)
}

/// No job of the service panics. One of the demo does, which logs in the same way.
async fn append_a_panic(service: &Service) {
    let mut demo = command(service.folder.path());
    demo.args(["demo", "--fail", "reputation_tasks=panic"]).env_remove("DATABASE_URL").env("PORT", "0");
    let mut demo = demo.env("TMPDIR", service.folder.path()).stdout(Stdio::null()).spawn().unwrap();
    let line = wait("a panic", async || {
        let folders = fs::read_dir(service.folder.path()).unwrap().flatten();
        let logs = folders.filter_map(|folder| fs::read_to_string(folder.path().join("log")).ok());
        logs.flat_map(|log| log.lines().map(str::to_owned).collect::<Vec<_>>())
            .find(|line| line.contains("run failed") && line.contains("reputation_tasks"))
    })
    .await;
    demo.kill().unwrap();
    demo.wait().unwrap();
    let log = service.log() + &line + "\n";
    fs::write(service.folder.path().join("read"), log).unwrap();
}

/// A request as it is typed. Answers its status.
async fn request(service: &Service, text: &str) -> u16 {
    let words: Vec<&str> = text.split(' ').collect();
    let method = match words.iter().position(|word| *word == "-X") {
        Some(place) => words[place + 1].parse().unwrap(),
        None => Method::GET,
    };
    let (_, rest) = text.split_once("http://localhost:8080").unwrap_or_else(|| panic!("no address: {text}"));
    let path = rest.split(['\'', ' ', '|']).next().unwrap();
    let body: Option<Value> = text.split_once("-d '").map(|(_, rest)| {
        serde_json::from_str(rest.split('\'').next().unwrap())
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    });
    let is_admin = text.contains(r#"-H "Authorization: Bearer $ADMIN_TOKEN""#);
    let token = if is_admin { TOKEN } else { "" };
    if let Some((_, pattern)) = text.split_once("| grep ") {
        let (_, body) = service.ask(method.clone(), path, token, None).await.unwrap();
        assert!(body.contains(pattern), "{text}");
    }
    service.ask(method, path, token, body.as_ref()).await.unwrap().0
}

/// A command of kubectl: in the right namespace and about what exists, and its pipe finds something in the log.
fn kubectl(service: &Service, text: &str) {
    assert!(text.contains("-n clipper "), "{text}");
    let (begin, pipe) = text.split_once(" | ").map_or((text, None), |(begin, pipe)| (begin, Some(pipe)));
    let places = ["deployment/backend", "configmap backend-config", "get pods", "delete pod NAME"];
    assert!(places.iter().any(|place| begin.contains(place)), "{text}");
    if let Some(pipe) = pipe {
        assert!(begin.contains(" logs "), "{text}");
        let log = File::open(service.folder.path().join("read")).unwrap();
        let found = Command::new("sh").args(["-c", pipe]).stdin(log).output().unwrap();
        assert!(found.status.success() && !found.stdout.is_empty(), "nothing in the log for: {text}");
        let found = String::from_utf8(found.stdout).unwrap();
        assert!(!pipe.contains("slow query") || found.contains(r#""milliseconds":1"#), "{found}");
    }
    if let Some((_, command)) = begin.split_once(" -- ") {
        clipper_jobs(service, command);
    }
}

fn clipper_jobs(service: &Service, text: &str) {
    let arguments: Vec<&str> = text.split(' ').skip(1).collect();
    let (code, _, error) = execute(service.folder.path(), &arguments, &[]);
    // 1 is an answer, too: there was nothing to replay.
    assert!(code < 2, "{text}: {error}");
}

#[tokio::test]
async fn what_the_runbook_says_works() {
    let runbook = repository::read("docs/runbooks/background-jobs.md");
    let (service, _twitch) = eventful().await;
    let (_, settings, _) = execute(service.folder.path(), &["config"], &[]);
    let variables: Vec<&str> = settings.lines().map(|line| line.split(' ').next().unwrap()).collect();
    let metrics = service.metrics().await;
    let mut counts = [0; 5];
    for code in code(&runbook) {
        match code {
            Code::Curl(text) => {
                let status = request(&service, &text).await;
                assert!((200..300).contains(&status), "{status}: {text}");
                counts[0] += 1;
            }
            Code::Action(action) => {
                let path = format!("/admin/jobs/clip_sync{action}");
                let (status, _) = service.ask(Method::POST, &path, TOKEN, None).await.unwrap();
                assert!((200..300).contains(&status), "{status}: {path}");
                counts[1] += 1;
            }
            Code::Kubectl(text) => {
                kubectl(&service, &text);
                counts[2] += 1;
            }
            Code::ClipperJobs(text) => clipper_jobs(&service, &text),
            Code::Variable(name) => {
                let is_known =
                    |known: &&str| **known == name || name.starts_with('_') && known.ends_with(&name);
                assert!(variables.iter().any(is_known), "no variable {name}");
                counts[3] += 1;
            }
            Code::Expression(text) => {
                let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
                for name in words.filter(|word| word.starts_with("job_") && *word != "job_name") {
                    let begins = [format!("{name}{{"), format!("# TYPE {name} ")];
                    let is_exposed =
                        metrics.lines().any(|line| begins.iter().any(|begin| line.starts_with(begin)));
                    assert!(is_exposed, "{name} is not exposed: {text}");
                }
                counts[4] += 1;
            }
            Code::Known => {}
            Code::Unknown(text) => panic!("what is `{text}`? Teach this test, or take it out of the runbook"),
        }
    }
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
}

#[test]
fn what_nobody_knows_is_unknown() {
    #[track_caller]
    fn check(text: &str, expected: &Code) {
        assert_eq!(&code(text)[0], expected);
    }
    check("`systemctl restart backend`", &Code::Unknown("systemctl restart backend".to_owned()));
    check("`job_nmae`", &Code::Expression("job_nmae".to_owned()));
    check("`HOT_SCORE_INTERVAL`", &Code::Variable("HOT_SCORE_INTERVAL".to_owned()));
    check("```\nkubectl get pods   # all\n```", &Code::Kubectl("kubectl get pods".to_owned()));
    check("```\ncurl a \\\n  b\n```", &Code::Curl("curl a b".to_owned()));
}
