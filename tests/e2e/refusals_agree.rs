//! What is refused here, Prometheus refuses, and the other way round.

use std::fmt::Write as _;

use e2e::promtool;
use jobwatch_observability::artifact::Artifact;
use jobwatch_observability::findings::Finding;
use jobwatch_observability::rule_lint::{Facts, RuleSet, lint};
use jobwatch_observability::text::FilePath;

/// Expressions, many of which Prometheus does not read. Numbers as durations are left out: from
/// version 3 on it takes them.
const EXPRESSIONS: [&str; 49] = [
    "a",
    "a + ",
    "a{b=\"c\"}",
    "{}",
    "{b=\"\"}",
    "{b=~\".*\"}",
    "{b!=\"c\"}",
    "{b=~\".+\"}",
    "a{b=~\"(\"}",
    "a{b=~\"a{1001}\"}",
    "a{b=~\"a{1000}\"}",
    "a{b=~\"(?=c)\"}",
    "a{b=~\"[z-a]\"}",
    "a{b=~\"\\\\d+\"}",
    "a{b=~\"\\\\1\"}",
    "a{b=\"\\d\"}",
    "a{1b=\"c\"}",
    "rate(a[5m])",
    "rate(a)",
    "rate(a[5m1h])",
    "rate(a[1h5m])",
    "rate(a[0s])",
    "rate(a[-5m])",
    "rate(a[5m:])",
    "rate(a[5m:0s])",
    "rate(sum(a)[5m])",
    "rate(sum(a)[5m:1m])",
    "rat(a[5m])",
    "sum by (b) (a)",
    "sum by (1b) (a)",
    "sum by (b, ) (a)",
    "sum(a) by (b)",
    "topk(a)",
    "topk(5, a)",
    "quantile(0.9, a)",
    "a and 5",
    "a > bool 5",
    "5 > 6",
    "5 > bool 6",
    "a and bool b",
    "a + bool b",
    "a / on (b) group_left (c) d",
    "a / group_left (c) d",
    "a and on (b) group_left () c",
    "a / on (b) group_left (b) c",
    "a offset 5m offset 5m",
    "a offset -5m",
    "a @ start()",
    "histogram_quantile(0.9, a, b)",
];

/// Rules with all that is written beside an expression.
const RULES: [&str; 50] = [
    "{record: a, expr: b}",
    "{record: 'a:b', expr: c}",
    "{record: a-b, expr: c}",
    "{record: 1a, expr: c}",
    "{record: '', expr: c}",
    "{expr: c}",
    "{record: a}",
    "{record: a, alert: b, expr: c}",
    "{record: a, expr: b, for: 5m}",
    "{record: a, expr: b, keep_firing_for: 5m}",
    "{record: a, expr: b, annotations: {c: d}}",
    "{record: a, expr: b, labels: {c: d}}",
    "{record: a, expr: b, labels: {c-d: e}}",
    "{record: a, expr: b, labels: {__name__: e}}",
    "{record: a, expr: b, labels: {c: '{{ $value }}'}}",
    "{record: a, expr: b, labels: {c: 5}}",
    "{record: a, expr: 5}",
    "{record: a, expr: ''}",
    "{alert: a, expr: b, for: 5m}",
    "{alert: a, expr: b, for: 5m1h}",
    "{alert: a, expr: b, for: 1h5m}",
    "{alert: a, expr: b, for: 5}",
    "{alert: a, expr: b, for: 0}",
    "{alert: a, expr: b, for: 0s}",
    "{alert: a, expr: b, for: 1.5h}",
    "{alert: a, expr: b, for: 5 m}",
    "{alert: a, expr: b, for: -5m}",
    "{alert: a b, expr: c}",
    "{alert: 'ä', expr: c}",
    "{alert: a, expr: b, labels: {c: d}, annotations: {e: f}}",
    "{alert: a, expr: b, labels: {alertname: d}}",
    "{alert: a, expr: b, annotations: {c-d: e}}",
    "{alert: a, expr: b, annotations: {c: '{{ $labels.d }}'}}",
    "{alert: a, expr: b, annotations: {c: '{{ $labls.d }}'}}",
    "{alert: a, expr: b, annotations: {c: '{{ $labels.d'}}",
    "{alert: a, expr: b, annotations: {c: '{{ .Labels.d }} {{ .Value | humanize }}'}}",
    "{alert: a, expr: b, annotations: {c: '{{ humanise $value }}'}}",
    "{alert: a, expr: b, annotations: {c: '{{ if $value }}'}}",
    "{alert: a, expr: b, annotations: {c: '{{ if $value }}d{{ else }}e{{ end }}'}}",
    "{alert: a, expr: b, annotations: {c: '{{ end }}'}}",
    "{alert: a, expr: b, annotations: {c: '{{/* $labls */}}d'}}",
    "{alert: a, expr: b, annotations: {c: '{{ $d := $labels.e }}{{ $d }}'}}",
    "{alert: a, expr: b, annotations: {c: '{{ $d }}'}}",
    "{alert: a, expr: b, annotations: {c: '{{ range query \"up\" }}{{ .Labels.job }}{{ end }}'}}",
    "{alert: a, expr: b, annotations: {c: '{{ \"{{\" }}'}}",
    "{alert: a, expr: b, annotations: {c: '{{ printf \"%.2f\" $value }}'}}",
    "{alert: a, expr: b, annotations: {c: '{{ \"d }}'}}",
    "{alert: a, expr: b, annotation: {c: d}}",
    "{alert: a, expr: b, severity: c}",
    "{alert: a, expr: b, expr: c}",
];

