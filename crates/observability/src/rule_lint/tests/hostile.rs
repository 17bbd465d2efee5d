//! Files that are made to hurt.

use std::time::Instant;

use super::{Facts, RuleSet, lint};

/// Returns what is said about a file that is no good.
fn refused(text: &str) -> String {
    let unreadable = RuleSet::read(&[text]).unwrap_err().remove(0);
    unreadable.error.message
}

#[test]
fn what_prometheus_would_refuse_is_told_with_its_place() {
    let text = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: |\n      a >\n        > 5\n    for: 5 minutes\n";
    let unreadable = RuleSet::read(&[text]).unwrap_err();
    let shown: Vec<String> = unreadable
        .iter()
        .map(|unreadable| {
            let position = &unreadable.error.position;
            format!("{}:{} {}", position.line, position.column, unreadable.error.message)
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    8:10 `5 minutes` is no duration
    7:9 Prometheus does not read this expression: expected an expression, and here is `>`
    ");
    assert!(!refused("").is_empty());
    assert!(!refused("\0").is_empty());
    assert!(!refused("groups: 5").is_empty());
    assert!(!refused(&format!("groups: {}", "[".repeat(100_000))).is_empty());
    assert!(!refused(&super::alert(&"(".repeat(100_000))).is_empty());
}

#[test]
fn rules_that_read_each_other_end() {
    let text = "groups: [{name: g, rules: [{record: a, expr: b > 5}, {record: b, expr: a > 5}, {record: c, expr: c or a}]}]";
    let findings = lint(&RuleSet::read(&[text]).unwrap(), &Facts::default());
    assert_eq!(
        findings[0].iter().map(|finding| finding.code.name).collect::<Vec<_>>(),
        ["rule-recorded-later"]
    );
}

#[test]
fn recordings_are_looked_into_only_so_deep() {
    let ratio = "{alert: A, expr: x / y > 1, annotations: {runbook: r}}";
    let themselves = "{record: x, expr: count(x)}, {record: y, expr: count(y)}".to_owned();
    let chain = |name: &str| -> String {
        let rule = |number: usize| match number {
            0 => format!("{{record: {name}, expr: count({name}1)}}"),
            _ => format!("{{record: {name}{number}, expr: count({name}{})}}", number + 1),
        };
        (0..10_000).rev().map(rule).collect::<Vec<_>>().join(", ")
    };
    for recordings in [themselves, [chain("x"), chain("y")].join(", ")] {
        let text = format!("groups: [{{name: g, rules: [{recordings}, {ratio}]}}]");
        let findings = lint(&RuleSet::read(&[&text]).unwrap(), &Facts::default());
        assert!(findings[0].iter().all(|finding| finding.code.name != "rule-comparison-never-holds"));
    }
}

#[test]
fn much_of_one_thing_takes_no_longer_than_a_moment() {
    let started = Instant::now();
    let many = 2_000;
    let chain: Vec<String> =
        (0..many).map(|number| format!("{{record: 'r{}', expr: 'r{number} > 5'}}", number + 1)).collect();
    let same: Vec<String> = (0..many).map(|_| "{record: s, expr: s > 5}".to_owned()).collect();
    let comments = "# jobwatch: ignore rule-duplicate Because.\n".repeat(many);
    for text in [
        format!("groups: [{{name: g, rules: [{}]}}]", chain.join(", ")),
        format!("groups: [{{name: g, rules: [{}]}}]", same.join(", ")),
        format!("{comments}groups:\n- name: g\n  rules:\n{}", "  - {record: a, expr: sum(b)}\n".repeat(many)),
        super::alert(&format!("a{}", " + a".repeat(990))),
        super::alert(&format!("a{{b=~\"{}\"}} > 5", "x|".repeat(50_000))),
    ] {
        drop(lint(&RuleSet::read(&[&text]).unwrap(), &Facts::default()));
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
