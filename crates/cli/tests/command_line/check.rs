//! `jobwatch check`: what it finds, in every format, and what it mends.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

#[test]
fn checking_a_good_runbook_shows_what_is_suppressed() {
    let sandbox = Sandbox::clipper();
    let run = sandbox.run(&["check"]);
    assert_eq!(run.code, 0);
    assert_snapshot!(run.stdout, @"
    suppressed[alert-never-fires]: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and even webhook_retry runs at most 0.0167 times a second (6 times too rarely)
      --> jobs/catalogue.yaml:14
      because: The runbook promises this threshold for jobs that run many times a minute. None here does; BackgroundJobConsecutiveFailures notices three failed executions in a row of any job.

    checked 14 alerts for 6 jobs against docs/runbooks/background-jobs.md: 1 suppressed
    ");
}

#[test]
fn a_runbook_can_be_put_together_from_the_findings_about_an_empty_one() {
    let sandbox = Sandbox::clipper();
    sandbox.write("one.yaml", "service: shop\nrunbook: one.md\njobs:\n  - {name: bill, summary: Bills., interval: 5s, timeout: 20m}\n");
    sandbox.write("one.md", "");
    let empty = sandbox.run(&["check", "--catalogue", "one.yaml", "--format", "json"]);
    assert_eq!(empty.code, 1);
    let findings: Vec<serde_json::Value> = serde_json::from_str(&empty.stdout).unwrap();
    assert_eq!(findings.len(), 11, "nothing is asked about queues and items, which the job has not");
    let sections: Vec<&str> = findings.iter().map(|finding| finding["expected"].as_str().unwrap()).collect();
    sandbox.write("one.md", &sections.join("\n"));
    assert_snapshot!(sandbox.run(&["check", "--catalogue", "one.yaml"]).stdout, @"checked 14 alerts for 1 job against one.md: nothing found");
}

#[test]
fn checking_a_bad_runbook_underlines_what_is_wrong() {
    let sandbox = Sandbox::clipper();
    sandbox.replace("docs/runbooks/background-jobs.md", "> 600 seconds for 10", "> 500 seconds for 20");
    let run = sandbox.run(&["check"]);
    assert_eq!(run.code, 1);
    assert_snapshot!(run.stdout.split_once("\n\n").unwrap().1, @"
    error[runbook-threshold-differs]: the runbook states another threshold than BackgroundJobCriticalDuration tests
       --> docs/runbooks/background-jobs.md:162:31
        |
    162 | **Threshold**: P95 duration > 500 seconds for 20 minutes
        |                               ^^^^^^^^^^^ expected 600 seconds
        |
    help: write: P95 duration > 600 seconds for 10 minutes

    error[runbook-duration-differs]: the condition has to hold for 10 minutes, says the rule of BackgroundJobCriticalDuration
       --> docs/runbooks/background-jobs.md:162:47
        |
    162 | **Threshold**: P95 duration > 500 seconds for 20 minutes
        |                                               ^^^^^^^^^^ expected 10 minutes
        |
    help: write: P95 duration > 600 seconds for 10 minutes

    checked 14 alerts for 6 jobs against docs/runbooks/background-jobs.md: 2 errors, 1 suppressed
    ");
    let elsewhere = sandbox.path("elsewhere.md");
    std::fs::rename(sandbox.path("docs/runbooks/background-jobs.md"), &elsewhere).unwrap();
    assert_eq!(sandbox.run(&["check", "--runbook", "elsewhere.md"]).code, 1);
}

#[test]
fn findings_can_be_read_by_programs() {
    let sandbox = Sandbox::clipper();
    sandbox.replace("docs/runbooks/background-jobs.md", "> 600 seconds", "> 500 seconds");
    let json = sandbox.run(&["check", "--format", "json"]);
    assert_eq!(json.code, 1);
    let findings: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let finding = &findings[1];
    for key in ["code", "severity", "alert", "file", "line", "message", "hint"] {
        assert!(!finding[key].is_null(), "{key} in {finding}");
    }
    assert_eq!(finding["code"], "runbook-threshold-differs");
    assert_eq!(finding["alert"], "BackgroundJobCriticalDuration");
    assert_eq!(finding["file"], "docs/runbooks/background-jobs.md");
    let region = ["line", "column", "end_line", "end_column"].map(|key| finding[key].as_u64().unwrap());
    assert_eq!(region, [162, 31, 162, 42]);
    assert!(findings[0]["suppressed"].is_string());

    assert_snapshot!(sandbox.run(&["check", "--format", "github"]).stdout, @"
    ::notice file=jobs/catalogue.yaml,line=14,endLine=14,col=1,endColumn=5,title=alert-never-fires::BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and even webhook_retry runs at most 0.0167 times a second (6 times too rarely)%0ASuppressed: The runbook promises this threshold for jobs that run many times a minute. None here does; BackgroundJobConsecutiveFailures notices three failed executions in a row of any job.
    ::error file=docs/runbooks/background-jobs.md,line=162,endLine=162,col=31,endColumn=42,title=runbook-threshold-differs::the runbook states another threshold than BackgroundJobCriticalDuration tests%0Awrite: P95 duration > 600 seconds for 10 minutes
    ");

    let sarif: serde_json::Value =
        serde_json::from_str(&sandbox.run(&["check", "--format", "sarif"]).stdout).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(result["message"]["text"].is_string());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["artifactLocation"]["uri"].is_string());
        assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
        let at = |key: &str| place["region"][key].as_u64().unwrap();
        let (start, end) = ((at("startLine"), at("startColumn")), (at("endLine"), at("endColumn")));
        assert!(start.0 >= 1 && start.1 >= 1 && start <= end, "{place}");
    }
    assert!(run["originalUriBaseIds"]["%SRCROOT%"].is_object());
    assert!(run["invocations"].is_null(), "nothing is left off");
    assert_snapshot!(run["results"][1]["locations"][0]["physicalLocation"]["region"].to_string(), @r#"{"endColumn":42,"endLine":162,"startColumn":31,"startLine":162}"#);
    assert_eq!(run["results"][0]["suppressions"][0]["kind"], "external");
}

#[test]
fn fixing_mends_the_runbook() {
    let sandbox = Sandbox::clipper();
    let good = sandbox.read("docs/runbooks/background-jobs.md");
    sandbox.replace("docs/runbooks/background-jobs.md", "> 600 seconds for 10", "> 500 seconds for 20");
    let run = sandbox.run(&["check", "--fix"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert_snapshot!(run.stderr, @"fixed docs/runbooks/background-jobs.md:162: **Threshold**: P95 duration > 600 seconds for 10 minutes");
    assert_eq!(sandbox.read("docs/runbooks/background-jobs.md"), good);
    assert_eq!(sandbox.run(&["check", "--fix"]).stderr, "");
}

/// The fingerprints of the findings about a runbook, sorted.
fn fingerprints(sandbox: &Sandbox) -> Vec<String> {
    let sarif = sandbox.run(&["check", "--format", "sarif"]).stdout;
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let of = |result: &serde_json::Value| -> String {
        let prints = result["partialFingerprints"].as_object().unwrap();
        prints.values().map(|print| print.as_str().unwrap()).collect()
    };
    let mut prints: Vec<String> = results.iter().map(of).collect();
    prints.sort();
    prints
}

#[test]
fn a_finding_keeps_its_fingerprint_when_lines_are_added_above() {
    let sandbox = Sandbox::clipper();
    let runbook = "docs/runbooks/background-jobs.md";
    sandbox.replace(runbook, "> 600 seconds", "> 500 seconds");
    sandbox.append(runbook, "\n### A\n**Alert**: `Unknown`\n\n### B\n**Alert**: `Unknown`\n");
    let before = fingerprints(&sandbox);
    sandbox.write(runbook, &format!("An introduction.\n\nOf two paragraphs.\n\n{}", sandbox.read(runbook)));
    assert_eq!(fingerprints(&sandbox), before);
    let mut distinct = before.clone();
    distinct.dedup();
    assert_eq!(distinct, before, "findings that are alike are told apart");
    sandbox.replace(runbook, "> 500 seconds", "> 501 seconds");
    assert_ne!(fingerprints(&sandbox), before);
}

#[test]
fn programs_are_told_paths_from_the_root_of_the_repository() {
    let sandbox = Sandbox::clipper();
    std::fs::create_dir(sandbox.path(".git")).unwrap();
    sandbox.replace("docs/runbooks/background-jobs.md", "> 600 seconds", "> 500 seconds");
    let run = sandbox.run_in("jobs", &["check", "--format", "sarif"]);
    assert!(run.stdout.contains(r#""uri": "docs/runbooks/background-jobs.md""#), "{}", run.stdout);
    let run = sandbox.run_in("jobs", &["check", "--format", "github"]);
    assert!(run.stdout.contains("::error file=docs/runbooks/background-jobs.md,"), "{}", run.stdout);
}

#[test]
fn what_cannot_be_read_is_shown_on_its_line_by_github() {
    let sandbox = Sandbox::clipper();
    sandbox.replace("jobs/catalogue.yaml", "interval: 6h", "interval: 6q");
    sandbox.write("rules.yaml", "groups: [\n");
    let run = sandbox.run(&["check", "--format", "github"]);
    assert_eq!(run.code, 2);
    assert_snapshot!(run.stdout, @"::error file=jobs/catalogue.yaml,line=35,col=15,title=could not run::unknown unit `q`: the units are `s`, `m`, `h`, `d`, `w` and `y`");
    let run = sandbox.run(&["lint", "rules.yaml", "--catalogue", "none", "--format", "github"]);
    assert_eq!(run.code, 2);
    assert_snapshot!(run.stdout, @"::error title=could not run::cannot read none: No such file or directory (os error 2)%0Aname the catalogue with `--catalogue FILE`, or write a first one with `jobwatch init`");
    sandbox.replace("jobs/catalogue.yaml", "interval: 6q", "interval: 6h");
    let run = sandbox.run(&["lint", "rules.yaml", "--format", "github"]);
    assert_snapshot!(run.stdout, @"::error file=rules.yaml,line=1,col=9,title=could not run::this is no YAML: unclosed bracket '['%0Alook at this line and the one before: indentation with spaces, quotes and brackets that end, texts with `: ` in quotes");
    assert!(sandbox.run(&["lint", "rules.yaml"]).stdout.is_empty());
}

#[test]
fn a_path_with_spaces_is_a_reference_in_sarif() {
    let sandbox = Sandbox::clipper();
    sandbox.write("my runbook.md", "# Nothing\n");
    let run = sandbox.run(&["check", "--format", "sarif", "--runbook", "my runbook.md"]);
    assert!(run.stdout.contains(r#""uri": "my%20runbook.md""#), "{}", run.stdout);
    let there = sandbox.path("my runbook.md");
    let run = sandbox.run(&["check", "--format", "sarif", "--runbook", there.to_str().unwrap()]);
    assert!(run.stdout.contains(r#""uri": "my%20runbook.md""#), "{}", run.stdout);
    let elsewhere = tempfile::tempdir().unwrap();
    let there = elsewhere.path().join("my runbook.md");
    std::fs::write(&there, "# Nothing\n").unwrap();
    let run = sandbox.run(&["check", "--format", "sarif", "--runbook", there.to_str().unwrap()]);
    assert!(run.stdout.contains(r#""uri": "file:///"#), "{}", run.stdout);
}

#[test]
fn standard_input_is_told_as_no_file() {
    let sandbox = Sandbox::clipper();
    let check =
        |format| sandbox.run_on(&["check", "--runbook", "-", "--format", format], "# Nothing\n").stdout;
    let sarif: serde_json::Value = serde_json::from_str(&check("sarif")).unwrap();
    let places: Vec<_> = sarif["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["locations"][0]["physicalLocation"]["artifactLocation"].to_string())
        .collect();
    assert_snapshot!(places[..2].join("\n"), @r#"
    {"uri":"jobs/catalogue.yaml","uriBaseId":"%SRCROOT%"}
    {"uri":"stdin:"}
    "#);
    let github = check("github");
    let start = github.lines().find(|line| line.starts_with("::error")).unwrap().split("::").nth(1).unwrap();
    assert_snapshot!(start, @"error title=runbook-section-missing");
}

#[test]
fn colours_are_for_terminals() {
    let sandbox = Sandbox::clipper();
    sandbox.replace("docs/runbooks/background-jobs.md", "> 600 seconds", "> 500 seconds");
    assert!(!sandbox.run(&["check"]).stdout.contains('\u{1b}'));
    assert!(sandbox.run(&["check", "--color", "always"]).stdout.contains('\u{1b}'));
    let forced =
        |variables: &[(&str, &str)]| sandbox.run_with(&["check"], variables).stdout.contains('\u{1b}');
    assert!(forced(&[("CLICOLOR_FORCE", "1")]));
    assert!(!forced(&[("NO_COLOR", "1")]));
}
