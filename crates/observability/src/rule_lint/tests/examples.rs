//! An example that each lint finds, and one that it does not.

use std::collections::BTreeSet;

use insta::assert_snapshot;

use super::{alert, found, shown};
use crate::rule_lint::codes;
use crate::rule_lint::lints::STANDARD;

/// A code with rules in which it is found and rules in which nothing is.
struct Example {
    code: &'static str,
    bad: String,
    good: String,
}

fn example(code: &'static str, bad: &str, good: &str) -> Example {
    Example { code, bad: bad.to_owned(), good: good.to_owned() }
}

/// The same of the expression of an alert.
fn expression(code: &'static str, bad: &str, good: &str) -> Example {
    example(code, &alert(bad), &alert(good))
}

/// An alert with more lines of YAML, which are indented by four blanks.
fn with(lines: &str) -> String {
    alert("sum by (job) (errors) > 1") + lines
}

fn records(first: &str, second: &str) -> String {
    format!("groups:\n- name: g\n  rules:\n  - {first}\n  - {second}\n")
}

fn examples() -> Vec<Example> {
    vec![
        expression(
            "rule-sides-never-match",
            "rate(a_total{status=\"failed\"}[5m]) / rate(a_total{status=\"success\"}[5m]) > 0.5",
            "rate(a_total{status=\"failed\"}[5m]) / ignoring (status) rate(a_total{status=\"success\"}[5m]) > 0.5",
        ),
        expression(
            "rule-absent-joined",
            "absent_over_time(up{job=\"a\"}[5m]) and b > 0",
            "absent_over_time(up{job=\"a\"}[5m]) and on (job) b > 0",
        ),
        example("rule-absent-without-for", &alert("absent(up)"), &(alert("absent(up)") + "    for: 5m\n")),
        expression("rule-comparison-never-holds", "count(a == 0) == 0", "count(a == 0) > 3"),
        expression("rule-comparison-always-holds", "rate(a_total[5m]) >= 0", "rate(a_total[5m]) > 0"),
        expression("rule-alert-without-comparison", "queue > bool 5", "queue > 5"),
        example(
            "rule-for-too-long",
            &(alert("up offset 10m unless up") + "    for: 10m\n"),
            &(alert("up offset 10m unless up") + "    for: 5m\n"),
        ),
        expression("rule-counter-compared", "errors_total > 10", "increase(errors_total[1h]) > 10"),
        expression("rule-rate-of-gauge", "rate(seen_timestamp_seconds[5m]) > 0", "rate(seen_total[5m]) > 0"),
        expression(
            "rule-quantile-without-le",
            "histogram_quantile(0.9, sum by (job) (rate(a_bucket[5m]))) > 1",
            "histogram_quantile(0.9, sum by (job, le) (rate(a_bucket[5m]))) > 1",
        ),
        expression(
            "rule-range-too-short",
            "increase(job_execution_total{status=\"failed\"}[10m]) > 0",
            "increase(job_execution_total{status=\"failed\", job_name=\"mails\"}[10m]) > 0",
        ),
        expression("rule-range-beyond-retention", "max_over_time(a[30d]) > 5", "max_over_time(a[10d]) > 5"),
        expression("rule-metric-unknown", "job_queues_size > 5", "job_queue_size > 5"),
        expression(
            "rule-label-unknown",
            "increase(job_execution_total{status=\"failure\", job_name=\"mails\"}[1h]) > 0",
            "increase(job_execution_total{status=\"failed\", job_name=\"mails\"}[1h]) > 0",
        ),
        example(
            "rule-template-label-missing",
            &with("    labels: {team: '{{ $labels.team }}'}\n"),
            &with("    labels: {team: '{{ $labels.job }}'}\n"),
        ),
        example(
            "rule-value-in-label",
            &with("    labels: {value: '{{ $value }}'}\n"),
            &with("    labels: {value: high}\n"),
        ),
        example(
            "rule-recorded-later",
            &records("{record: b, expr: a > 5}", "{record: a, expr: sum(c)}"),
            &records("{record: a, expr: sum(c)}", "{record: b, expr: a > 5}"),
        ),
        example(
            "rule-recorded-elsewhere",
            "groups:\n- name: slow\n  interval: 10m\n  rules: [{record: a, expr: sum(c)}]\n- name: fast\n  interval: 1m\n  rules: [{record: b, expr: a > 5}]\n",
            "groups:\n- name: slow\n  interval: 10m\n  rules: [{record: a, expr: sum(c)}, {record: b, expr: a > 5}]\n- name: fast\n  rules: [{record: d, expr: 'max_over_time(a[1h])'}]\n",
        ),
        example(
            "rule-duplicate",
            &records("{record: a, expr: sum(c)}", "{record: a, expr: 'sum( c )'}"),
            &records("{record: a, expr: sum(c)}", "{record: b, expr: sum(c)}"),
        ),
        example(
            "rule-alert-labels-shared",
            &(alert("a > 5") + "  - alert: A\n    expr: b > 5\n    annotations: {runbook: x}\n"),
            &(alert("a > 5")
                + "  - alert: A\n    expr: b > 5\n    labels: {severity: warning}\n    annotations: {runbook: x}\n"),
        ),
        example(
            "rule-runbook-missing",
            "groups: [{name: g, rules: [{alert: A, expr: a > 5}]}]",
            &alert("a > 5"),
        ),
        example(
            "rule-runbook-section-missing",
            "groups: [{name: g, rules: [{alert: A, expr: a > 5, annotations: {runbook_url: docs/jobs.md#failures}}]}]",
            "groups: [{name: g, rules: [{alert: A, expr: a > 5, annotations: {runbook_url: other.md#failures}}]}]",
        ),
        expression("rule-regex-useless", "a{b=~\"c\"} > 5", "a{b=~\"c|d\"} > 5"),
        expression("rule-regex-expensive", "{__name__=~\".+_errors\"} > 5", "{__name__=~\"app_.+\"} > 5"),
        example(
            "rule-key-unknown",
            &with("    annotation: {a: b}\n"),
            "groups: [{name: g, limit: 5, concurrency: 2, rules: [{record: a, expr: sum(c), debug: true}]}]",
        ),
        example(
            "rule-ignore-unknown",
            "# jobwatch: ignore rule-duplicates Both are needed.\ngroups: []\n",
            "# Somebody's comment about jobwatch.\ngroups: []\n",
        ),
        example(
            "rule-ignore-unused",
            &format!("# jobwatch: ignore rule-duplicate Both are needed.\n{}", alert("a > 5")),
            &format!(
                "# jobwatch: ignore rule-regex-useless It is read better.\n{}",
                alert("a{b=~\"c\"} > 5")
            ),
        ),
        example(
            "rule-ignore-without-reason",
            &format!("# jobwatch: ignore rule-regex-useless\n{}", alert("a{b=~\"c\"} > 5")),
            &format!("# jobwatch: ignore rule-regex-useless: Read better.\n{}", alert("a{b=~\"c\"} > 5")),
        ),
    ]
}

