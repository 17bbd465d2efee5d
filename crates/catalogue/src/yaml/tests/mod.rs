//! What a text yields, problem by problem.

mod hostile;
mod limits;
mod settings;
mod suppressions;
mod texts;

use insta::assert_snapshot;

use super::*;
use crate::catalogue::Catalogue;
use crate::job::JobSpec;
use crate::job_name::JobName;
use crate::kubernetes::Kubernetes;
use crate::suppression::Suppression;
use crate::threshold::ThresholdOverride;

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

/// A catalogue that says everything that can be said.
const FULL: &str = "\
name: shop-jobs
title: Shop Jobs
service: shop
namespace: shop
selector: {cluster: eu}
runbook: docs/runbooks/shop.md
runbook_url: https://wiki.example.org/shop
grafana_url: https://grafana.example.org/
defaults:
  timeout: 20m
  owner: payments
  labels: {tier: b}
  alerts:
    FailureRatio: {above: 0.50, for: 10m}
    QueueGrowing: off
suppress:
  - {code: alert-never-fires, alert: FailureRatio, job: bill, reason: Known.}
  - code: job-without-queue
    reason: >-
      The queue is
      elsewhere.
jobs:
  - name: bill
    summary: Sends bills.
    cron: [0 3 * * 1-5, 0 5 * * 0]
    timezone: Europe/Berlin
    interval_variable: BILL_EVERY
    timeout: 10m
    items: bills
    queue: orders
    enabled: false
    owner: billing
    labels: {tier: a}
    alerts:
      NotRunning: {above: 26h, at_least: 3, severity: critical}
      QueueGrowing: on
      Stuck: false
    grouping_labels: [host]
retention: 30d
grouping_labels: environment
targets: [prometheus, grafana]
kubernetes: {namespace: monitoring, labels: {a.io/b: c}, folder: Jobs, instance_selector: {}}
";

fn read(text: &str) -> Parsed {
    parse(text).unwrap_or_else(|error| panic!("{error:?}"))
}

#[test]
fn good_catalogues_are_read() {
    assert_eq!(problems(GOOD), "no problem");
    assert_eq!(problems(FULL), "no problem");
}

