//! `jobwatch prove` with promtools that do no work: what it says, and what it leaves behind.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use insta::assert_snapshot;

use crate::sandbox::{Run, Sandbox};

const CATALOGUE: &str = "\
service: shop
jobs:
  - name: bill
    summary: Bills.
    interval: 1m
";

/// How a script answers that is asked for its version.
const VERSION: &str = r#"[ "$1" = --version ] && echo "promtool, version 2.53.1 (branch: HEAD)" && exit"#;

/// Says of every scenario that an alert fires from the first to the last step.
const ALWAYS_FIRES: &str =
    r#"echo '  got: {alertname="A", asked="first"} 0E+00, {alertname="A", asked="last"} 9E+09'; exit 1"#;

/// A folder with a catalogue, and a promtool that is a script.
fn with_promtool(lines: &[&str]) -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.write("jobs/catalogue.yaml", CATALOGUE);
    sandbox.write("promtool", &format!("#!/bin/sh\n{}\n", lines.join("\n")));
    fs::set_permissions(sandbox.path("promtool"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(sandbox.path("tmp")).unwrap();
    sandbox
}

/// Runs `prove` with that promtool, and sees that no temporary file is left.
fn prove(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let arguments = [&["prove", "--promtool", "promtool"], arguments].concat();
    let run = sandbox.run_with(&arguments, &[("TMPDIR", sandbox.path("tmp").to_str().unwrap())]);
    nothing_is_left(sandbox);
    run
}

fn nothing_is_left(sandbox: &Sandbox) {
    let left = fs::read_dir(sandbox.path("tmp")).unwrap();
    assert_eq!(left.count(), 0);
}

/// What it says that cannot run, without the folder's name.
fn fails(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let run = prove(sandbox, arguments);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    run.stderr.replace(sandbox.path("").to_str().unwrap(), "")
}

#[test]
fn a_promtool_that_is_of_no_use_is_told() {
    let sandbox = with_promtool(&["echo 'promtool, version 2.26.0+ds (branch: HEAD)'"]);
    assert_snapshot!(fails(&sandbox, &[]), @"
    error: promtool 2.26.0+ds is too old: it takes 2.42 or later
     |
    help: install a later Prometheus, and name its own with `--promtool FILE`
    ");
    let sandbox = with_promtool(&["echo hello"]);
    assert_snapshot!(fails(&sandbox, &[]), @"
    error: promtool is no promtool: it does not say which release it is
     |
    help: name Prometheus' own with `--promtool FILE`
    ");
    let sandbox = with_promtool(&[VERSION, "echo out of memory >&2; exit 3"]);
    assert_snapshot!(fails(&sandbox, &[]), @"
    error: promtool ended unexpectedly (exit status: 3): out of memory
     |
    help: run it again; if memory is short, with `--jobs 1`; `promtool check rules` tells more about rules
    ");
    let sandbox = with_promtool(&[VERSION, "kill -9 $$"]);
    assert_snapshot!(fails(&sandbox, &[]), @"
    error: promtool ended unexpectedly (signal: 9 (SIGKILL)): it printed nothing
     |
    help: run it again; if memory is short, with `--jobs 1`; `promtool check rules` tells more about rules
    ");
    let sandbox = with_promtool(&[VERSION, "exec sleep 600"]);
    assert_snapshot!(fails(&sandbox, &["--timeout", "1s"]), @"
    error: promtool has been at it for 1s, and is stopped
     |
    help: give it more time with `--timeout`, or less to do with `--job`, `--scenario` or `--jobs 1`
    ");
    let sandbox =
        with_promtool(&[VERSION, "echo '  FAILED:'; echo 'rules.yaml: 5:1: group \"a\": bad'; exit 1"]);
    assert_snapshot!(fails(&sandbox, &[]), @r#"
    error: promtool could not evaluate the rules: rules.yaml: 5:1: group "a": bad
     |
    help: mend the rule that it names; `promtool check rules` tells more
    "#);
    fs::remove_file(sandbox.path("promtool")).unwrap();
    assert_snapshot!(fails(&sandbox, &[]), @"
    error: cannot start promtool: No such file or directory (os error 2)
     |
    help: name Prometheus' own with `--promtool FILE`
    ");
    let missing = sandbox.run_with(&["prove"], &[("PATH", "/none")]);
    assert_eq!(missing.code, 2);
    assert_snapshot!(missing.stderr, @"
    error: `promtool` is in no folder of PATH
     |
    help: it comes with Prometheus: `apt-get install prometheus`, `brew install prometheus`, or https://prometheus.io/download; then name it with `--promtool FILE`, or add its folder to PATH
    ");
}

#[test]
fn rules_that_cannot_be_read_are_told() {
    let sandbox = with_promtool(&[VERSION, "exit 0"]);
    sandbox.write("nul.yaml", "groups: [{name: a, rules: [{alert: A, expr: \"up\0\"}]}]");
    sandbox.write("none.yaml", "groups: [{name: a, rules: [{record: a, expr: up}]}]");
    sandbox.write("rule.yaml", "groups:\n  - name: a\n    rules:\n      - alert: A\n        exprr: up\n");
    sandbox.write("large.yaml", &" ".repeat((16 << 20) + 1));
    sandbox.pipe("pipe.yaml");
    for (file, told) in [
        ("nul.yaml", "nul.yaml has 1 problem"),
        ("none.yaml", "there is no alert in none.yaml"),
        ("rule.yaml", "a rule without `expr`"),
        ("large.yaml", "it has more than 16 MiB, which no rule file has"),
        ("pipe.yaml", "cannot read pipe.yaml: it is a named pipe"),
        ("/dev/zero", "cannot read /dev/zero: it is a device"),
        ("jobs", "cannot read jobs: it is a folder"),
        ("missing.yaml", "cannot read missing.yaml: No such file"),
    ] {
        let said = fails(&sandbox, &["--rules", file]);
        assert!(said.contains(told), "{file}: {said}");
    }
    assert_snapshot!(fails(&sandbox, &["--job", "bil"]), @"
    error: there is no job `bil`
     |
    help: there are: bill
    ");
    let said = fails(&sandbox, &["--scenario", "hangs"]);
    assert!(said.contains("run-hangs"), "{said}");
    sandbox.write("jobs/catalogue.yaml", "service: shop\njobs: []\n");
    assert!(fails(&sandbox, &[]).contains("jobs/catalogue.yaml has 1 problem"));
}

#[test]
fn a_proof_is_a_table_or_something_for_programs() {
    let sandbox = with_promtool(&[VERSION, "exit 0"]);
    let run = prove(&sandbox, &["--scenario", "healthy"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_snapshot!(run.stdout, @"1 job: 1 of 1 scenario with nothing wrong silent");
    sandbox.write("rules.yaml", "groups: [{name: a, rules: [{alert: A, expr: up}]}]");
    let scenarios = ["--scenario", "healthy", "--scenario", "no-run-starts", "--rules", "rules.yaml"];
    let run = prove(&sandbox, &scenarios);
    assert_eq!(run.code, 1);
    assert_snapshot!(run.stdout, @"
    | job, and what happens | first alert                 | after | at best | clears | judgement |
    |-----------------------|-----------------------------|-------|---------|--------|-----------|
    | bill                  |                             |       |         |        |           |
    |   no-run-starts       | none (BackgroundJobOverdue) |       | 18m     |        | missed    |
    1 job: 0 of 1 scenario with something wrong as promised, 1 of 1 scenario with nothing wrong silent
    ");
    let sandbox = with_promtool(&[VERSION, ALWAYS_FIRES]);
    let scenarios = &scenarios[..4];
    assert_snapshot!(prove(&sandbox, &[scenarios, &["--format", "markdown"]].concat()).stdout, @"
    | job  | what happens  | first alert | after | at best | clears | judgement   |
    |------|---------------|-------------|-------|---------|--------|-------------|
    | bill | healthy       | A           | 0s    |         |        | false alarm |
    | bill | no-run-starts | A           | 0s    | 18m     | not    | false alarm |

    1 job: 0 of 1 scenario with something wrong as promised, 0 of 1 scenario with nothing wrong silent
    ");
    assert_snapshot!(prove(&sandbox, &[scenarios, &["--format", "junit"]].concat()).stdout, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="jobwatch prove" tests="2" failures="2">
      <testsuite name="bill" tests="2" failures="2">
        <testcase classname="bill" name="healthy">
          <failure message="false alarm">Every execution succeeds, on schedule. Nothing fires. A fires after 0s</failure>
        </testcase>
        <testcase classname="bill" name="no-run-starts">
          <failure message="false alarm">No execution starts any more. A fires after 0s; at best, BackgroundJobOverdue after 18m; it does not clear</failure>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
    assert_snapshot!(prove(&sandbox, &[&scenarios[2..], &["--format", "json"]].concat()).stdout, @r#"
    {
      "scenarios": [
        {
          "job": "bill",
          "scenario": "no-run-starts",
          "says": "No execution starts any more.",
          "is_trouble": true,
          "judgement": "false alarm",
          "kept": false,
          "step_seconds": 60,
          "first_alert": "A",
          "after_seconds": 0,
          "best_alert": "BackgroundJobOverdue",
          "best_after_seconds": 1080,
          "clears_after_seconds": null,
          "firings": [
            {
              "alert": "A",
              "severity": null,
              "first_seconds": 0,
              "last_seconds": 9000000000,
              "steps": 0
            }
          ]
        }
      ],
      "never_fired": []
    }
    "#);
}

#[test]
fn a_proof_that_is_stopped_leaves_nothing_behind() {
    for signal in ["-INT", "-TERM"] {
        let sandbox = with_promtool(&[VERSION, "echo started > ../../../started", "exec sleep 600"]);
        sandbox.pipe("started");
        let tmp = sandbox.path("tmp");
        let child =
            sandbox.spawn_with(&["prove", "--promtool", "promtool"], &[("TMPDIR", tmp.to_str().unwrap())]);
        assert_eq!(sandbox.read("started").lines().next(), Some("started"));
        let signalled = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(signalled.success());
        let run = Run::of(child.wait_with_output().unwrap());
        assert_eq!((run.code, run.stderr.as_str()), (2, "error: stopped\n"));
        nothing_is_left(&sandbox);
    }
}
