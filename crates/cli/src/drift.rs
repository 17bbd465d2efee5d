//! What has changed between a committed file and the one that would be generated: as a diff, and in
//! words.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_yaml::Value;
use similar::TextDiff;

/// After so long, the shortest diff of two files is no longer looked for, and a longer one is
/// shown.
const PATIENCE: Duration = Duration::from_millis(500);

/// A file with more bytes is not told in words.
const MOST_IN_WORDS: usize = 4_000_000;

/// Files with more lines together are not compared line by line.
const MOST_LINES: usize = 500_000;

/// Returns a unified diff, old against new; of files that are too long, a line that says so.
pub(crate) fn diff(path: &str, old: &str, new: &str) -> String {
    if old.lines().count() + new.lines().count() > MOST_LINES {
        return format!("--- a/{path}\n+++ b/{path}\n… too many lines to compare\n");
    }
    TextDiff::configure()
        .timeout(PATIENCE)
        .diff_lines(old, new)
        .unified_diff()
        .context_radius(3)
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string()
}

/// Returns one line for each change, in words. JSON is YAML, so that one reader does for rules and
/// dashboards.
pub(crate) fn in_words(old: &str, new: &str) -> Vec<String> {
    if old.len().max(new.len()) > MOST_IN_WORDS {
        return vec!["too much to tell in words: the diff shows what differs".to_owned()];
    }
    let (Ok(old), Ok(new)) = (serde_yaml::from_str::<Value>(old), serde_yaml::from_str::<Value>(new)) else {
        return vec!["the committed file cannot be read: all of it will be replaced".to_owned()];
    };
    let mut lines = compare(&rules(&old), &rules(&new));
    lines.extend(compare(&tests(&old), &tests(&new)));
    lines.extend(compare(&panels(&old), &panels(&new)));
    if lines.is_empty() {
        lines.push("only the layout, comments or settings of the whole file differ".to_owned());
    }
    lines
}

/// What can be said about one rule, test or panel: its parts by name.
type Parts = BTreeMap<String, String>;

fn compare(old: &BTreeMap<String, Parts>, new: &BTreeMap<String, Parts>) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, parts) in new {
        match old.get(name) {
            None => lines.push(format!("{name}: added")),
            Some(before) => lines.extend(changes(name, before, parts)),
        }
    }
    lines.extend(old.keys().filter(|name| !new.contains_key(*name)).map(|name| format!("{name}: removed")));
    lines
}

fn changes(name: &str, old: &Parts, new: &Parts) -> Vec<String> {
    let mut lines = Vec::new();
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for part in names {
        let (before, after) = (old.get(part), new.get(part));
        if before == after {
            continue;
        }
        let shown = |value: Option<&String>| value.cloned().unwrap_or_else(|| "none".to_owned());
        let (before, after) = (shown(before), shown(after));
        // A long text is for the diff to show, and so is an expression.
        if part == "expression"
            || before.len().max(after.len()) > 60
            || before.contains('\n')
            || after.contains('\n')
        {
            lines.push(format!("{name}: {part} changed"));
        } else {
            lines.push(format!("{name}: {part} {before} → {after}"));
        }
    }
    lines
}

/// Returns the rules of a rule file by name.
fn rules(file: &Value) -> BTreeMap<String, Parts> {
    let mut rules = BTreeMap::new();
    for group in list(file, "groups") {
        for rule in list(group, "rules") {
            let labels = rule["labels"].as_mapping().into_iter().flatten();
            let labels = labels.filter_map(|(label, value)| Some((label.as_str()?, shown(value))));
            let Some(name) = text(&rule["alert"]).or_else(|| text(&rule["record"])) else { continue };
            let mut parts = Parts::new();
            parts.insert("expression".to_owned(), shown(&rule["expr"]));
            parts.extend(text(&rule["for"]).map(|hold| ("for".to_owned(), hold)));
            for (label, value) in labels {
                let part = if label == "severity" { label.to_owned() } else { format!("label {label}") };
                parts.insert(part, value);
            }
            parts.insert("annotations".to_owned(), shown(&rule["annotations"]));
            rules.insert(name, parts);
        }
    }
    rules
}

