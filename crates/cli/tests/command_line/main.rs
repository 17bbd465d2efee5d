//! The command as people and pipelines use it: what it prints, what it writes, how it ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod bounds;
mod check;
mod diff;
mod failures;
mod generate;
mod help;
mod interruptions;
mod links;
mod lint;
mod others;
mod overlays;
mod pipelines;
mod places;
#[cfg(unix)]
mod prove;
mod sandbox;
mod sarif;
mod several;
mod start;
mod targets;

use insta::assert_snapshot;
use sandbox::Sandbox;

#[test]
fn what_cannot_be_read_is_told() {
    let sandbox = Sandbox::clipper();
    assert_snapshot!(sandbox.fails(&["--catalogue", "none.yaml"]), @"
    error: cannot read none.yaml: No such file or directory (os error 2)
     |
    help: name the catalogue with `--catalogue FILE`, or write a first one with `jobwatch init`
    ");
    assert_snapshot!(sandbox.fails(&["check", "--runbook", "none.md"]), @"
    error: cannot read none.md: No such file or directory (os error 2)
     |
    help: name the runbook with `--runbook FILE`, or as `runbook` in the catalogue; `jobwatch runbook --write` writes one
    ");
    std::fs::write(sandbox.path("latin1.yaml"), b"service: caf\xe9\n").unwrap();
    assert_snapshot!(sandbox.fails(&["--catalogue", "latin1.yaml"]), @"
    error: cannot read latin1.yaml: line 1, column 13 is not UTF-8
     |
    help: save it as UTF-8
    ");
    sandbox.write("bad.yaml", "service: shop\njobs:\n  - name: bill\n    intervall: 5m\n    timeout: 0s\n");
    assert_snapshot!(sandbox.fails(&["check", "--catalogue", "bad.yaml"]), @"
    error: the key `summary` is missing
     --> bad.yaml:3:5
      |
    3 |   - name: bill
      |     ^
      |
    help: add it, as in `summary: Ranks clips by votes and age.`

    error: unknown key `intervall`
     --> bad.yaml:4:5
      |
    4 |     intervall: 5m
      |     ^^^^^^^^^
      |
    help: did you mean `interval`?

    error: a timeout is at least one second
     --> bad.yaml:5:14
      |
    5 |     timeout: 0s
      |              ^^

    bad.yaml has 3 problems
    ");
    assert_snapshot!(sandbox.fails(&["explain", "alert-never-fire"]), @"
    error: there is no code alert-never-fire
     |
    help: did you mean `alert-never-fires`?
    ");
    sandbox.fails(&["generate", "--check", "--stdout"]);
    sandbox.fails(&["genarate"]);
}

#[test]
fn jobs_and_alerts_are_listed() {
    let sandbox = Sandbox::clipper();
    let both = sandbox.run(&["list"]);
    assert_snapshot!(both.stdout, @"
    | job                    | due       | may take | variable                        | queue |
    |------------------------|-----------|----------|---------------------------------|-------|
    | hot_score_refresh      | every 5m  | 15m      | HOT_SCORE_REFRESH_INTERVAL      |       |
    | trending_score_refresh | every 1h  | 30m      | TRENDING_SCORE_REFRESH_INTERVAL |       |
    | clip_sync              | every 15m | 15m      | CLIP_SYNC_INTERVAL              |       |
    | reputation_tasks       | every 6h  | 1h       | REPUTATION_TASKS_INTERVAL       |       |
    | webhook_retry          | every 1m  | 15m      | WEBHOOK_RETRY_INTERVAL          | yes   |
    | embedding_generation   | every 10m | 20m      | EMBEDDING_GENERATION_INTERVAL   | yes   |

    | alert                            | severity | fires when                                  | jobs |
    |----------------------------------|----------|---------------------------------------------|------|
    | BackgroundJobFailing             | warning  | > 0.1 failures/sec for 5 minutes            | 6    |
    | BackgroundJobCriticalFailureRate | critical | > 50% failure rate for 5 minutes            | 6    |
    | BackgroundJobNotRunning          | warning  | No successful run for > 2 hours             | 6    |
    |                                  |          | (reputation_tasks: > 13 hours)              |      |
    | BackgroundJobCriticallyStale     | critical | No successful run for > 24 hours            | 6    |
    | BackgroundJobHighDuration        | warning  | P95 duration > 300 seconds for 15 minutes   | 6    |
    | BackgroundJobCriticalDuration    | critical | P95 duration > 600 seconds for 10 minutes   | 6    |
    | BackgroundJobQueueGrowing        | warning  | Queue > 100 and growing by > 50% over 10    | 2    |
    |                                  |          | minutes                                     |      |
    | BackgroundJobCriticalQueueSize   | critical | Queue size > 1000 for 10 minutes            | 2    |
    | BackgroundJobHighItemFailureRate | warning  | > 20% item failure rate for 15 minutes      | 6    |
    | BackgroundJobConsecutiveFailures | warning  | >= 3 failed runs in a row                   | 6    |
    | BackgroundJobOverdue             | warning  | Success overdue for > 2 minutes for 1       | 6    |
    |                                  |          | minute                                      |      |
    | BackgroundJobStuck               | warning  | A run in progress for longer than its       | 6    |
    |                                  |          | timeout for 1 minute                        |      |
    | BackgroundJobMetricsAbsent       | critical | No metrics of the job for 10 minutes        | 6    |
    | BackgroundJobUnresolved          | critical | A warning unresolved for 30 minutes         | 6    |
    ");
    assert!(both.stdout.lines().all(|line| line.chars().count() <= 100));
    let jobs = sandbox.run(&["list", "jobs"]).stdout;
    assert!(jobs.contains("clip_sync") && !jobs.contains("BackgroundJob"));
    let json: serde_json::Value =
        serde_json::from_str(&sandbox.run(&["list", "--format", "json"]).stdout).unwrap();
    assert_eq!(json["jobs"].as_array().unwrap().len(), 6);
    assert_eq!(
        json["alerts"][2]["threshold"],
        "No successful run for > 2 hours (`reputation_tasks`: > 13 hours)"
    );
}

#[test]
fn a_list_says_who_is_told_what_is_assumed_and_what_is_off() {
    let sandbox = Sandbox::empty();
    sandbox.write(
        "jobs/catalogue.yaml",
        "service: shop\n\
         defaults: {owner: payments, alerts: {BackgroundJobFailing: off}}\n\
         jobs:\n\
         - {name: mails, summary: Sends mails., interval: 1h}\n\
         - name: settle\n  summary: Settles.\n  interval: 1d\n  timeout: 2h\n  owner: ledger\n  \
           alerts: {BackgroundJobStuck: {severity: critical}, BackgroundJobOverdue: false}\n",
    );
    assert_snapshot!(sandbox.run(&["list", "jobs"]).stdout, @"
    | job    | due      | may take      | variable        | queue | owner    |
    |--------|----------|---------------|-----------------|-------|----------|
    | mails  | every 1h | 30m (default) | MAILS_INTERVAL  |       | payments |
    | settle | every 1d | 2h            | SETTLE_INTERVAL |       | ledger   |
    ");
    let alerts = sandbox.run(&["list", "alerts"]).stdout;
    let told: Vec<&str> = alerts.lines().filter(|line| line.contains("off")).collect();
    assert_snapshot!(told.join("\n"), @"
    | BackgroundJobFailing             | warning  | never: it is off                            | 0    |
    |                                  |          | minute; off for settle                      |      |
    ");
    let json = sandbox.run(&["list", "--format", "json"]).stdout;
    let settle = &json[json.find("\"name\": \"settle\"").unwrap()..json.find("\"alerts\"").unwrap()];
    assert_snapshot!(settle, @r#"
    "name": "settle",
          "summary": "Settles.",
          "schedule": "every 1d",
          "longest_interval_seconds": 86400,
          "shortest_interval_seconds": 86400,
          "timeout_seconds": 7200,
          "has_default_timeout": false,
          "interval_variable": "SETTLE_INTERVAL",
          "items": null,
          "queue": null,
          "enabled": true,
          "owner": "ledger",
          "grouping_labels": [],
          "labels": {
            "owner": "ledger"
          }
        }
      ],
    "#);
}

#[test]
fn every_code_is_explained() {
    let sandbox = Sandbox::clipper();
    let codes = sandbox.run(&["explain"]).stdout;
    let listed = codes.lines().skip(2).filter_map(|line| line.split('|').nth(1).map(str::trim));
    let mut explained = 0;
    for code in listed.filter(|code| !code.is_empty()) {
        let run = sandbox.run(&["explain", code]);
        assert_eq!(run.code, 0, "{code}");
        assert!(run.stdout.starts_with(&format!("# {code}\n")), "{}", run.stdout);
        assert!(run.stdout.lines().count() > 6, "{code} has no long story");
        explained += 1;
    }
    assert!(explained > 20);
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let sandbox = Sandbox::clipper();
    let mut child = sandbox.spawn(&["generate", "--stdout"]);
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}

#[test]
fn a_reader_that_leaves_early_stops_no_work_and_hides_no_finding() {
    let sandbox = Sandbox::clipper();
    sandbox.replace("docs/runbooks/background-jobs.md", "> 600 seconds", "> 500 seconds");
    for (arguments, code) in [(["generate"].as_slice(), 0), (&["check"], 1), (&["generate", "--check"], 0)] {
        let mut child = sandbox.spawn(arguments);
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}");
    }
}
