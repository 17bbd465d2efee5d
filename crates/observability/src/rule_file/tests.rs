//! What is read out of which text.

use insta::assert_snapshot;

use super::{Located, MAX_BYTES, RuleGroup, RuleKind, read};

/// Each field with its line, its column and what stands there in the text.
fn shown(text: &str) -> String {
    let groups = match read(text) {
        Ok(groups) => groups,
        Err(error) => return format!("{error}; {}\n", error.hint),
    };
    let mut lines = String::new();
    let mut line = |what: &str, field: &Located<String>| {
        let position = &field.position;
        let written = &text[position.span.clone()];
        let place = format!("{}:{}", position.line, position.column);
        lines.push_str(&format!("{place} {what} {:?} as {written:?}\n", field.value));
    };
    for RuleGroup { name, interval, limit, rules, other_keys, .. } in &groups {
        line("group", name);
        interval.iter().for_each(|interval| line("  every", interval));
        limit.iter().for_each(|limit| line("  at most", limit));
        other_keys.iter().for_each(|key| line("  key", key));
        for rule in rules {
            line(if rule.kind == RuleKind::Alert { "  alert" } else { "  record" }, &rule.name);
            line("    expr", &rule.expression);
            rule.hold.iter().for_each(|hold| line("    for", hold));
            rule.keep_firing_for.iter().for_each(|hold| line("    keep", hold));
            for named in rule.labels.iter().chain(&rule.annotations) {
                line("    name", &named.name);
                line("    text", &named.text);
            }
            rule.other_keys.iter().for_each(|key| line("    key", key));
        }
    }
    lines
}

#[test]
fn each_field_knows_its_place() {
    let text = r#"
groups:
  - name: "jobs"
    interval: 30s
    limit: 10
    rules:
      - alert: Failing
        expr: |
          rate(a[5m])
            > 0.1
        for: 5m
        keep_firing_for: 1h
        labels: {severity: warning, tier: 1}
        annotations:
          summary: 'It is {{ $value }}'
        exprr: up
      - record: b
        expr: sum(a)
"#;
    assert_snapshot!(shown(text));
}

#[test]
fn manifests_and_several_documents_are_read() {
    let text = "\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: a}
spec:
  groups:
    - name: first
      rules: [{alert: A, expr: up == 0}]
---
# Nothing but a comment.
---
kind: ConfigMap
data: {}
---
kind: List
items:
  - kind: PrometheusRule
    spec: {groups: [{name: second}]}
";
    assert_snapshot!(shown(text));
}

#[test]
fn rule_files_in_a_config_map_know_their_places_in_it() {
    let text = "\
kind: ConfigMap
metadata: {name: rules}
data:
  README.md: 'groups: none'
  prometheus.yml: |
    global: {}
  jobs.rules.yaml: |-
    # Ours.

    groups:
      - name: g
        rules:
          - alert: A
            expr: |
              rate(a[5m])
                > 0.1
            labels: {severity: 'wärning'}
  quoted.yaml: \"groups: [{name: q, rules: [{record: b, expr: c}]}]\"
---
kind: List
items:
  - kind: ConfigMap
    data:
      other.rules: |
        groups: [{name: o}]
";
    assert_snapshot!(shown(text), @r#"
    11:15 group "g" as "g"
    13:20   alert "A" as "A"
    15:15     expr "rate(a[5m])\n  > 0.1\n" as "rate(a[5m])\n                > 0.1\n            "
    17:22     name "severity" as "severity"
    17:32     text "wärning" as "'wärning'"
    18:16 group "q" as "\"groups: [{name: q, rules: [{record: b, expr: c}]}]\""
    18:16   record "b" as "\"groups: [{name: q, rules: [{record: b, expr: c}]}]\""
    18:16     expr "c" as "\"groups: [{name: q, rules: [{record: b, expr: c}]}]\""
    25:25 group "o" as "o"
    "#);
    let within = |file: &str| shown(&format!("kind: ConfigMap\ndata:\n  a.yaml: |\n{file}"));
    assert_snapshot!(within("    groups:\n      - rules: []\n"), @"a group without `name` at line 5, column 9; add `name`");
    assert_snapshot!(within("    groups: [\n"), @"this is no YAML: unclosed bracket '[' at line 4, column 13; look at this line and the one before: indentation with spaces, quotes and brackets that end, texts with `: ` in quotes");
    assert_snapshot!(within("    scrape_configs: []\n"), @"there are no groups of rules in this file at line 1, column 1; a rule file has `groups`, a manifest has them in `spec`, and a ConfigMap has such files as its `data`");
}

#[test]
fn what_is_no_rule_file_is_refused_with_the_place_and_the_next_step() {
    let texts = [
        "",
        "a: [",
        "\0",
        "jobs: []",
        "kind: ConfigMap",
        "groups: 5",
        "groups: [a]",
        "groups: [{rules: []}]",
        "groups: [{name: a, rules: {}}]",
        "groups: [{name: a, rules: [{alert: A}]}]",
        "groups: [{name: a, rules: [{expr: up}]}]",
        "groups: [{name: a, rules: [{alert: A, record: b, expr: up}]}]",
        "groups: [{name: a, rules: [{alert: A, expr: [up]}]}]",
        "groups: [{name: a, rules: [{alert: A, expr: up, labels: [b]}]}]",
        "groups: [{name: a, name: b}]",
    ];
    assert_snapshot!(texts.map(shown).concat());
    let long = read(&" ".repeat(MAX_BYTES + 1)).unwrap_err();
    assert_eq!(long.message, "the file has 16777217 bytes: at most 16777216 are read");
}

#[test]
fn manifests_within_manifests_end_somewhere() {
    let nested = format!("{}{}", "{items: [".repeat(10), "]}".repeat(10));
    assert_eq!(read(&nested).unwrap_err().message, "there are no groups of rules in this file");
}
