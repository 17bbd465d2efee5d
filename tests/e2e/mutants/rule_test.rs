//! A generated rule test, asked about mutants: the same questions, about alerts whose names end in
//! a mark.

use std::collections::BTreeSet;

use e2e::rules::marked;
use jobwatch_catalogue::duration;
use jobwatch_observability::query::{self, Kind, MatchOperator};
use serde::{Deserialize, Serialize};
use serde_yaml::Value;

/// A file of promtool.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TestFile {
    pub(super) rule_files: Vec<String>,
    pub(super) evaluation_interval: String,
    pub(super) group_eval_order: Vec<String>,
    pub(super) tests: Vec<RuleTest>,
}

/// One of its tests.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RuleTest {
    name: String,
    interval: String,
    input_series: Vec<Input>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    promql_expr_test: Vec<Question>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    alert_rule_test: Vec<Wording>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Input {
    series: String,
    values: String,
}

/// Which alerts fire.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Question {
    expr: String,
    eval_time: String,
    #[serde(default)]
    exp_samples: Vec<Sample>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Sample {
    labels: String,
    value: f64,
}

/// What an alert says.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Wording {
    eval_time: String,
    alertname: String,
    #[serde(default)]
    exp_alerts: Vec<Value>,
}

impl RuleTest {
    /// Returns the names of its series, and of its jobs.
    pub(super) fn series_and_jobs(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let (mut names, mut jobs) = (BTreeSet::new(), BTreeSet::new());
        for input in &self.input_series {
            let node = query::parse(&input.series).unwrap();
            let Kind::Select(selector) = node.kind else { panic!("no series: {}", input.series) };
            names.extend(selector.name().map(str::to_owned));
            let of_job = selector.matchers.into_iter().find(|matcher| matcher.label == "job_name");
            jobs.extend(of_job.map(|matcher| matcher.value));
        }
        (names, jobs)
    }

    /// Returns which of these alerts it asks about.
    pub(super) fn asked<'a>(&self, alerts: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
        let questions = self.promql_expr_test.iter().map(|question| watched(&question.expr, alerts).0);
        let words = |wording: &Wording| alerts.get(wording.alertname.as_str()).copied();
        let words = self.alert_rule_test.iter().filter_map(words);
        questions.flatten().chain(words).collect()
    }

    /// Returns how long it takes, in steps.
    pub(super) fn steps(&self) -> u64 {
        let times = self.promql_expr_test.iter().map(|question| &question.eval_time);
        let times = times.chain(self.alert_rule_test.iter().map(|wording| &wording.eval_time));
        let seconds = |text: &str| duration::parse(text).unwrap().as_secs();
        times.map(|time| seconds(time)).max().unwrap_or(0) / seconds(&self.interval)
    }

    /// Returns whether it asks what an alert says.
    pub(super) fn asks_for_words(&self) -> bool {
        !self.alert_rule_test.is_empty()
    }

    /// Returns the same test without its questions.
    pub(super) fn without_questions(&self) -> Self {
        Self { promql_expr_test: Vec::new(), alert_rule_test: Vec::new(), ..self.clone() }
    }

    /// Gives copies of some rules what another catalogue has recorded by their names.
    pub(super) fn give(&mut self, copied: &BTreeSet<&str>, mark: &str) {
        let of_copy = |input: &Input| {
            let (name, labels) = input.series.split_once('{')?;
            let series = format!("{name}{mark}{{{labels}");
            copied.contains(name).then(|| Input { series, values: input.values.clone() })
        };
        let more: Vec<Input> = self.input_series.iter().filter_map(of_copy).collect();
        self.input_series.extend(more);
    }

    /// Asks what another test asks, about some alerts whose names end in a mark.
    pub(super) fn ask(&mut self, other: &Self, alerts: &BTreeSet<&str>, mark: &str) {
        for question in &other.promql_expr_test {
            let (watched, expr) = watched(&question.expr, alerts);
            if watched.is_empty() {
                continue;
            }
            let names: Vec<String> = watched.iter().map(|name| format!("{name}{mark}")).collect();
            let matcher = format!("ALERTS{{alertname=~\"{}\", ", names.join("|"));
            let is_watched =
                |sample: &&Sample| watched.iter().any(|name| sample.labels.contains(&format!("\"{name}\"")));
            let mut expected: Vec<Sample> = question.exp_samples.iter().filter(is_watched).cloned().collect();
            for sample in &mut expected {
                sample.labels = marked(&sample.labels, &watched, mark);
            }
            let expr = expr.replacen("ALERTS{", &matcher, 1);
            self.promql_expr_test.push(Question { expr, exp_samples: expected, ..question.clone() });
        }
        for wording in &other.alert_rule_test {
            if alerts.contains(wording.alertname.as_str()) {
                let alertname = format!("{}{mark}", wording.alertname);
                self.alert_rule_test.push(Wording { alertname, ..wording.clone() });
            }
        }
    }
}

/// Returns which of some alerts a question is about, and the question about all.
fn watched<'a>(question: &str, alerts: &BTreeSet<&'a str>) -> (BTreeSet<&'a str>, String) {
    let node = query::parse(question).unwrap();
    let selectors = node.all().into_iter().filter_map(|node| match &node.kind {
        Kind::Select(selector) if selector.name() == Some("ALERTS") => Some(selector),
        _ => None,
    });
    let [selector] = selectors.collect::<Vec<_>>()[..] else { panic!("several series in {question}") };
    let by_name: Vec<_> = selector.matchers.iter().filter(|matcher| matcher.label == "alertname").collect();
    match by_name[..] {
        [] => (alerts.clone(), question.to_owned()),
        [matcher] => {
            assert!(matches!(matcher.operator, MatchOperator::Equal | MatchOperator::Matches), "{question}");
            let names: BTreeSet<&str> = matcher.value.split('|').collect();
            let watched = alerts.iter().copied().filter(|name| names.contains(name)).collect();
            let rest = question[matcher.span.end..].trim_start_matches(", ");
            (watched, format!("{}{rest}", &question[..matcher.span.start]))
        }
        _ => panic!("several names in {question}"),
    }
}
