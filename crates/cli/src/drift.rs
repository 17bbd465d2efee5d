//! What has changed between a committed file and the one that would be generated: as a diff, and in words.

use std::collections::BTreeMap;

use serde_yaml::Value;
use similar::TextDiff;

/// A unified diff, old against new.
pub(crate) fn diff(path: &str, old: &str, new: &str) -> String {
    TextDiff::from_lines(old, new)
        .unified_diff()
        .context_radius(3)
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string()
}

/// One line for each change, in words. JSON is YAML, so that one reader does for rules and dashboards.
pub(crate) fn in_words(old: &str, new: &str) -> Vec<String> {
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
        // A long text is for the diff to show.
        if before.len().max(after.len()) > 60 || before.contains('\n') || after.contains('\n') {
            lines.push(format!("{name}: {part} changed"));
        } else {
            lines.push(format!("{name}: {part} {before} → {after}"));
        }
    }
    lines
}

/// The rules of a rule file by name; of recorded series with one name, by their labels too.
fn rules(file: &Value) -> BTreeMap<String, Parts> {
    let mut rules = BTreeMap::new();
    for group in list(file, "groups") {
        for rule in list(group, "rules") {
            let labels = &rule["labels"];
            let (name, mut parts) = match (text(&rule["alert"]), text(&rule["record"])) {
                (Some(alert), _) => (alert, Parts::new()),
                (None, Some(record)) => {
                    let distinct: Vec<String> = ["job_name", "span", "window"]
                        .into_iter()
                        .filter_map(|label| text(&labels[label]))
                        .collect();
                    (format!("{record} {}", distinct.join(" ")).trim_end().to_owned(), Parts::new())
                }
                _ => continue,
            };
            expression_parts(&text(&rule["expr"]).unwrap_or_default(), &mut parts);
            parts.extend(text(&rule["for"]).map(|hold| ("for".to_owned(), hold)));
            for (label, value) in labels.as_mapping().into_iter().flatten() {
                let Some(label) = label.as_str() else { continue };
                let part = if label == "severity" { label.to_owned() } else { format!("label {label}") };
                parts.insert(part, shown(value));
            }
            parts.insert("annotations".to_owned(), shown(&rule["annotations"]));
            rules.insert(name, parts);
        }
    }
    rules
}

/// Takes the thresholds out of an expression, so that a change of a figure is told as one.
fn expression_parts(expression: &str, parts: &mut Parts) {
    let mut thresholds = Vec::new();
    let mut rest = String::new();
    let mut words = expression.split_whitespace().peekable();
    while let Some(word) = words.next() {
        rest.push_str(word);
        rest.push(' ');
        let number = words.peek().map(|next| next.trim_end_matches(')'));
        if matches!(word, ">" | ">=") && number.is_some_and(|number| number.parse::<f64>().is_ok()) {
            let seconds = rest.contains("_seconds");
            thresholds
                .extend(number.map(|number| if seconds { duration(number) } else { number.to_owned() }));
            words.next();
        }
    }
    if !thresholds.is_empty() {
        parts.insert("threshold".to_owned(), thresholds.join(", "));
    }
    parts.insert("expression".to_owned(), rest.trim_end().to_owned());
}

fn duration(seconds: &str) -> String {
    match seconds.parse() {
        Ok(seconds) => jobwatch_catalogue::Quantity::Duration(seconds).to_string(),
        Err(_) => seconds.to_owned(),
    }
}

/// The tests of a file for promtool, by name.
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

/// The panels of a dashboard by title.
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
        assert_snapshot!(words("7200", "10800"), @"Stale: threshold 2h, 13h → 3h, 13h");
        assert_snapshot!(words("> 100", "> 500"), @"Long: threshold 100 → 500");
        assert_snapshot!(words("for: 5m", "for: 10m"), @"Long: for 5m → 10m");
        assert_snapshot!(words("        for: 5m\n", ""), @"Long: for 5m → none");
        assert_snapshot!(words("severity: warning}", "severity: critical}"), @"Long: severity warning → critical");
        assert_snapshot!(words("rate(a[5m])", "rate(b[5m])"), @"job:rate 5m: expression sum(rate(a[5m])) → sum(rate(b[5m]))");
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
