//! What a text yields, problem by problem.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;

/// A catalogue that is right, into which tests put one thing that is wrong.
const GOOD: &str = "\
service: shop
jobs:
  - name: bill
    summary: Sends bills.
    interval: 5m
    timeout: 10m
";

fn problems(text: &str) -> String {
    match parse(text) {
        Ok(_) => "no problem".to_owned(),
        Err(error) => error
            .problems
            .iter()
            .map(|problem| {
                let YamlProblem { position, path, message, hint } = problem;
                let hint = hint.as_ref().map_or(String::new(), |hint| format!(" ({hint})"));
                let found = &text[position.span.clone()];
                format!("{}:{} {path} {found:?}: {message}{hint}", position.line, position.column)
            })
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

/// The good catalogue with the line of a key replaced, or with further lines at its end.
fn with(key: &str, line: &str) -> String {
    let mut text = String::new();
    let mut replaced = false;
    for old in GOOD.lines() {
        let here = old.trim_start_matches(['-', ' ']).starts_with(&format!("{key}:"));
        if here {
            let indent = &old[..old.len() - old.trim_start_matches(['-', ' ']).len()];
            text.push_str(&format!("{indent}{line}\n"));
            replaced = true;
        } else {
            text.push_str(&format!("{old}\n"));
        }
    }
    if !replaced {
        text.push_str(&format!("    {line}\n"));
    }
    text
}

#[test]
fn good_catalogues_are_read() {
    assert_eq!(problems(GOOD), "no problem");
    let clipper = parse(include_str!("../../../../jobs/catalogue.yaml")).unwrap();
    assert_eq!(clipper.catalogue.jobs().len(), 6);
    assert_eq!(clipper.catalogue.accepted().len(), 1);
    let payments = parse(include_str!("../../../../tests/fixtures/payments/catalogue.yaml")).unwrap();
    assert_eq!(payments.catalogue.name(), "payments-jobs");
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_do_no_harm() {
    assert_eq!(problems(&GOOD.replace('\n', "\r\n")), "no problem");
    assert_eq!(parse(&format!("\u{feff}{GOOD}")).map(|parsed| parsed.catalogue.jobs().len()), Ok(1));
}

#[test]
fn places_are_those_of_the_file_even_behind_a_byte_order_mark() {
    assert_snapshot!(problems("\u{feff}service: shop\njobs: [é]\n"), @r#"2:8 jobs[0] "é": expected keys with values, found a text (it has the keys `name`, `summary`, `interval`, `cron`, `timezone`, `interval_variable`, `timeout`, `items`, `queue`, `enabled`, `thresholds`)"#);
}

#[test]
fn what_is_no_yaml_is_told_where_it_stands() {
    for line in ["items: \"abc", "items: a: b", " items: b", "\titems: b", "items: a\u{1}b", "items: *nope"] {
        let text = format!("{GOOD}    {line}\n");
        let error = parse(&text).unwrap_err();
        let position = &error.problems[0].position;
        assert!(position.line >= 6, "{line:?}: {position:?}");
        let before = &text[..position.span.start];
        assert_eq!(before.matches('\n').count() + 1, position.line, "{line:?}");
    }
}

#[test]
fn what_is_accepted_is_told_where_it_stands_though_another_cannot_be_read() {
    let accept = "accept:\n  - {code: alert-never-fires, alert: Late, reason: why}\n  \
                  - {code: alert-never-fires, alert: BackgroundJobStuck, reason: why, job: bull}\n";
    assert_snapshot!(problems(&format!("{GOOD}{accept}")), @r#"
    8:38 accept[0].alert "Late": there is no alert `Late` (the alerts are `BackgroundJobFailing`, `BackgroundJobCriticalFailureRate`, `BackgroundJobNotRunning`, `BackgroundJobCriticallyStale`, `BackgroundJobHighDuration`, `BackgroundJobCriticalDuration`, `BackgroundJobQueueGrowing`, `BackgroundJobCriticalQueueSize`, `BackgroundJobHighItemFailureRate`, `BackgroundJobConsecutiveFailures`, `BackgroundJobStuck`, `BackgroundJobMetricsAbsent`)
    9:76 accept[1].job "bull": no job of this catalogue is named `bull`: name one that is, or leave `job` out
    "#);
}

#[test]
fn texts_that_are_no_catalogue() {
    assert_snapshot!(problems(""), @r#"1:1  "": the file is empty (a catalogue has at least `service` and `jobs`)"#);
    assert_snapshot!(problems("# only a comment\n"), @r#"1:1  "": the file is empty (a catalogue has at least `service` and `jobs`)"#);
    assert_snapshot!(problems("just words\n"), @r#"1:1  "just words": expected keys with values, found a text (it has the keys `name`, `title`, `service`, `namespace`, `selector`, `labels`, `runbook`, `runbook_url`, `grafana_url`, `thresholds`, `accept`, `jobs`)"#);
    assert_snapshot!(problems("- a\n- b\n"), @r#"1:1  "": expected keys with values, found a list (it has the keys `name`, `title`, `service`, `namespace`, `selector`, `labels`, `runbook`, `runbook_url`, `grafana_url`, `thresholds`, `accept`, `jobs`)"#);
    assert_snapshot!(problems("service: shop\njobs: [1,\n"), @r#"2:7  "": this is no YAML: unclosed bracket '[' (look at this line and the one before: indentation with spaces, quotes and brackets that end, texts with `: ` in quotes)"#);
    assert_snapshot!(problems("service: shop\n---\nservice: mall\n"), @r#"3:1  "": the file holds more than one document (write one file for each catalogue, without `---` between them)"#);
    assert_snapshot!(problems("service: shop\nservice: mall\njobs: []\n"), @r#"2:1  "service": the key `service` stands here twice (keep one of them)"#);
    assert_snapshot!(problems("\tservice: shop\n"), @r#"1:2 jobs "": the key `jobs` is missing (add it, as in `jobs: […]`)"#);
    assert_snapshot!(problems("service: shop\njobs:\n"), @r#"2:1 jobs "jobs": expected a list, found nothing (write each behind `- `, on lines of their own)"#);
    assert_snapshot!(problems("service: shop\njobs: []\n"), @r#"2:7 jobs "[": the catalogue has no jobs: add at least one"#);
}

#[test]
fn keys_are_known_and_there() {
    assert_snapshot!(problems("{}"), @r#"
    1:1 service "": the key `service` is missing (add it, as in `service: shop`)
    1:1 jobs "": the key `jobs` is missing (add it, as in `jobs: […]`)
    "#);
    assert_snapshot!(problems(&with("interval", "intervall: 5m")), @r#"5:5 jobs[0].intervall "intervall": unknown key `intervall` (did you mean `interval`?)"#);
    assert_snapshot!(problems(&with("colour", "colour: red")), @r#"7:5 jobs[0].colour "colour": unknown key `colour` (the keys are `name`, `summary`, `interval`, `cron`, `timezone`, `interval_variable`, `timeout`, `items`, `queue`, `enabled`, `thresholds`)"#);
    assert_snapshot!(problems("service: shop\njobs:\n  - {}\n"), @r#"
    3:5 jobs[0].name "": the key `name` is missing (add it, as in `name: hot_score_refresh`)
    3:5 jobs[0].summary "": the key `summary` is missing (add it, as in `summary: Ranks clips by votes and age.`)
    3:5 jobs[0].interval "": the key `interval` is missing (add it, as in `interval: 5m` or `cron: 0 3 * * *`)
    3:5 jobs[0].timeout "": the key `timeout` is missing (add it, as in `timeout: 15m`)
    "#);
    assert_snapshot!(problems(&with("cron", "cron: 0 3 * * *")), @r#"7:11 jobs[0].cron "0 3 * * *": a job has either `interval` or `cron`: remove one of them"#);
    assert_snapshot!(problems(&with("timezone", "timezone: UTC")), @r#"7:15 jobs[0].timezone "UTC": `timezone` belongs to a `cron` expression: an interval has none"#);
}

#[test]
fn values_are_of_their_kind() {
    assert_snapshot!(problems(&with("service", "service: 5")), @r#"1:10 service "5": expected a text, found a number (put it in quotes if it is meant as a text)"#);
    assert_snapshot!(problems(&with("service", "service:")), @r#"1:1 service "service": expected a text, found nothing"#);
    assert_snapshot!(problems(&with("enabled", "enabled: sometimes")), @r#"7:14 jobs[0].enabled "sometimes": expected `true` or `false`, found a text"#);
    assert_snapshot!(problems(&with("items", "items: [a]")), @r#"7:12 jobs[0].items "[": expected a text, found a list"#);
    assert_snapshot!(problems(&with("thresholds", "thresholds: 5")), @r#"7:17 jobs[0].thresholds "5": expected alerts with their figures, found a number"#);
    assert_snapshot!(problems("service: shop\njobs: none\n"), @r#"2:7 jobs "none": expected a list, found a text (write each behind `- `, on lines of their own)"#);
    assert_snapshot!(problems("service: shop\njobs: [bill]\n"), @r#"2:8 jobs[0] "bill": expected keys with values, found a text (it has the keys `name`, `summary`, `interval`, `cron`, `timezone`, `interval_variable`, `timeout`, `items`, `queue`, `enabled`, `thresholds`)"#);
}

#[test]
fn schedules_make_sense() {
    for line in [
        "interval: 0s",
        "interval: -5m",
        "interval: 300",
        "interval: 5 minutes",
        "interval: 400d",
        "interval: [5m]",
    ] {
        assert!(problems(&with("interval", line)).starts_with("5:15 jobs[0].interval"), "{line}");
    }
    assert_snapshot!(problems(&with("interval", "interval: 0s")), @r#"5:15 jobs[0].interval "0s": an interval is at least one second"#);
    assert_snapshot!(problems(&with("interval", "interval: -5m")), @r#"5:15 jobs[0].interval "-5m": a duration cannot be negative: write it as in `5m`"#);
    assert_snapshot!(problems(&with("interval", "interval: 300")), @r#"5:15 jobs[0].interval "300": the unit is missing: write `300s`, `300m` or `300h`"#);
    assert_snapshot!(problems(&with("interval", "cron: every day")), @r#"5:11 jobs[0].cron "every day": no cron expression of five fields (minute hour day month weekday), as in `30 2 * * *`: Invalid pattern: Pattern must have 5 fields when seconds are disallowed."#);
    assert_snapshot!(problems(&with("interval", "cron: 0 0 30 2 *")), @r#"5:11 jobs[0].cron "0 0 30 2 *": the cron expression has to name a time at least every 366 days"#);
    assert_snapshot!(problems(&with("interval", "cron: 0 3 * * *\n    timezone: Berlin")), @r#"6:15 jobs[0].timezone "Berlin": unknown time zone: write a name of the IANA database, as `UTC` or `Europe/Berlin`"#);
    assert_snapshot!(problems(&with("timeout", "timeout: 0s")), @r#"6:14 jobs[0].timeout "0s": a timeout is at least one second"#);
    assert_snapshot!(problems(&with("timeout", "timeout: 2d")), @r#"6:14 jobs[0].timeout "2d": the timeout 2d is longer than the job's interval and longer than a day: at most 1d"#);
}

#[test]
fn names_are_unique_and_valid() {
    let two = |first: &str, second: &str| {
        let job = "summary: Does it.\n    interval: 5m\n    timeout: 1m\n";
        problems(&format!("service: shop\njobs:\n  - name: {first}\n    {job}  - name: {second}\n    {job}"))
    };
    assert_snapshot!(two("bill", "bill"), @r#"7:11 jobs[1].name "bill": two jobs are named `bill`: the other is job 1; give each its own name (the first one stands in line 3)"#);
    assert_snapshot!(two("send-bill", "send.bill"), @r#"7:11 jobs[1].name "send.bill": `send-bill` is configured by `SEND_BILL_TIMEOUT` too: rename one of the jobs"#);
    let other =
        "  - {name: other, summary: Else., interval: 5m, timeout: 1m, interval_variable: BILL_INTERVAL}\n";
    assert_snapshot!(problems(&format!("{GOOD}{other}")), @r#"7:81 jobs[1].interval_variable "BILL_INTERVAL": `bill` is configured by `BILL_INTERVAL` too: rename one of the jobs, or set `interval_variable`"#);
    assert_snapshot!(problems(&with("name", "name: send bills")), @r#"3:11 jobs[0].name "send bills": a job name has letters, digits, `_`, `-` and `.`, but not ` `"#);
    assert_snapshot!(problems(&with("name", "name: 7")), @r#"3:11 jobs[0].name "7": expected a text, found a number (put it in quotes if it is meant as a text)"#);
    assert_snapshot!(problems(&with("name", "name: ''")), @r#"3:11 jobs[0].name "''": a job needs a name"#);
    assert_snapshot!(problems(&with("interval_variable", "interval_variable: bill interval")), @r#"7:24 jobs[0].interval_variable "bill interval": a variable has capitals, digits and `_`, and starts with a letter, as `HOT_SCORE_REFRESH_INTERVAL`"#);
}

#[test]
fn what_holds_for_the_whole_catalogue_makes_sense() {
    let above = |lines: &str| problems(&format!("{lines}\n{GOOD}"));
    assert_snapshot!(above("name: Background Jobs"), @r#"1:7 name "Background Jobs": a catalogue's name has small letters, digits and `-`, starts with a letter, and has at most 40 characters"#);
    assert_snapshot!(above("namespace: Shop_1"), @r#"1:12 namespace "Shop_1": a namespace has small letters, digits and `-`, and at most 63 characters"#);
    assert_snapshot!(above("runbook: ../secret.md"), @r#"1:10 runbook "../secret.md": a path is relative and stays below the folder that files are generated into"#);
    assert_snapshot!(above("runbook_url: github.com/shop"), @r#"1:14 runbook_url "github.com/shop": a URL starts with `https://` or `http://`"#);
    assert_snapshot!(above("labels: {severity: page}"), @r#"1:20 labels.severity "page": the label `severity` is set by the rules themselves: choose another name"#);
    assert_snapshot!(above("selector: {my-label: a}"), @r#"1:22 selector.my-label "a": `my-label` is no label name: letters, digits and `_`, not starting with a digit or `__`"#);
    assert_snapshot!(above("labels: {team: '{{ $labels.team }}'}"), @r#"1:16 labels.team "'{{ $labels.team }}'": Prometheus reads `{{` in a label as the start of a template: leave it out"#);
    assert_snapshot!(above("selector: {cluster: ''}"), @r#"1:21 selector.cluster "''": this text is empty: an empty label is no label to Prometheus"#);
}

#[test]
fn figures_fit_their_alerts() {
    let set = |figures: &str| problems(&format!("thresholds:\n  {figures}\n{GOOD}"));
    assert_snapshot!(set("BackgroundJobFailng: {above: 0.2}"), @r#"2:3 thresholds "BackgroundJobFailng": there is no alert `BackgroundJobFailng` (did you mean `BackgroundJobFailing`?)"#);
    assert_snapshot!(set("BackgroundJobFailing: {above: fast}"), @r#"2:33 thresholds.BackgroundJobFailing.above "fast": expected a rate per second, as in `0.1`"#);
    assert_snapshot!(set("BackgroundJobFailing: {above: -0.1}"), @r#"2:33 thresholds.BackgroundJobFailing.above "-0.1": a threshold cannot be negative"#);
    assert_snapshot!(set("BackgroundJobCriticalFailureRate: {above: 150%}"), @r#"2:45 thresholds.BackgroundJobCriticalFailureRate.above "150%": the part that fails cannot be above 100 %: the alert would never fire"#);
    assert_snapshot!(set("BackgroundJobNotRunning: {above: 3}"), @r#"2:36 thresholds.BackgroundJobNotRunning.above "3": the unit is missing: write `3s`, `3m` or `3h`"#);
    assert_snapshot!(set("BackgroundJobNotRunning: {abov: 3h}"), @r#"2:29 thresholds.BackgroundJobNotRunning.abov "abov": unknown key `abov` (did you mean `above`?)"#);
    assert_snapshot!(set("BackgroundJobStuck: {above: 3}"), @r#"2:31 thresholds.BackgroundJobStuck.above "3": BackgroundJobStuck has no `above`: it has `for`"#);
    assert_snapshot!(set("BackgroundJobCriticalQueueSize: {growth: 50%}"), @r#"2:44 thresholds.BackgroundJobCriticalQueueSize.growth "50%": BackgroundJobCriticalQueueSize has no `growth`: it has `above`, `for`"#);
    assert_snapshot!(set("BackgroundJobConsecutiveFailures: {at_least: 0}"), @r#"2:48 thresholds.BackgroundJobConsecutiveFailures.at_least "0": `at_least` cannot be zero"#);
    assert_snapshot!(set("BackgroundJobCriticalQueueSize: {above: 18446744073709551615}"), @r#"2:43 thresholds.BackgroundJobCriticalQueueSize.above "18446744073709551615": the figure is too large: at most 1000000000000"#);
    assert_snapshot!(set("BackgroundJobHighDuration: {above: 100y}"), @r#"2:38 thresholds.BackgroundJobHighDuration.above "100y": the figure is too large: at most 3650d"#);
    assert_snapshot!(set("BackgroundJobQueueGrowing: {growth: 200000%, over: 2y, for: 2y}"), @r#"
    2:39 thresholds.BackgroundJobQueueGrowing.growth "200000%": growth is too large: at most 100000%
    2:54 thresholds.BackgroundJobQueueGrowing.over "2y": over is too large: at most 366d
    2:63 thresholds.BackgroundJobQueueGrowing.for "2y": for is too large: at most 366d
    "#);
    assert_snapshot!(set("BackgroundJobConsecutiveFailures: {at_least: 5000}"), @r#"2:48 thresholds.BackgroundJobConsecutiveFailures.at_least "5000": `at_least` is too large: at most 1000"#);
    let job = "    thresholds: {BackgroundJobHighDuration: {above: 20m, for: 5m}}\n";
    assert_snapshot!(problems(&format!("{GOOD}{job}")), @r#"7:63 jobs[0].thresholds.BackgroundJobHighDuration.for "5m": `for` holds for all jobs, because each alert is one rule: set it under the catalogue's `thresholds`"#);
}

#[test]
fn acceptances_name_what_they_accept() {
    assert_snapshot!(problems(&format!("{GOOD}accept:\n  - code: alert-never-fires\n")), @r#"
    8:5 accept[0].reason "": the key `reason` is missing (add it, as in `reason: why the team lives with it`)
    8:5 accept[0].alert "": the key `alert` is missing (add it, as in `alert: BackgroundJobFailing`)
    "#);
    let accept = "accept:\n  - {code: a, alert: BackgroundJobFailing, job: bil, reason: ' '}\n";
    assert_snapshot!(problems(&format!("{GOOD}{accept}")), @r#"
    8:49 accept[0].job "bil": no job of this catalogue is named `bil`: name one that is, or leave `job` out
    8:62 accept[0].reason "' '": this text is empty: say why the finding is accepted
    "#);
}

#[test]
fn all_problems_are_told_at_once() {
    assert_snapshot!(
        problems("service: 5\njobs:\n  - name: a b\n    interval: 5\n    timout: 1m\n  - summary: x\n    interval: 1m\n    timeout: 3d\n"),
        @r#"
    1:10 service "5": expected a text, found a number (put it in quotes if it is meant as a text)
    3:5 jobs[0].summary "": the key `summary` is missing (add it, as in `summary: Ranks clips by votes and age.`)
    3:11 jobs[0].name "a b": a job name has letters, digits, `_`, `-` and `.`, but not ` `
    4:15 jobs[0].interval "5": the unit is missing: write `5s`, `5m` or `5h`
    5:5 jobs[0].timout "timout": unknown key `timout` (did you mean `timeout`?)
    6:5 jobs[1].name "": the key `name` is missing (add it, as in `name: hot_score_refresh`)
    8:14 jobs[1].timeout "3d": the timeout 3d is longer than the job's interval and longer than a day: at most 1d
    "#
    );
}

#[test]
fn bombs_and_towers_are_refused() {
    let mut bomb = "a: &a \"x\"\n".to_owned();
    for (name, inner) in ('b'..='k').zip('a'..='j') {
        let ten = vec![format!("*{inner}"); 10].join(", ");
        bomb.push_str(&format!("{name}: &{name} [{ten}]\n"));
    }
    assert_snapshot!(parse(&bomb).unwrap_err().problems[0].message, @"the file holds more than a catalogue can");
    assert_snapshot!(parse(&"[".repeat(100_000)).unwrap_err().problems[0].message, @"the file holds more than a catalogue can");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_panics(at in 0..GOOD.len(), put in "\\PC{0,4}", cut in 0_usize..6) {
        let end = (at + cut).min(GOOD.len());
        let _ = parse(&format!("{}{put}{}", &GOOD[..at], &GOOD[end..]));
    }
}
