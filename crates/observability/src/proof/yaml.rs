//! Writes simulations as promtool reads them.

use std::collections::BTreeMap;
use std::time::Duration;

use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE};
use jobwatch_catalogue::{AlertName, duration};
use serde::Serialize;

use super::profile::Profile;
use super::series::Series;
use super::simulation::{Said, Simulation};
use super::situation::{Check, Situation, Stage};
use crate::artifact::MARK;
use crate::condition::Condition;
use crate::rules::yaml::{comment, indented, sequence_item};
use crate::rules::{self, Rule, RuleGroup, annotations};
use crate::signals::{CATALOGUE, Span, WINDOW, window_of};

#[derive(Serialize)]
struct Head {
    rule_files: Vec<String>,
    evaluation_interval: String,
    group_eval_order: Vec<String>,
}

#[derive(Serialize)]
struct TestHead<'a> {
    name: &'a str,
    interval: String,
}

#[derive(Serialize)]
struct AlertTest<'a> {
    eval_time: String,
    alertname: &'a str,
    exp_alerts: Vec<ExpectedAlert>,
}

#[derive(Serialize)]
struct ExpectedAlert {
    exp_labels: BTreeMap<String, String>,
    exp_annotations: BTreeMap<&'static str, String>,
}

/// The text of a test file. Comments stand above situations, so series and checks are written one by one.
pub(super) fn render(
    stage: &Stage<'_>,
    profile: &Profile<'_>,
    groups: &[RuleGroup],
    simulations: &[Simulation],
    left_out: usize,
) -> Result<String, serde_yaml::Error> {
    let catalogue = stage.catalogue;
    let mut text = format!(
        "# {MARK} from the catalogue `{}` of {}: edit that, not this.\n",
        catalogue.name(),
        catalogue.service()
    );
    comment(&mut text, "", &about(stage, profile, left_out));
    let rule_file = rules::path(catalogue);
    let rule_file = rule_file.rsplit('/').next().unwrap_or(&rule_file);
    text.push_str(&serde_yaml::to_string(&Head {
        rule_files: vec![format!("../{rule_file}")],
        evaluation_interval: time(stage.step),
        group_eval_order: groups.iter().map(|group| group.name.clone()).collect(),
    })?);
    text.push_str("tests:\n");
    for simulation in simulations {
        text.push('\n');
        test(&mut text, stage, simulation, groups)?;
    }
    Ok(text)
}

fn about(stage: &Stage<'_>, profile: &Profile<'_>, left_out: usize) -> String {
    let job = stage.job;
    let mut text = format!(
        "How the alerts judge {}, which runs {} and may take {}",
        job.name(),
        job.schedule(),
        duration::format(job.timeout())
    );
    match profile.others {
        0 => {}
        1 => text.push_str(", and the one other job that is like it"),
        others => text.push_str(&format!(", and the {others} other jobs that are like it")),
    }
    text.push_str(". Each situation has a namespace of its own, so that one simulation shows several.");
    if left_out > 0 {
        text.push_str(&format!(" Left out because they would take too long: {left_out} situations."));
    }
    text
}

fn test(
    text: &mut String,
    stage: &Stage<'_>,
    simulation: &Simulation,
    groups: &[RuleGroup],
) -> Result<(), serde_yaml::Error> {
    let head = TestHead { name: &simulation.name, interval: time(stage.step) };
    text.push_str(&indented("  ", &sequence_item(&head)?));
    text.push_str("    input_series:\n");
    for situation in &simulation.situations {
        comment(text, "      ", &situation.says);
        for (process, series) in situation.processes.iter().enumerate() {
            let labels = stage.labels(situation.namespace, process);
            for series in series {
                input_series(text, series, &labels)?;
            }
        }
    }
    for series in &simulation.beside {
        input_series(text, series, &[])?;
    }
    if simulation.situations.iter().any(|situation| !situation.checks.is_empty()) {
        text.push_str("    promql_expr_test:\n");
        for situation in &simulation.situations {
            if !situation.checks.is_empty() {
                comment(text, "      ", &situation.says);
            }
            for check in &situation.checks {
                expression_test(text, stage, simulation, situation, check)?;
            }
        }
    }
    if !simulation.said.is_empty() {
        text.push_str("    alert_rule_test:\n");
        for said in &simulation.said {
            if let Some(test) = alert_test(stage, said, groups) {
                text.push_str(&indented("      ", &sequence_item(&test)?));
            }
        }
    }
    Ok(())
}