/// Whole files.
const FILES: [&str; 14] = [
    "groups: []",
    "groups:",
    "groups: [{name: g, rules: []}]",
    "groups: [{name: g}]",
    "groups: [{name: '', rules: []}]",
    "groups: [{rules: []}]",
    "groups: [{name: g, rules: []}, {name: g, rules: []}]",
    "groups: [{name: g, interval: 5m, rules: []}]",
    "groups: [{name: g, interval: 5, rules: []}]",
    "groups: [{name: g, limit: 5, rules: [{record: a, expr: b}]}]",
    "groups: [{name: g, limits: 5, rules: [{record: a, expr: b}]}]",
    "groups: []\nrules: []",
    "groups: {name: g}",
    "groups: [{name: g, rules: [{record: a, expr: b}]",
];

/// Expressions that Prometheus loads, and whose evaluation fails each time.
const IN_VAIN: [&str; 3] = ["a[5m]", "a[5m] offset 1h", "\"text\""];

fn of_rule(rule: &str) -> String {
    format!("groups:\n- name: g\n  rules:\n  - {rule}\n")
}

fn of_expression(text: &str) -> String {
    of_rule(&format!("{{record: a, expr: '{}'}}", text.replace('\'', "''")))
}

fn texts() -> Vec<String> {
    let files = FILES.map(|file| format!("{file}\n"));
    [&EXPRESSIONS.map(of_expression)[..], &RULES.map(of_rule), &files].concat()
}

fn files(texts: &[String]) -> Vec<Artifact> {
    let file = |(number, text): (usize, &String)| Artifact {
        path: FilePath::new("rules", &format!("{number:03}.rules.yaml")),
        text: text.clone(),
    };
    texts.iter().enumerate().map(file).collect()
}

/// Returns whether a file is refused: it cannot be read, or has a key that nobody knows.
fn is_refused(text: &str) -> bool {
    let is_key = |finding: &Finding| finding.code.name == "rule-key-unknown";
    RuleSet::read(&[text]).map_or(true, |set| lint(&set, &Facts::default()).iter().flatten().any(is_key))
}

#[test]
fn lint_refuses_what_prometheus_refuses_and_nothing_else() {
    let texts = texts();
    let mut differ = String::new();
    let mut refused = 0;
    for (text, verdict) in texts.iter().zip(promtool::load_rules(&files(&texts))) {
        let here = is_refused(text);
        refused += usize::from(!verdict.passed);
        if here == verdict.passed {
            let _ = writeln!(differ, "{text}here refused: {here}\n{}", verdict.output);
        }
    }
    assert_eq!(differ, "");
    // promtool has looked at each: of both kinds there are many.
    assert!((40..texts.len() - 40).contains(&refused), "{refused} of {} are refused", texts.len());
}

#[test]
fn lint_refuses_what_prometheus_loads_in_vain() {
    let texts = IN_VAIN.map(of_expression);
    for (text, verdict) in texts.iter().zip(promtool::load_rules(&files(&texts))) {
        assert!(verdict.passed && is_refused(text), "{text}{}", verdict.output);
    }
}
