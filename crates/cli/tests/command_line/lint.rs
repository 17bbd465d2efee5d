//! `jobwatch lint` and `check --rules`: what is found in rules, in every format, and what is
//! refused.

use std::time::{Duration, Instant};

use insta::assert_snapshot;
use serde_json::Value;

use crate::sandbox::Sandbox;

const RULES: &str = "\
groups:
  - name: jobs
    rules:
      - alert: Failing
        expr: >-
          rate(runs_total{status=\"failed\"}[5m])
            / rate(runs_total{status=\"success\"}[5m]) > 0.5
        annotations:
          summary: Ratio of {{ $labels.job }}
          runbook_url: https://example.org/jobs.md#failing
      # jobwatch: ignore rule-counter-compared It is restarted each night.
      - alert: Many
        expr: runs_total > 1000
        annotations: {runbook_url: https://example.org/jobs.md#many}
";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.write("rules.yaml", RULES);
    sandbox
}

#[test]
fn rules_are_looked_at_without_a_catalogue() {
    let run = sandbox().run(&["lint", "rules.yaml"]);
    assert_eq!(run.code, 1);
    assert_snapshot!(run.stdout, @r#"
    error[rule-sides-never-match]: Failing: the sides of `/` never have the same `status`: the left one has `failed` and the right one has `success`, so that nothing comes of it
     --> rules.yaml:6:11
      |
    6 |           rate(runs_total{status="failed"}[5m])
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
    help: aggregate both sides by the same labels, or name those that have to agree with `on (…)`

    suppressed[rule-counter-compared]: Many: `runs_total` is a counter: once it is beyond a threshold, it stays there until a restart
      --> rules.yaml:13
      because: It is restarted each night.

    checked 2 rules in rules.yaml: 1 error, 1 suppressed
    "#);
}

#[test]
fn findings_about_rules_are_shown_in_every_format() {
    let sandbox = sandbox();
    let run = |format: &str| sandbox.run(&["lint", "rules.yaml", "--format", format]).stdout;
    let findings: Vec<Value> = serde_json::from_str(&run("json")).unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&findings[0]).unwrap(), @r#"
    {
      "alert": null,
      "catalogue": null,
      "code": "rule-sides-never-match",
      "column": 11,
      "end_column": 53,
      "end_line": 7,
      "expected": null,
      "file": "rules.yaml",
      "found": null,
      "hint": "aggregate both sides by the same labels, or name those that have to agree with `on (…)`",
      "job": null,
      "line": 6,
      "message": "Failing: the sides of `/` never have the same `status`: the left one has `failed` and the right one has `success`, so that nothing comes of it",
      "rule": "Failing",
      "severity": "error",
      "suppressed": null
    }
    "#);
    assert_snapshot!(run("github"), @"
    ::error file=rules.yaml,line=6,endLine=7,title=rule-sides-never-match::Failing: the sides of `/` never have the same `status`: the left one has `failed` and the right one has `success`, so that nothing comes of it%0Aaggregate both sides by the same labels, or name those that have to agree with `on (…)`
    ::notice file=rules.yaml,line=13,endLine=13,col=15,endColumn=25,title=rule-counter-compared::Many: `runs_total` is a counter: once it is beyond a threshold, it stays there until a restart%0ASuppressed: It is restarted each night.
    ");
    assert_snapshot!(run("junit"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="jobwatch">
      <testsuite name="rules.yaml" tests="2" failures="1" skipped="1">
        <testcase classname="rule-sides-never-match" name="Failing: rule-sides-never-match at rules.yaml:6:11"><failure type="rule-sides-never-match" message="Failing: the sides of `/` never have the same `status`: the left one has `failed` and the right one has `success`, so that nothing comes of it">rules.yaml:6:11&#10;rate(runs_total{status=&quot;failed&quot;}[5m])&#10;            / rate(runs_total{status=&quot;success&quot;}[5m])&#10;aggregate both sides by the same labels, or name those that have to agree with `on (…)`</failure></testcase>
        <testcase classname="rule-counter-compared" name="Many: rule-counter-compared at rules.yaml:13:15"><skipped message="It is restarted each night."/></testcase>
      </testsuite>
    </testsuites>
    "#);
    let log: Value = serde_json::from_str(&run("sarif")).unwrap();
    let result = &log["runs"][0]["results"][0];
    assert_snapshot!(result["locations"][0]["physicalLocation"]["region"], @r#"{"endColumn":53,"endLine":7,"startColumn":11,"startLine":6}"#);
    assert!(result["partialFingerprints"]["primaryLocationLineHash"].is_string(), "{result}");
    let rule = result["ruleIndex"].as_u64().unwrap();
    let rule = &log["runs"][0]["tool"]["driver"]["rules"][usize::try_from(rule).unwrap()];
    assert_eq!(rule["id"], result["ruleId"]);
    // A comment in the file suppresses the other one.
    let suppression = &log["runs"][0]["results"][1]["suppressions"][0];
    assert_eq!(suppression["kind"], "inSource");
    assert_eq!(suppression["justification"], "It is restarted each night.");
}

#[test]
fn a_fingerprint_stays_when_lines_are_added_above() {
    let sandbox = sandbox();
    let prints = || {
        let log: Value =
            serde_json::from_str(&sandbox.run(&["lint", "rules.yaml", "--format", "sarif"]).stdout).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        results.into_iter().map(|result| result["partialFingerprints"].clone()).collect::<Vec<_>>()
    };
    let before = prints();
    sandbox.write("rules.yaml", &format!("# One more line.\n{RULES}"));
    assert_eq!(prints(), before);
}

/// Rules about Clipper's jobs, of which its catalogue knows more.
const ABOUT_JOBS: &str = "\
groups:
  - name: jobs
    rules:
      - alert: Failing
        expr: rate(job_execution_total{status=\"failed\", job_name=\"webhook_retry\"}[10m]) > 0.1
        annotations: {runbook_url: docs/runbooks/background-jobs.md#job-failures}
      - alert: Slow
        expr: histogram_quantile(0.95, sum by (le) (rate(job_execution_duration_seconds_bucket{job_name=\"webhook_retry\"}[10m]))) > 600
        for: 10m
        annotations: {runbook_url: docs/runbooks/background-jobs.md#slow}
";

#[test]
fn a_catalogue_that_is_found_says_more() {
    let sandbox = Sandbox::clipper();
    sandbox.write("rules.yaml", ABOUT_JOBS);
    let run = sandbox.run(&["lint", "rules.yaml"]);
    assert_eq!(run.code, 1);
    let titles: Vec<&str> = run.stdout.lines().filter(|line| line.contains("[rule-")).collect();
    assert_snapshot!(titles.join("\n"), @r#"
    error[rule-comparison-never-holds]: Failing: this never holds: `rate(job_execution_total{status="failed", job_name="webhook_retry"}[10m])` is from 0 to 0.0229: no job that it reads is due more often than each 1m
    warning[rule-for-too-long]: Slow: this alert waits for 10m and cannot fire: its expression holds for less than 10m at a time, because two runs of a job that take so long end at least 10m apart, and the range of 10m is empty before the next
    error[rule-runbook-section-missing]: Slow: the runbook has no section `#slow`
    "#);
    let elsewhere = Sandbox::empty();
    elsewhere.write("rules.yaml", ABOUT_JOBS);
    let run = elsewhere.run(&["lint", "rules.yaml"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "checked 2 rules in rules.yaml: nothing found\n"));
}

#[test]
fn rules_can_be_checked_beside_a_catalogue() {
    let sandbox = Sandbox::clipper();
    sandbox.write("rules.yaml", RULES);
    let run = sandbox.run(&["check", "--rules", "rules.yaml"]);
    assert_eq!(run.code, 1);
    let summary: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with("checked ")).collect();
    assert_snapshot!(summary.join("\n"), @"
    checked 14 alerts for 6 jobs against docs/runbooks/background-jobs.md: 1 suppressed
    checked 2 rules in rules.yaml: 1 error, 1 suppressed
    ");
}

#[test]
fn what_is_generated_has_nothing_to_find() {
    let sandbox = Sandbox::clipper();
    assert_eq!(sandbox.run(&[]).code, 0);
    for files in ["alerts", "alerts/kubernetes"] {
        let run = sandbox.run(&["lint", files]);
        assert_eq!(run.code, 0, "{}", run.stdout);
        assert!(run.stdout.ends_with(" suppressed\n"), "{}", run.stdout);
    }
}

#[test]
fn what_is_known_of_prometheus_can_be_said() {
    let sandbox = Sandbox::empty();
    sandbox.write(
        "rules.yaml",
        "groups: [{name: g, rules: [{record: a, expr: 'rate(b_total[30s] offset 30d)'}]}]",
    );
    let code = |options: &[&str]| sandbox.run(&[&["lint", "rules.yaml"], options].concat()).code;
    assert_eq!(code(&[]), 0);
    assert_eq!(code(&["--scrape-interval", "30s"]), 1);
    assert_eq!(code(&["--retention", "15d"]), 1);
    assert_eq!(code(&["--retention", "60d"]), 0);
    assert_snapshot!(sandbox.fails(&["lint", "rules.yaml", "--retention", "long"]), @"
    error: invalid value 'long' for '--retention <DURATION>': a duration is whole numbers with units, as in `90s`, `5m` or `1h30m`

    For more information, try '--help'.
    ");
}

#[test]
fn what_is_no_rule_file_is_refused_at_once() {
    let sandbox = Sandbox::empty();
    let start = Instant::now();
    sandbox.write(
        "bad.yaml",
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: rate(a) > 5\n  - alert: B\n    expr: b > (\n",
    );
    assert_snapshot!(sandbox.fails(&["lint", "bad.yaml"]), @"
    error: Prometheus does not read this expression: rate takes a range of samples, as in `[5m]`, and this is a vector
     --> bad.yaml:5:16
      |
    5 |     expr: rate(a) > 5
      |                ^
      |
    help: correct the expression; rules with placeholders are rendered first

    error: Prometheus does not read this expression: expected an expression, and here is the end
     --> bad.yaml:7:16
      |
    7 |     expr: b > (
      |                ^
      |
    help: correct the expression; rules with placeholders are rendered first

    bad.yaml has 2 problems
    ");
    sandbox.write("empty.yaml", "");
    sandbox.write("nul.yaml", "groups:\0");
    sandbox.write("deep.yaml", &format!("groups: {}", "[".repeat(1_000_000)));
    sandbox.write("large.yaml", &"#".repeat(50 << 20));
    sandbox.write(
        "query.yaml",
        &format!("groups: [{{name: g, rules: [{{record: a, expr: '{}'}}]}}]", "(".repeat(1_000_000)),
    );
    for file in
        ["empty.yaml", "nul.yaml", "deep.yaml", "large.yaml", "query.yaml", "missing.yaml", "/dev/zero"]
    {
        let told = sandbox.fails(&["lint", file]);
        assert!(told.contains(file) && told.lines().count() < 20 && told.len() < 4_000, "{file}: {told}");
    }
    assert!(start.elapsed() < Duration::from_secs(120), "{:?}", start.elapsed());
}

#[cfg(unix)]
#[test]
fn a_pipe_that_nobody_writes_to_is_not_waited_for() {
    let sandbox = Sandbox::empty();
    sandbox.pipe("pipe.yaml");
    assert!(sandbox.fails(&["lint", "pipe.yaml"]).contains("it is a named pipe"));
}

#[test]
fn of_a_folder_what_holds_no_rules_is_left_out() {
    let sandbox = sandbox();
    sandbox.write("rules/a.yaml", "groups: [{name: g, rules: [{record: a, expr: sum(b)}]}]");
    sandbox.write("rules/config.yaml", "route: {}\n");
    let run = sandbox.run(&["lint", "rules"]);
    assert_snapshot!(format!("{}{}", run.stderr, run.stdout), @"
    note: rules/config.yaml is no file of rules: it has no `groups`
    checked 1 rule in rules/a.yaml: nothing found
    ");
    sandbox.write("none/config.yaml", "route: {}\n");
    assert_snapshot!(sandbox.fails(&["lint", "none"]), @"
    note: none/config.yaml is no file of rules: it has no `groups`
    error: there are no files of rules among none
     |
    help: a file of rules has `groups`, or has them in `spec`, and a name that ends in .yaml or .yml; folders below are not looked into
    ");
}