/// Returns the tests of a file for promtool, by name.
fn tests(file: &Value) -> BTreeMap<String, Parts> {
    let mut tests = BTreeMap::new();
    for test in list(file, "tests") {
        let Some(name) = text(&test["name"]) else { continue };
        let parts = [
            ("series", "input_series"),
            ("checks", "promql_expr_test"),
            ("expected alerts", "alert_rule_test"),
        ];
        let parts = parts.into_iter().map(|(part, key)| (part.to_owned(), shown(&test[key]))).collect();
        tests.insert(format!("test \"{name}\""), parts);
    }
    tests
}

/// Returns the panels of a dashboard by title.
fn panels(file: &Value) -> BTreeMap<String, Parts> {
    let mut panels = BTreeMap::new();
    for panel in list(file, "panels") {
        let inner = list(panel, "panels");
        for panel in std::iter::once(panel).chain(inner) {
            let Some(title) = text(&panel["title"]) else { continue };
            let parts =
                ["description", "targets", "fieldConfig", "gridPos", "options", "type", "transformations"]
                    .into_iter()
                    .map(|part| (part.to_owned(), shown(&panel[part])))
                    .collect();
            panels.insert(format!("panel \"{title}\""), parts);
        }
    }
    panels
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_sequence).map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn shown(value: &Value) -> String {
    serde_yaml::to_string(value).unwrap_or_default().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    const RULES: &str = "\
groups:
  - name: jobs
    rules:
      - record: job:rate
        expr: sum(rate(a[5m]))
        labels: {window: 5m}
      - alert: Stale
        expr: job_age_seconds{job_name=\"a\"} > 7200 or job_age_seconds > 46800
        labels: {severity: warning, service: shop}
        annotations: {summary: Old}
      - alert: Long
        expr: job_queue > 100
        for: 5m
        labels: {severity: warning}
";

    fn words(old: &str, new: &str) -> String {
        in_words(RULES, &RULES.replace(old, new)).join("\n")
    }

    #[test]
    fn each_change_is_told_in_words() {
        assert_snapshot!(words("7200", "10800"), @"Stale: expression changed");
        assert_snapshot!(words("> 100", "> 500"), @"Long: expression changed");
        assert_snapshot!(words("for: 5m", "for: 10m"), @"Long: for 5m → 10m");
        assert_snapshot!(words("        for: 5m\n", ""), @"Long: for 5m → none");
        assert_snapshot!(words("severity: warning}", "severity: critical}"), @"Long: severity warning → critical");
        assert_snapshot!(words("rate(a[5m])", "rate(b[5m])"), @"job:rate: expression changed");
        assert_snapshot!(words("window: 5m", "window: 10m"), @"job:rate: label window 5m → 10m");
        assert_snapshot!(words("service: shop", "service: mall"), @"Stale: label service shop → mall");
        assert_snapshot!(words(", service: shop", ""), @"Stale: label service shop → none");
        assert_snapshot!(words("summary: Old", "summary: New"), @"Stale: annotations summary: Old → summary: New");
        assert_snapshot!(words("alert: Long", "alert: Longer"), @"
        Longer: added
        Long: removed
        ");
        assert_snapshot!(words("name: jobs", "name: tasks"), @"only the layout, comments or settings of the whole file differ");
        assert_snapshot!(words("groups:", "groups: ["), @"the committed file cannot be read: all of it will be replaced");
    }

    #[test]
    fn files_that_are_too_long_are_not_compared() {
        let long = "\n".repeat(MOST_LINES);
        assert_snapshot!(diff("a.yaml", &long, "b\n"), @"
        --- a/a.yaml
        +++ b/a.yaml
        … too many lines to compare
        ");
        assert_snapshot!(in_words(&"\n".repeat(MOST_IN_WORDS + 1), "a: 1").join("\n"), @"too much to tell in words: the diff shows what differs");
    }

    #[test]
    fn tests_are_told_by_their_names() {
        let old = "tests: [{name: a, input_series: [{values: 1}]}, {name: b}]";
        let new = "tests: [{name: a, input_series: [{values: 2}]}, {name: c}]";
        assert_snapshot!(in_words(old, new).join("\n"), @r#"
        test "a": series - values: 1 → - values: 2
        test "c": added
        test "b": removed
        "#);
    }

    #[test]
    fn panels_are_told_by_their_titles() {
        let old = r#"{"panels": [{"title": "A", "type": "stat"}, {"title": "B"}]}"#;
        let new = r#"{"panels": [{"title": "A", "type": "table"}, {"title": "C"}]}"#;
        assert_snapshot!(in_words(old, new).join("\n"), @r#"
        panel "A": type stat → table
        panel "C": added
        panel "B": removed
        "#);
    }
}