fn input_series(
    text: &mut String,
    series: &Series,
    outer: &[(String, String)],
) -> Result<(), serde_yaml::Error> {
    let selector = quoted(&series.selector(outer))?;
    text.push_str(&format!("      - series: {selector}\n        values: '{}'\n", series.values()));
    Ok(())
}

fn expression_test(
    text: &mut String,
    stage: &Stage<'_>,
    simulation: &Simulation,
    situation: &Situation,
    check: &Check,
) -> Result<(), serde_yaml::Error> {
    let mut matchers = vec!["alertstate=\"firing\"".to_owned()];
    if check.watched.len() < AlertName::ALL.len() {
        let names: Vec<&str> = check.watched.iter().map(|name| name.as_str()).collect();
        let operator = if names.len() == 1 { "=" } else { "=~" };
        matchers.insert(0, format!("alertname{operator}\"{}\"", names.join("|")));
    }
    for (label, value) in stage.labels(situation.namespace, 0) {
        if label == JOB_NAME || label == NAMESPACE && !simulation.everywhere {
            matchers.push(format!("{label}=\"{value}\""));
        }
    }
    let expression = quoted(&format!("count by (alertname) (ALERTS{{{}}})", matchers.join(", ")))?;
    text.push_str(&format!("      - expr: {expression}\n        eval_time: {}\n", time(check.at)));
    text.push_str(if check.firing.is_empty() {
        "        exp_samples: []\n"
    } else {
        "        exp_samples:\n"
    });
    for name in &check.firing {
        text.push_str(&format!("          - labels: '{{alertname=\"{name}\"}}'\n            value: 1\n"));
    }
    Ok(())
}

/// A text in quotes. Written here for the many plain ones, because that takes a tenth of the time.
fn quoted(text: &str) -> Result<String, serde_yaml::Error> {
    if text.chars().all(|c| matches!(c, ' '..='~')) {
        return Ok(format!("'{}'", text.replace('\'', "''")));
    }
    serde_yaml::to_string(text).map(|text| text.trim_end().to_owned())
}

fn alert_test(stage: &Stage<'_>, said: &Said, groups: &[RuleGroup]) -> Option<AlertTest<'static>> {
    let rule = groups.iter().flat_map(|group| &group.rules).find_map(|rule| match rule {
        Rule::Alerting(rule) if rule.alert.name == said.alert => Some(rule),
        _ => None,
    })?;
    let job = stage.job.name();
    let condition = rule.alert.condition_for(job)?;
    let window = match condition {
        Condition::FailureRate { .. } => Some(window_of(stage.job, Span::Short)),
        Condition::DurationP95 { .. } | Condition::ItemFailureRatio { .. } => {
            Some(window_of(stage.job, Span::Long))
        }
        _ => None,
    };
    let mut labels = BTreeMap::from([
        (CATALOGUE.to_owned(), stage.catalogue.name().to_owned()),
        (JOB_NAME.to_owned(), job.to_string()),
    ]);
    labels.extend(window.map(|window| (WINDOW.to_owned(), time(window))));
    if let Some(namespace) = said.namespace {
        let namespace = stage.labels(namespace, 0).into_iter().find(|(label, _)| label == NAMESPACE);
        labels.extend(namespace);
    }
    labels.extend(rule.labels.clone());
    let window = window.map(time).unwrap_or_default();
    let annotations = annotations::said(&rule.alert, stage.catalogue, job, said.value, &window);
    Some(AlertTest {
        eval_time: time(said.at),
        alertname: said.alert.as_str(),
        exp_alerts: vec![ExpectedAlert {
            exp_labels: labels,
            exp_annotations: annotations.into_iter().collect(),
        }],
    })
}

fn time(seconds: u64) -> String {
    duration::format(Duration::from_secs(seconds))
}