#[test]
fn every_code_has_an_example_and_a_page() {
    let examples: BTreeSet<&str> = examples().iter().map(|example| example.code).collect();
    let known: BTreeSet<&str> = codes().iter().map(|code| code.name).collect();
    assert_eq!(examples, known);
    assert_eq!(STANDARD.iter().map(|lint| lint.code.name).collect::<BTreeSet<_>>().len(), STANDARD.len());
    for code in codes() {
        assert!(code.explanation.starts_with(&format!("# {}\n\n{}\n", code.name, code.summary)), "{code}");
        assert!(code.explanation.contains("What to do: "), "{code}");
    }
}

#[test]
fn each_lint_finds_its_example_and_leaves_the_other_alone() {
    for Example { code, bad, good } in examples() {
        let codes = |text: &str| {
            let found = found(&[text]).remove(0);
            let open = found.into_iter().filter(|finding| finding.suppressed.is_none());
            open.map(|finding| finding.code.name).collect::<BTreeSet<_>>()
        };
        assert!(codes(&bad).contains(code), "{code} is not found in\n{bad}");
        assert_eq!(codes(&good), BTreeSet::new(), "{code}:\n{good}");
    }
}

#[test]
fn each_finding_says_what_is_wrong_where_and_what_to_do() {
    let all = examples().iter().map(|example| shown(&example.bad)).collect::<Vec<_>>().join("\n\n");
    assert_snapshot!(all, @r#"
    rule-sides-never-match 6:7 `rate(a_total{status="failed"}[5m]) / rate(a_total{status="success"}[5m])`
      A: the sides of `/` never have the same `status`: the left one has `failed` and the right one has `success`, so that nothing comes of it
      aggregate both sides by the same labels, or name those that have to agree with `on (…)`

    rule-absent-joined 6:7 `absent_over_time(up{job="a"}[5m]) and b > 0`
      A: `absent` has no labels but those that its selector sets, so that `and` finds no series with the same
      say by which labels they belong together: `and on () …` for none at all

    rule-absent-without-for 6:7 `absent(up)`
      A: this fires at once when nothing was scraped yet, as after a restart
      add `for: 5m`, or at least two scrapes: 30s

    rule-comparison-never-holds 6:7 `count(a == 0) == 0`
      A: this never holds: `count(a == 0)` is never below 1
      choose a threshold that can be reached, or remove the rule

    rule-comparison-always-holds 6:7 `rate(a_total[5m]) >= 0`
      A: this always holds, wherever there are samples at all
      choose a threshold that tells the good from the bad, or remove the comparison

    rule-alert-without-comparison 6:7 `queue > bool 5`
      A: this alert fires always: with `bool`, a comparison yields 0 where it does not hold
      compare it with a threshold; an alert fires for each sample, whatever its value

    rule-for-too-long 8:10 `10m`
      A: this alert waits for 10m and cannot fire: its expression holds for less than 10m at a time, because `up offset 10m` and `up` differ only for 10m after a change
      let `for` be well below 10m

    rule-counter-compared 6:7 `errors_total`
      A: `errors_total` is a counter: once it is beyond a threshold, it stays there until a restart
      compare how much it grew: `increase(…[1h])` or `rate(…[5m])`

    rule-rate-of-gauge 6:7 `rate(seen_timestamp_seconds[5m])`
      A: `seen_timestamp_seconds[5m]` is no counter: `rate` takes each fall of it for a restart
      take `delta` or `deriv` of what comes and goes; of what is recorded, take the rate before it is recorded

    rule-quantile-without-le 6:31 `sum by (job) (rate(a_bucket[5m]))`
      A: the buckets have lost `le`, which says where they end
      keep `le` in the aggregation: `sum by (le, …)`

    rule-range-too-short 6:16 `job_execution_total{status="failed"}[10m]`
      A: this range of 10m is mostly empty for jobs that are due more rarely: `reports` is due each 1h
      look back over at least an interval of each job, 1h here, and better several; `jobwatch generate` writes rules that do

    rule-range-beyond-retention 6:21 `a[30d]`
      A: this looks back over 30d, and Prometheus keeps 15d
      look back over less, or let Prometheus keep more and say so as `retention`

    rule-metric-unknown 6:7 `job_queues_size`
      A: there is no series `job_queues_size`: no job of the catalogue exposes it
      did you mean `job_queue_size`?

    rule-label-unknown 6:36 `status="failure"`
      A: `status` of `job_execution_total` is never `failure`
      it is one of success, failed

    rule-template-label-missing 8:32 `team`
      A: the expression returns no label `team`: its labels are `job`
      keep the label in the aggregation, or leave it out of the text, where it is empty

    rule-value-in-label 8:21 `'{{ $value }}'`
      A: `value` changes with the value: the alert ends and another begins, which waits anew
      put the value into an annotation

    rule-recorded-later 4:23 `a`
      b: `a` is recorded by a later rule of this group, so that what is read is one evaluation old
      put the rule that records it before those that read it

    rule-recorded-elsewhere 7:29 `a`
      b: `a` is recorded by the group `slow` at a longer interval, so that what is read may be 10m old
      put both rules into one group, or give the groups the same interval

    rule-duplicate 5:14 `a`
      a: the same rule is there already, in line 4
      remove one of them

    rule-alert-labels-shared 8:12 `A`
      A: the alert in line 4 has the same name and labels: where both fire for the same series, only one is told
      give one of them another name, or a label with another value

    rule-runbook-missing 1:36 `A`
      A: the alert does not say where its runbook is
      add the annotation `runbook_url`, with the section that says what to do

    rule-runbook-section-missing 1:91 `#failures`
      A: the runbook has no section `#failures`
      did you mean `#job-failures`?

    rule-regex-useless 6:9 `b=~"c"`
      A: `c` matches one text alone
      write `b="c"`

    rule-regex-expensive 6:7 `{__name__=~".+_errors"}`
      A: `{__name__=~".+_errors"}` looks at all series that Prometheus has
      name the series, or a label with its value: what is looked up by value alone is cheap

    rule-key-unknown 8:5 `annotation`
      A: a rule has no key `annotation`: Prometheus refuses the file
      did you mean `annotations`?

    rule-ignore-unknown 1:1 `# jobwatch: ignore rule-duplicates Both are needed.`
      there is no code `rule-duplicates` about rules
      did you mean `rule-duplicate`?

    rule-ignore-unused 1:1 `# jobwatch: ignore rule-duplicate Both are needed.`
      there is no finding rule-duplicate here to ignore
      remove this comment, or put it right above the rule that it is about

    rule-ignore-without-reason 1:1 `# jobwatch: ignore rule-regex-useless`
      this comment does not say why rule-regex-useless is ignored
      write: # jobwatch: ignore rule-regex-useless REASON
    rule-regex-useless 7:9 `b=~"c"`
      A: `c` matches one text alone
      write `b="c"`
    "#);
}
