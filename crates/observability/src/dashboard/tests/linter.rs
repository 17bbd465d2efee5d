//! The rules of grafana/dashboard-linter, and which of them the dashboard breaks on purpose.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{array, catalogues, json, panels, substituted};

/// What people are told to give the linter beside their dashboards.
const EXCLUSIONS: &str = include_str!("../../../../../dashboards/.lint");

/// The units that panels have, of those that the linter knows.
const UNITS: [&str; 5] = ["cps", "none", "percentunit", "s", "short"];

/// Returns the rules that a dashboard breaks, as the linter reads them.
fn broken(dashboard: &Value) -> BTreeSet<&'static str> {
    let mut broken = BTreeSet::new();
    let mut rule = |name: &'static str, holds: bool| {
        if !holds {
            broken.insert(name);
        }
    };
    rule("uneditable-dashboard-rule", dashboard["editable"] == false);
    let variables = array(dashboard, "/templating/list");
    let sources: Vec<&Value> = variables.iter().filter(|variable| variable["type"] == "datasource").collect();
    let is_source = |source: &&Value| {
        source["name"] == "datasource" && source["label"] == "Data source" && source["query"] == "prometheus"
    };
    rule("template-datasource-rule", sources.len() == 1 && sources.iter().all(is_source));
    for (name, of_label) in [("template-job-rule", "job"), ("template-instance-rule", "instance")] {
        rule(name, variables.iter().any(|variable| variable["name"] == of_label));
    }
    for variable in variables.iter().filter(|variable| variable["type"] == "query") {
        rule("template-on-time-change-reload-rule", variable["refresh"] == 2);
        let query = variable["query"].as_str().unwrap();
        let inner = query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')'));
        let series = inner.and_then(|inner| inner.rsplit_once(", ")).map(|(series, _)| substituted(series));
        rule(
            "template-label-promql-rule",
            series.is_some_and(|series| promql_parser::parser::parse(&series).is_ok()),
        );
    }
    for panel in panels(dashboard) {
        rule("panel-datasource-rule", panel["datasource"]["uid"] == "${datasource}");
        let is_said = |key: &str| panel[key].as_str().is_some_and(|text| !text.is_empty());
        rule("panel-title-description-rule", is_said("title") && is_said("description"));
        let unit = panel["fieldConfig"]["defaults"]["unit"].as_str();
        rule("panel-units-rule", unit.is_some_and(|unit| UNITS.contains(&unit)));
        rule("panel-no-targets-rule", !array(panel, "/targets").is_empty());
        for target in array(panel, "/targets") {
            let text = target["expr"].as_str().unwrap();
            rule("target-promql-rule", promql_parser::parser::parse(&substituted(text)).is_ok());
            let windows =
                text.split("rate(").skip(1).filter_map(|rest| rest.split_once('[')?.1.split(']').next());
            rule("target-rate-interval-rule", windows.into_iter().all(|window| window == "$__rate_interval"));
            rule("target-job-rule", text.contains(r#"job=~"$job""#));
            rule("target-instance-rule", text.contains(r#"instance=~"$instance""#));
            rule("target-counter-agg-rule", !text.lines().any(|line| line.trim().ends_with("_total")));
        }
    }
    broken
}

#[test]
fn no_rule_of_the_linter_is_broken_but_those_that_are_excluded_with_a_reason() {
    let exclusions: Value = serde_yaml::from_str(EXCLUSIONS).unwrap();
    let exclusions = exclusions["exclusions"].as_object().unwrap();
    assert!(exclusions.values().all(|of| of["reason"].as_str().is_some_and(|reason| reason.len() > 20)));
    let excluded: BTreeSet<&str> = exclusions.keys().map(String::as_str).collect();
    for catalogue in catalogues().iter().filter(|catalogue| catalogue.jobs().iter().any(|job| job.enabled()))
    {
        assert_eq!(broken(&json(catalogue)), excluded, "{}", catalogue.name());
    }
}
