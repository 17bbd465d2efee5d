//! What holds for all jobs, and what a job says instead: timeouts, alerts, labels.

use insta::assert_snapshot;

use super::super::*;
use super::{GOOD, problems, read, with};

#[test]
fn a_job_that_names_no_timeout_has_the_default_of_the_catalogue_or_half_its_gap() {
    #[track_caller]
    fn check(defaults: &str, schedule: &str, expected: (u64, bool)) {
        let text =
            format!("service: shop\n{defaults}jobs:\n  - {{name: bill, summary: Bills., {schedule}}}\n");
        let catalogue = read(&text).catalogue;
        let job = &catalogue.jobs()[0];
        assert_eq!((job.timeout().as_secs() / 60, job.has_default_timeout()), expected, "{schedule}");
    }
    check("", "interval: 10s", (15, true));
    check("", "interval: 30m", (15, true));
    check("", "interval: 1h", (30, true));
    check("", "interval: 2h", (60, true));
    check("", "cron: 0 3 * * *", (60, true));
    check("", "cron: [0 3 * * *, 40 3 * * 1]", (20, true));
    check("", "interval: 1h, timeout: 5m", (5, false));
    check("defaults: {timeout: 10m}\n", "interval: 1h", (10, false));
    check("defaults: {timeout: 10m}\n", "interval: 1h, timeout: 5m", (5, false));
}

#[test]
fn what_holds_for_all_jobs_stands_at_the_top_or_in_defaults() {
    let settings = "labels: {team: a}, thresholds: {Late: {above: 5}, Stuck: off}";
    let job = "jobs: [{name: bill, summary: Bills., interval: 5m}]\n";
    let within = read(&format!("service: shop\ndefaults: {{{settings}}}\n{job}")).catalogue;
    let top = settings.replace("}, t", "}\nt").replace("thresholds", "alerts");
    assert_eq!(read(&format!("service: shop\n{top}\n{job}")).catalogue, within);
    let both = |text: &str| problems(&format!("{text}\n{GOOD}"));
    assert_snapshot!(both("labels: {team: a}\ndefaults: {labels: {team: b}}"), @r#"2:12 labels "labels": `labels` is there at the top as well, where it means the same (keep one of them)"#);
    assert_snapshot!(both("thresholds: {Late: off}\ndefaults: {thresholds: {Late: on}}"), @r#"2:12 alerts "thresholds": `alerts` is there at the top as well, where it means the same (keep one of them)"#);
    assert_snapshot!(both("thresholds: {Late: off}\nalerts: {Late: on}"), @r#"1:1 thresholds "thresholds": `thresholds` is the earlier name of `alerts`, which is there as well (move what it holds to `alerts`)"#);
    assert_snapshot!(both("defaults: [5]"), @r#"1:11 defaults "[": expected keys with values, found a list (it has the keys `timeout`, `owner`, `labels`, `alerts`)"#);
    assert_snapshot!(both("defaults: {timout: 5m}"), @r#"1:12 defaults.timout "timout": unknown key `timout` (did you mean `timeout`?)"#);
    assert_snapshot!(both("defaults: {timeout: 2d}"), @r#"1:21 defaults.timeout "2d": the timeout 2d is longer than a day: say so of the job that may take so long"#);
    assert_snapshot!(both("defaults: {timeout: 0s}"), @r#"1:21 defaults.timeout "0s": a timeout is at least one second"#);
    assert_snapshot!(both("defaults: {labels: {severity: page}, owner: \"\"}"), @r#"
    1:31 labels.severity "page": the label `severity` is set by the rules themselves: choose another name
    1:45 defaults.owner "\"\"": this text is empty: name somebody, or leave the key out
    "#);
    assert_snapshot!(both("defaults: {alerts: {Late: {above: [5]}}}"), @r#"1:35 alerts.Late.above "[": expected a value such as `10m` or `0.5`, found a list"#);
}

#[test]
fn an_alert_is_switched_or_set() {
    let switched = |value: &str| {
        let text = with("alerts", &format!("alerts: {{Late: {value}}}"));
        let on = |parsed: Parsed| parsed.catalogue.jobs()[0].thresholds()["Late"].is_on();
        parse(&text).map_or_else(|_| problems(&text), |parsed| format!("{:?}", on(parsed)))
    };
    for off in ["off", "Off", "OFF", "false", "\"off\""] {
        assert_eq!(switched(off), "Some(false)", "{off}");
    }
    for on in ["on", "true", "{above: 5}"] {
        assert_eq!(switched(on), "Some(true)", "{on}");
    }
    assert_eq!(switched("{}"), "None");
    assert_snapshot!(switched("no"), @r#"7:20 jobs[0].alerts.Late "no": expected `off`, `on`, or keys with values, such as `above: 10m`, found a text"#);
    assert_snapshot!(switched("5"), @r#"7:20 jobs[0].alerts.Late "5": expected `off`, `on`, or keys with values, such as `above: 10m`, found a number"#);
    assert_snapshot!(switched(""), @r#"7:14 jobs[0].alerts.Late "Late": expected `off`, `on`, or keys with values, such as `above: 10m`, found nothing"#);
    assert_snapshot!(switched("{above: off, for: true}"), @r#"7:38 jobs[0].alerts.Late.for "true": expected a value such as `10m` or `0.5`, found `true` or `false`"#);
}

#[test]
fn labels_of_jobs_are_few_and_their_own() {
    let labels = |value: &str| problems(&with("labels", &format!("labels: {value}")));
    assert_eq!(labels("{team: billing, tier: a}"), "no problem");
    assert_eq!(problems(&with("owner", "owner: billing")), "no problem");
    for reserved in ["namespace", "service", "severity", "catalogue", "job_name", "alertname", "alertstate"] {
        let told = labels(&format!("{{{reserved}: a}}"));
        let expected = format!("the label `{reserved}` is set by the rules themselves: choose another name");
        assert!(told.ends_with(&expected), "{told}");
    }
    assert_snapshot!(labels("{severity: page}"), @r#"7:24 jobs[0].labels.severity "page": the label `severity` is set by the rules themselves: choose another name"#);
    assert_snapshot!(labels("{job-name: a}"), @r#"7:24 jobs[0].labels.job-name "a": `job-name` is no label name: letters, digits and `_`, not starting with a digit or `__`"#);
    assert_snapshot!(labels("{team: 5}"), @r#"7:20 jobs[0].labels.team "5": expected a text, found a number (put it in quotes if it is meant as a text)"#);
    assert_snapshot!(labels("{owner: billing}\n    owner: payments"), @r#"7:21 jobs[0].labels.owner "billing": the label `owner` is what the key `owner` sets: keep one of them"#);
    assert_snapshot!(problems(&with("owner", "owner: [billing]")), @r#"7:12 jobs[0].owner "[": expected a text, found a list"#);
    let many: Vec<String> = (0..6).map(|number| format!("l{number}: a")).collect();
    assert_eq!(labels(&format!("{{{}}}", many[1..].join(", "))), "no problem");
    assert_snapshot!(labels(&format!("{{{}}}", many.join(", "))), @r#"7:53 jobs[0].labels.l5 "a": with this one, jobs set more than 5 different labels"#);
    let long = "ä".repeat(290);
    assert_eq!(labels(&format!("{{team: {long}}}")), "no problem");
    assert_snapshot!(labels(&format!("{{team: {long}, tier: abc}}")).replace(&long, "…"), @r#"7:13 jobs[0].labels "{": the labels that jobs set have 301 characters together for this one: at most 300"#);
}
