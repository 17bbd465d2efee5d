//! Files that Prometheus loads none of: `promtool check rules` refuses each that stands here, and
//! takes each of the others.

use insta::assert_snapshot;

use super::RuleSet;

/// Returns what is said about a file with one rule, each with its line and column.
fn said(text: &str) -> String {
    let unreadable = RuleSet::read(&[text]).err().unwrap_or_default();
    let shown =
        |position: &jobwatch_catalogue::yaml::Position| format!("{}:{}", position.line, position.column);
    let all = unreadable
        .iter()
        .map(|unreadable| format!("{} {}", shown(&unreadable.error.position), unreadable.error.message));
    all.collect::<Vec<_>>().join("\n")
}

fn with(rule: &str) -> String {
    format!("groups:\n- name: g\n  rules:\n  - {{{rule}}}\n")
}

#[test]
fn what_prometheus_does_not_load_is_told() {
    let rules = [
        r#"record: a, expr: 'up{a=~"("}'"#,
        "record: a, expr: 'rate(a[5m1h])'",
        "record: a, expr: 'rate(a[0s])'",
        "record: a, expr: b, for: 5m",
        "record: a, expr: b, annotations: {c: d}",
        "record: a-b, expr: b",
        "record: a, expr: b, labels: {a-b: c}",
        "record: a, expr: b, labels: {__name__: c}",
        "alert: a, expr: b > 1, for: 5m1h",
        "alert: a, expr: b > 1, keep_firing_for: 5",
        "alert: '', expr: b > 1",
        "alert: a, expr: b > 1, annotations: {a-b: c}",
        "alert: a, expr: b > 1, annotations: {c: '{{ $labls.x }}'}",
        "alert: a, expr: b > 1, annotations: {c: '{{ $labels.x'}",
        "alert: a, expr: b > 1, annotations: {c: '{{ humanise $value }}'}",
        "alert: a, expr: b > 1, labels: {c: '{{ if $value }}'}",
    ];
    let files = [
        "groups:\n- name: g\n  rules: []\n- name: g\n  rules: []\n",
        "groups:\n- name: ''\n  rules: []\n",
        "groups: []\nrules: []\n",
        "groups:\n- name: g\n  rule:\n  - alert: a\n    expr: up == 0\n",
        "groups:\n- name: g\n  every: 1m\n",
    ];
    let rules = rules.map(|rule| format!("{rule}\n  {}\n", said(&with(rule))));
    let files = files.map(|file| format!("{file}  {}\n", said(file)));
    assert_snapshot!(rules.concat() + &files.concat(), @r#"
    record: a, expr: 'up{a=~"("}'
      4:27 Prometheus does not read this expression: `(` is no regular expression: a `)` is missing
    record: a, expr: 'rate(a[5m1h])'
      4:31 Prometheus does not read this expression: `5m1h`: the units have to descend, each at most once, as in `1h30m`
    record: a, expr: 'rate(a[0s])'
      4:31 Prometheus does not read this expression: this has to be longer than nothing
    record: a, expr: b, for: 5m
      4:31 a rule that records has no `for`
    record: a, expr: b, annotations: {c: d}
      4:40 a rule that records has no `annotations`
    record: a-b, expr: b
      4:14 `a-b` is no name of a series
    record: a, expr: b, labels: {a-b: c}
      4:35 `a-b` is no name of a label
    record: a, expr: b, labels: {__name__: c}
      4:35 `__name__` is no name of a label
    alert: a, expr: b > 1, for: 5m1h
      4:34 `5m1h` is no duration
    alert: a, expr: b > 1, keep_firing_for: 5
      4:46 `5` is no duration
    alert: '', expr: b > 1
      4:13 the name of this alert is empty
    alert: a, expr: b > 1, annotations: {a-b: c}
      4:43 `a-b` is no name of a label
    alert: a, expr: b > 1, annotations: {c: '{{ $labls.x }}'}
      4:50 Prometheus does not read this template: there is no variable `$labls`: did you mean `$labels`?
    alert: a, expr: b > 1, annotations: {c: '{{ $labels.x'}
      4:47 Prometheus does not read this template: this action does not end: there is no `}}`
    alert: a, expr: b > 1, annotations: {c: '{{ humanise $value }}'}
      4:50 Prometheus does not read this template: there is no function `humanise`: did you mean `humanize`?
    alert: a, expr: b > 1, labels: {c: '{{ if $value }}'}
      4:45 Prometheus does not read this template: this `if` has no `{{ end }}`
    groups:
    - name: g
      rules: []
    - name: g
      rules: []
      4:9 there is a group `g` in this file already
    groups:
    - name: ''
      rules: []
      2:9 the name of this group is empty
    groups: []
    rules: []
      2:1 a rule file has no key `rules`: Prometheus refuses the file
    groups:
    - name: g
      rule:
      - alert: a
        expr: up == 0
      3:3 a group has no key `rule`: Prometheus refuses the file
    groups:
    - name: g
      every: 1m
      3:3 a group has no key `every`: Prometheus refuses the file
    "#);
}

#[test]
fn what_prometheus_loads_is_read() {
    for regex in [
        r"x{,5}",
        r"x{",
        r"{x}",
        r"[[a]",
        r"(?P<n>a)",
        r"[a&&b]",
        r"[a~~b]",
        r"[a||b]",
        r"a+?",
        r"\<a",
        r"\-a",
        r"\_a",
        r"\Qa.b\E",
        r"\pL",
        r"\p{Greek}",
        r"\p{^Greek}\PN",
        r"\07",
        r"\12",
        r"(?i:a)",
        r"(?i-s:a)",
        r"[]a]",
        r"[^]a]",
        r"[a-]",
        r"[-a]",
        r"[[:alpha:]]",
        r"[a[:digit:]]",
        r"[a-c-e]",
        r"[\w-a]",
        r"[+--]",
        r"[[=a=]]",
        r"()",
        r"(|a)*",
        r"^*",
        r"\x{41}",
        r"\a\f\v\z\A",
        r"(?U)a",
        r"(?)a",
        r"a #x",
        r"x}",
        r"(?s).*",
        r"\d{5}",
    ] {
        let rule = format!("record: a, expr: 'up{{a=~`{regex}`, b=\"c\"}}'");
        assert_eq!(said(&with(&rule)), "", "{regex}");
    }
    for rule in [
        "record: 'a:b', expr: 'rate(a[1h30m500ms])'",
        "alert: a, expr: b > 1, for: 0, annotations: {c: '{{/* $labls.x */}}{{ \"{{ x\" }}'}",
        "alert: a, expr: b > 1, annotations: {c: '{{ range query \"up\" }}{{ .Labels.job | toUpper }}{{ end }}'}",
        "alert: a, expr: b > 1, annotations: {c: '{{ with $x := $value }}{{ printf \"%.2f\" $x }}{{ else }}-{{ end }}'}",
    ] {
        assert_eq!(said(&with(rule)), "", "{rule}");
    }
    // Each manifest becomes a file of its own.
    let manifest = "kind: PrometheusRule\nspec: {groups: [{name: g, rules: []}]}\n";
    assert_eq!(said(&format!("{manifest}---\n{manifest}")), "");
}

#[test]
fn regular_expressions_that_go_refuses_are_refused() {
    for regex in [
        r"(",
        r"a)",
        r"a**",
        r"a++",
        r"a+??",
        r"a{2}{3}",
        r"a{1001}",
        r"(a{1000}){2}",
        r"a{2,1}",
        r"(?x)a",
        r"[a--b]",
        r"\p{Foo}",
        r"\p{Letter}",
        r"\1",
        r"\C",
        r"\Z",
        r"\E",
        r"(?=a)",
        r"[a-\d]",
        r"[[:foo:]]",
        r"[z-a]",
        r"*",
        r"a|*",
        r"(?i)*",
        r"\u0041",
        r"\é",
        r"[\b]",
        r"[a",
        r"(?-)a",
        r"{2}",
        r"\",
    ] {
        let rule = format!("record: a, expr: 'up{{a=~`{regex}`, b=\"c\"}}'");
        assert!(said(&with(&rule)).contains("is no regular expression"), "{regex}");
    }
}