#[test]
fn what_a_text_says_is_what_the_builder_says() {
    let minutes = |number: u64| std::time::Duration::from_secs(60 * number);
    let not_running = ThresholdOverride::new().set("above", "26h").set("at_least", 3);
    let not_running = not_running.set("severity", "critical");
    let job = JobSpec::crons("bill", ["0 3 * * 1-5", "0 5 * * 0"], "Europe/Berlin")
        .summary("Sends bills.")
        .interval_variable("BILL_EVERY")
        .timeout(minutes(10))
        .items("bills")
        .queue("orders")
        .enabled(false)
        .owner("billing")
        .label("tier", "a")
        .threshold("NotRunning", not_running)
        .threshold("QueueGrowing", ThresholdOverride::on())
        .threshold("Stuck", ThresholdOverride::off())
        .grouping_label("host");
    let known = Suppression::new("alert-never-fires", "Known.").alert("FailureRatio");
    let kubernetes = Kubernetes {
        namespace: Some("monitoring".to_owned()),
        labels: [("a.io/b".to_owned(), "c".to_owned())].into(),
        folder: Some("Jobs".to_owned()),
        instance_selector: Default::default(),
    };
    let built = Catalogue::builder("shop")
        .name("shop-jobs")
        .title("Shop Jobs")
        .namespace("shop")
        .selector("cluster", "eu")
        .default_timeout(minutes(20))
        .owner("payments")
        .label("tier", "b")
        .runbook("docs/runbooks/shop.md")
        .runbook_url("https://wiki.example.org/shop")
        .grafana_url("https://grafana.example.org")
        .retention(minutes(30 * 24 * 60))
        .grouping_label("environment")
        .target("prometheus")
        .target("grafana")
        .kubernetes(kubernetes)
        .threshold("FailureRatio", ThresholdOverride::new().set("above", "0.50").set("for", "10m"))
        .threshold("QueueGrowing", ThresholdOverride::off())
        .suppress(known.job(JobName::new("bill").unwrap()))
        .suppress(Suppression::new("job-without-queue", "The queue is elsewhere."))
        .job(job)
        .build()
        .unwrap();
    assert_eq!(read(FULL).catalogue, built);
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_do_no_harm() {
    assert_eq!(problems(&GOOD.replace('\n', "\r\n")), "no problem");
    assert_eq!(parse(&format!("\u{feff}{GOOD}")).map(|parsed| parsed.catalogue.jobs().len()), Ok(1));
}

#[test]
fn places_are_those_of_the_file_even_behind_a_byte_order_mark() {
    assert_snapshot!(problems("\u{feff}service: shop\njobs: [é]\n"), @r#"2:8 jobs[0] "é": expected keys with values, found a text (it has the keys `name`, `summary`, `interval`, `cron`, `timezone`, `interval_variable`, `timeout`, `items`, `queue`, `enabled`, `grouping_labels`, `owner`, `labels`, `alerts`)"#);
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
fn texts_that_are_no_catalogue() {
    assert_snapshot!(problems(""), @r#"1:1  "": the file is empty (a catalogue has at least `service` and `jobs`)"#);
    assert_snapshot!(problems("# only a comment\n"), @r#"1:1  "": the file is empty (a catalogue has at least `service` and `jobs`)"#);
    assert_snapshot!(problems("just words\n"), @r#"1:1  "just words": expected keys with values, found a text (it has the keys `name`, `title`, `service`, `namespace`, `selector`, `grouping_labels`, `labels`, `runbook`, `runbook_url`, `grafana_url`, `logs_url`, `retention`, `targets`, `kubernetes`, `defaults`, `alerts`, `suppress`, `jobs`)"#);
    assert_snapshot!(problems("- a\n- b\n"), @r#"1:1  "": expected keys with values, found a list (it has the keys `name`, `title`, `service`, `namespace`, `selector`, `grouping_labels`, `labels`, `runbook`, `runbook_url`, `grafana_url`, `logs_url`, `retention`, `targets`, `kubernetes`, `defaults`, `alerts`, `suppress`, `jobs`)"#);
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
    assert_snapshot!(problems(&with("colour", "colour: red")), @r#"7:5 jobs[0].colour "colour": unknown key `colour` (the keys are `name`, `summary`, `interval`, `cron`, `timezone`, `interval_variable`, `timeout`, `items`, `queue`, `enabled`, `grouping_labels`, `owner`, `labels`, `alerts`)"#);
    assert_snapshot!(problems("service: shop\njobs:\n  - {}\n"), @r#"
    3:5 jobs[0].name "": the key `name` is missing (add it, as in `name: hot_score_refresh`)
    3:5 jobs[0].summary "": the key `summary` is missing (add it, as in `summary: Ranks clips by votes and age.`)
    3:5 jobs[0].interval "": the key `interval` is missing (add it, as in `interval: 5m` or `cron: 0 3 * * *`)
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
    assert_snapshot!(problems(&with("thresholds", "thresholds: 5")), @r#"7:17 jobs[0].alerts "5": expected alerts, each with `off` or keys such as `above: 10m`, found a number"#);
    assert_snapshot!(problems("service: shop\njobs: none\n"), @r#"2:7 jobs "none": expected a list, found a text (write each behind `- `, on lines of their own)"#);
    assert_snapshot!(problems("service: shop\njobs: [bill]\n"), @r#"2:8 jobs[0] "bill": expected keys with values, found a text (it has the keys `name`, `summary`, `interval`, `cron`, `timezone`, `interval_variable`, `timeout`, `items`, `queue`, `enabled`, `grouping_labels`, `owner`, `labels`, `alerts`)"#);
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
    assert_snapshot!(problems(&with("interval", "cron: every day")), @r#"5:11 jobs[0].cron "every day": a cron expression has five fields (minute hour day month weekday), as in `30 2 * * *`, or six with the second in front: this one has 2"#);
    assert_snapshot!(problems(&with("interval", "cron: [0 3 * * *, every day]")), @r#"5:23 jobs[0].cron[1] "every day": a cron expression has five fields (minute hour day month weekday), as in `30 2 * * *`, or six with the second in front: this one has 2"#);
    assert_snapshot!(problems(&with("interval", "cron:\n      - 0 3 * * *\n      - \"@daily\"\n      - 0 3 * * *")), @r#"8:9 jobs[0].cron[2] "0 3 * * *": `0 3 * * *` is there twice: keep one of them"#);
    assert_snapshot!(problems(&with("interval", "cron: [0 3 * * *, 5, [x]]")), @r#"
    5:23 jobs[0].cron[1] "5": expected a text, found a number (put it in quotes if it is meant as a text)
    5:26 jobs[0].cron[2] "[": expected a text, found a list
    "#);
    assert_snapshot!(problems(&with("interval", "cron: []")), @r#"5:11 jobs[0].cron "[": a job has from one to 8 cron expressions: this one has 0"#);
    assert_snapshot!(problems(&with("interval", "cron: {a: b}")), @r#"5:11 jobs[0].cron "{": expected a text, found keys with values"#);
    assert_snapshot!(problems(&with("interval", &format!("cron: [{}]", ["0 3 * * *"; 5_000].join(", ")))).replace(&["0 3 * * *"; 5_000].join(", "), "…"), @r#"5:11 jobs[0].cron "[": a job has from one to 8 cron expressions: this one has 5000"#);
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
    assert_snapshot!(problems(&with("name", "name: send bills")), @r#"3:11 jobs[0].name "send bills": a job name has letters, digits, `_`, `-` and `.`, but not ` `"#);
    assert_snapshot!(problems(&with("name", "name: 7")), @r#"3:11 jobs[0].name "7": expected a text, found a number (put it in quotes if it is meant as a text)"#);
    assert_snapshot!(problems(&with("name", "name: ''")), @r#"3:11 jobs[0].name "''": a job needs a name"#);
    assert_snapshot!(problems(&with("interval_variable", "interval_variable: bill interval")), @r#"7:24 jobs[0].interval_variable "bill interval": a variable has capitals, digits and `_`, and starts with a letter, as `HOT_SCORE_REFRESH_INTERVAL`"#);
}

#[test]
fn what_holds_for_the_whole_catalogue_makes_sense() {
    let above = |lines: &str| problems(&format!("{lines}\n{GOOD}"));
    assert_snapshot!(above("name: Background Jobs"), @r#"1:7 name "Background Jobs": a catalogue's name has small letters, digits and `-`, starts with a letter, and has at most 40 characters"#);
    assert_snapshot!(above("retention: 23h"), @r#"1:12 retention "23h": 23h is no retention of Prometheus: from a day to ten years (3650d)"#);
    assert_snapshot!(above("retention: 3651d"), @r#"1:12 retention "3651d": 3651d is no retention of Prometheus: from a day to ten years (3650d)"#);
    assert_snapshot!(above("retention: 3650d"), @"no problem");
    assert_snapshot!(above("namespace: Shop_1"), @r#"1:12 namespace "Shop_1": a namespace has at most 63 small letters, digits and `-`, with a letter or digit at both ends"#);
    assert_snapshot!(above("runbook: ../secret.md"), @r#"1:10 runbook "../secret.md": a path is relative, has `/` between its parts, and stays below the folder that files are generated into"#);
    assert_snapshot!(above("runbook_url: github.com/shop"), @r#"1:14 runbook_url "github.com/shop": a URL starts with `https://` or `http://`, and has neither spaces nor braces"#);
    let labels = |number: usize, value: &str| {
        let labels: Vec<String> = (0..number).map(|number| format!("label_{number}: '{value}'")).collect();
        above(&format!("selector: {{{}}}", labels.join(", ")))
    };
    assert_snapshot!(labels(50, "a"), @"no problem");
    assert_snapshot!(labels(51, "a"), @r#"1:11 selector "{": 51 labels are too many: at most 50"#);
    assert_snapshot!(labels(6, &"a".repeat(900)), @r#"1:11 selector "{": these labels have 5442 characters together: at most 5000"#);
    assert_snapshot!(above("labels: {service: mall}"), @r#"1:19 labels.service "mall": the label `service` is set by the rules themselves: choose another name"#);
    assert_snapshot!(above("labels: {namespace: mall}"), @r#"1:21 labels.namespace "mall": the label `namespace` is set by the rules themselves: choose another name"#);
    assert_snapshot!(above("selector: {service: mall, namespace: mall}"), @"no problem");
    assert_snapshot!(above("labels: {severity: page}"), @r#"1:20 labels.severity "page": the label `severity` is set by the rules themselves: choose another name"#);
    assert_snapshot!(above("selector: {my-label: a}"), @r#"1:22 selector.my-label "a": `my-label` is no label name: letters, digits and `_`, not starting with a digit or `__`"#);
    assert_snapshot!(above("labels: {team: '{{ $labels.team }}'}"), @"no problem");
    assert_snapshot!(above("selector: {cluster: ''}"), @r#"1:21 selector.cluster "''": this text is empty: an empty label is no label to Prometheus"#);
}

#[test]
fn what_kubernetes_takes_is_written() {
    let said = |lines: &str| problems(&format!("{lines}\n{GOOD}"));
    assert_snapshot!(said("kubernetes: {namespace: A}"), @r#"1:25 kubernetes.namespace "A": a namespace has at most 63 small letters, digits and `-`, with a letter or digit at both ends"#);
    assert_snapshot!(said("kubernetes: {labels: {a b: c}}"), @r#"1:28 kubernetes.labels.a b "c": `a b` is no key of a Kubernetes label: at most 63 letters, digits, `-`, `_` and `.`, as in `release`, behind a domain and `/` or not"#);
    assert_snapshot!(said("kubernetes: {labels: {a: -c}}"), @r#"1:26 kubernetes.labels.a "-c": the value of a Kubernetes label has at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends"#);
    assert_snapshot!(said("kubernetes: {folder: ''}"), @r#"1:22 kubernetes.folder "''": this text is empty: name the folder in Grafana, or leave the key out"#);
    assert_snapshot!(said("kubernetes: {flder: a}"), @r#"1:14 kubernetes.flder "flder": unknown key `flder` (did you mean `folder`?)"#);
    assert_snapshot!(said("kubernetes: [a]"), @r#"1:13 kubernetes "[": expected keys with values, found a list (it has the keys `namespace`, `labels`, `folder`, `instance_selector`)"#);
    assert_snapshot!(said("targets: []"), @r#"1:10 targets "[": these are no targets: name one, or leave the key out"#);
    assert_snapshot!(said("targets: [a, a]"), @r#"1:14 targets[1] "a": the target `a` is named already: leave it out"#);
    assert_snapshot!(said("targets: {a: b}"), @r#"1:10 targets "{": expected a text, found keys with values"#);
    assert_snapshot!(said("targets: a"), @"no problem");
}

#[test]
fn labels_that_tell_copies_of_jobs_apart_are_labels_of_series() {
    let above = |lines: &str| problems(&format!("{lines}\n{GOOD}"));
    assert_snapshot!(above("grouping_labels: [cluster, environment]"), @"no problem");
    assert_snapshot!(above("grouping_labels: []"), @"no problem");
    assert_snapshot!(above("grouping_labels: [cluster, cluster]"), @r#"1:28 grouping_labels[1] "cluster": `cluster` is named already: leave it out"#);
    assert_snapshot!(above("grouping_labels: my-cluster"), @r#"1:18 grouping_labels[0] "my-cluster": `my-cluster` is no label name: letters, digits and `_`, not starting with a digit or `__`"#);
    assert_snapshot!(above("grouping_labels: [cluster, namespace]"), @r#"1:28 grouping_labels[1] "namespace": rules group by `namespace` anyhow: leave it out"#);
    assert_snapshot!(above("grouping_labels: [service]"), @r#"1:19 grouping_labels[0] "service": the label `service` is set by the rules themselves: choose another name"#);
    assert_snapshot!(above("grouping_labels: [window]"), @r#"1:19 grouping_labels[0] "window": the label `window` is set by the rules themselves: choose another name"#);
    assert_snapshot!(above("grouping_labels: {cluster: eu}"), @r#"1:18 grouping_labels "{": expected a text, found keys with values"#);
    assert_snapshot!(above("grouping_labels: [a, b, c, d, e, f]"), @r#"1:18 grouping_labels "[": copies of jobs are told apart by 5 labels at most"#);
    assert_snapshot!(above("grouping_labels: cluster\nlabels: {cluster: eu}"), @r#"1:18 grouping_labels[0] "cluster": `cluster` cannot be both in `labels` and in `grouping_labels`, of whichever job: leave it out of one of them"#);
    let of_job = |top: &str, lines: &str| problems(&format!("{top}\n{}", with("timeout", lines)));
    assert_snapshot!(of_job("", "grouping_labels: host"), @"no problem");
    assert_snapshot!(of_job("grouping_labels: host", "grouping_labels: host"), @r#"7:22 jobs[0].grouping_labels[0] "host": `host` is named already: leave it out"#);
    assert_snapshot!(of_job("grouping_labels: [a, b, c, d, e]", "grouping_labels: host"), @r#"7:22 jobs[0].grouping_labels "host": copies of jobs are told apart by 5 labels at most"#);
    assert_snapshot!(of_job("grouping_labels: host", "labels: {host: a}"), @r#"7:20 jobs[0].labels.host "a": `host` cannot be both in `labels` and in `grouping_labels`, of whichever job: leave it out of one of them"#);
    let second = "  - {name: ship, summary: Ships., interval: 1h, labels: {host: a}}\n";
    let two = format!("{}{second}", with("timeout", "grouping_labels: host"));
    assert_snapshot!(problems(&two), @r#"7:64 jobs[1].labels.host "a": `host` cannot be both in `labels` and in `grouping_labels`, of whichever job: leave it out of one of them"#);
    assert_snapshot!(of_job("labels: {host: a}", "grouping_labels: host"), @r#"7:22 jobs[0].grouping_labels[0] "host": `host` cannot be both in `labels` and in `grouping_labels`, of whichever job: leave it out of one of them"#);
}

#[test]
fn thresholds_are_kept_as_they_are_written() {
    let text = format!("thresholds:\n  Late: {{above: 0.50, for: 10m, share: 50%, runs: 0x1F}}\n{GOOD}");
    let catalogue = read(&text).catalogue;
    let set: Vec<_> = catalogue.thresholds()["Late"].iter().collect();
    assert_eq!(set, [("above", "0.50"), ("for", "10m"), ("runs", "0x1F"), ("share", "50%")]);
}

#[test]
fn thresholds_are_keys_with_values() {
    let set = |set: &str| problems(&format!("thresholds:\n  {set}\n{GOOD}"));
    assert_snapshot!(set("Late: 5m"), @r#"2:9 alerts.Late "5m": expected `off`, `on`, or keys with values, such as `above: 10m`, found a text"#);
    assert_snapshot!(set("Late:"), @r#"2:3 alerts.Late "Late": expected `off`, `on`, or keys with values, such as `above: 10m`, found nothing"#);
    assert_snapshot!(set("Late: {above: [1]}"), @r#"2:17 alerts.Late.above "[": expected a value such as `10m` or `0.5`, found a list"#);
    assert_snapshot!(set("Late: {above: }"), @r#"2:10 alerts.Late.above "above": expected a value such as `10m` or `0.5`, found nothing"#);
    assert_snapshot!(set("Late: {above: true}"), @r#"2:17 alerts.Late.above "true": expected a value such as `10m` or `0.5`, found `true` or `false`"#);
    assert_snapshot!(set("Late: {above: ''}"), @r#"2:17 alerts.Late.above "''": this text is empty: write a value, or leave the key out"#);
    assert_snapshot!(set("Late: {above: \"1\\n2\"}"), @r#"2:17 alerts.Late.above "\"1\\n2\"": this text holds a line break (U+000A): write it on one line, without control characters"#);
}

#[test]
fn places_of_keys_and_values_are_known() {
    let positions = read(FULL).positions;
    let at = |position: &Position| {
        format!("{}:{} {:?}", position.line, position.column, &FULL[position.span.clone()])
    };
    let check = |path: &str, key: &str, value: &str| {
        assert_eq!(
            (at(positions.key_of(path)).as_str(), at(positions.of(path)).as_str()),
            (key, value),
            "{path}"
        );
    };
    check("", "1:1 \"\"", "1:1 \"\"");
    check("nothing.here", "1:1 \"\"", "1:1 \"\"");
    check("service", "3:1 \"service\"", "3:10 \"shop\"");
    check("alerts.FailureRatio", "14:5 \"FailureRatio\"", "14:19 \"{\"");
    check("alerts.FailureRatio.for", "14:33 \"for\"", "14:38 \"10m\"");
    check("jobs[0].alerts.NotRunning.above", "35:20 \"above\"", "35:27 \"26h\"");
    check("jobs[0].alerts.NotRunning.over", "35:19 \"{\"", "35:19 \"{\"");
    check("suppress[0].job", "17:52 \"job\"", "17:57 \"bill\"");
    let of_rust = Positions::default();
    assert_eq!((of_rust.of("jobs[0].name"), of_rust.key_of("service")), (&Position::START, &Position::START));
}
