//! `BackgroundJobMetricsAbsent`: a job of the catalogue exposes no metrics.

use jobwatch_catalogue::Catalogue;
use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE, RunStatus, STATUS};
use jobwatch_catalogue::metric::JOB_EXECUTION_TOTAL;

use super::critically_stale::CRITICALLY_STALE;
use super::groups::RUNTIME;
use super::not_running::NOT_RUNNING;
use super::overdue::OVERDUE;
use super::stuck::STUCK;
use crate::definition::{AlertDefinition, AlertName, Comparison, Condition, Texts};
use crate::promql::{Aggregation, Expr, Matching, Operator};
use crate::scenario::{
    Check, Firing, NAMESPACE as OF_SCENARIOS, Sample, Scenario, Series, Stage, of_another_catalogue,
};
use crate::scope::{CATALOGUE, Scope};
use crate::sentence::Form;
use crate::sentence::words::{METRICS, NEGATIONS};
use crate::series::{CATALOGUED, LAST_SEEN};
use crate::severity::Severity;

const NAME: AlertName = AlertName::new("BackgroundJobMetricsAbsent");

/// A job of the catalogue exposes no metrics.
pub const METRICS_ABSENT: AlertDefinition = AlertDefinition {
    name: NAME,
    severity: Severity::Critical,
    heading: "Metrics Absent",
    group: RUNTIME,
    hold: 10 * 60,
    watches: AlertDefinition::every_job,
    value: CATALOGUED,
    comparison: Comparison::Above,
    parameters: &[],
    earlier: None,
    inhibits: &[NOT_RUNNING.name, CRITICALLY_STALE.name, OVERDUE.name, STUCK.name],
    condition: absent,
    labels: namespace,
    out_of_reach: AlertDefinition::within_reach,
    takes: "what no job does",
    exceeded_when_healthy: AlertDefinition::silent_when_healthy,
    texts: Texts {
        summary: "{job} exposes no metrics",
        description: "Prometheus has no series of {job}: its process is gone or is not scraped, or the job \
                      is not registered.",
        fires: "while a job exposes no metrics",
    },
    panels: &["Jobs Without Metrics"],
    form: Form {
        template: "No metrics of the job",
        needs: &[METRICS, NEGATIONS],
        once: &[NEGATIONS],
        ..Form::STATE
    },
    scenarios,
    firing,
};

/// Series that are not there have no labels, so a witness that is always there stands in for them.
fn absent(condition: &Condition<'_>) -> Expr {
    let scope = condition.scope;
    let by_name = || Matching::on(&[JOB_NAME]);
    let exposed = scope.metric(JOB_EXECUTION_TOTAL.name, condition.jobs);
    let nowhere = Expr::from(condition.value()).matched(Operator::Unless, by_name(), exposed);
    let parts = scope.parts();
    let parts: Vec<&Scope<'_>> = parts.iter().filter(|part| !part.grouping_labels().is_empty()).collect();
    let labels = labels_of_copies(scope);
    let by_copy = Matching::on(&labels);
    let seen = Expr::any_on(&by_copy, parts.iter().map(|part| seen(condition, part)));
    let gone = Expr::any_on(&by_copy, parts.iter().map(|part| gone(condition, part)));
    let (Some(seen), Some(gone)) = (seen, gone) else { return nowhere };
    let gone = gone.aggregate(Aggregation::Group, &[&labels[..], &[CATALOGUE]].concat());
    nowhere.matched(Operator::Unless, by_name(), seen).or_on(by_copy, gone)
}

/// The copies of jobs that have been seen. One without a label that tells copies apart is none: a
/// label is added while the process runs.
fn seen(condition: &Condition<'_>, part: &Scope<'_>) -> Expr {
    let seen = part.recorded(LAST_SEEN.name).none_of(JOB_NAME, condition.off);
    part.grouping_labels().iter().fold(seen, |seen, label| seen.none_of(label, &[""])).into()
}

/// The copies that were there and are not, whatever others there are.
fn gone(condition: &Condition<'_>, part: &Scope<'_>) -> Expr {
    let exposed = part.metric_of_all(&JOB_EXECUTION_TOTAL);
    seen(condition, part).matched(Operator::Unless, Matching::on(&labels_of_copies(part)), exposed)
}

/// Returns the labels by which copies are told apart. Not the namespace where the catalogue has
/// one: its processes may have that label or not.
fn labels_of_copies<'c>(scope: &Scope<'c>) -> Vec<&'c str> {
    let is_fixed = scope.catalogue().namespace().is_some();
    let labels = scope.group_by().iter().copied();
    labels.filter(|label| !(is_fixed && *label == NAMESPACE)).collect()
}

/// Series that are not there have no namespace to take over.
fn namespace(catalogue: &Catalogue) -> Vec<(&'static str, String)> {
    catalogue.namespace().map(|namespace| (NAMESPACE, namespace.to_owned())).into_iter().collect()
}

/// Each of them on its own: alerts are looked for in all namespaces.
fn scenarios(stage: &Stage<'_>) -> Vec<Scenario> {
    if !stage.watches(NAME) {
        return Vec::new();
    }
    let mut all = vec![process_gone(stage), not_scraped_yet(stage), one_of_several(stage)];
    all.extend(stage.labels_elsewhere().map(|labels| only_elsewhere(stage, labels)));
    all.extend(only_another_copy(stage));
    all.into_iter().map(|scenario| scenario.at_once().alone()).collect()
}

/// The other jobs of the process are there, and no further job is missing.
fn firing(stage: &Stage<'_>) -> Option<Firing> {
    if !stage.watches(NAME) || !stage.has_all_others() {
        return None;
    }
    let firing = Firing::new(NAME, stage.fires_at(NAME, 0), 1.0, []);
    let of_another = of_another_catalogue(stage, OF_SCENARIOS, CATALOGUED.name, &[], 1);
    Some(firing.of_absent_series(others(stage).chain([of_another])).at_once())
}

fn process_gone(stage: &Stage<'_>) -> Scenario {
    let goes = 5 * stage.step();
    let returns = stage.fires_at(NAME, goes) + 2 * stage.step();
    let there = Sample::Value(1);
    Scenario::new("metrics absent: gone", "The process is gone, and comes back later.")
        .series([executions([(0, there), (goes, Sample::Nothing), (returns, there)])])
        .check(Check::onset(stage, NAME, goes))
        .check([Check::silent(returns, NAME)])
}

fn not_scraped_yet(stage: &Stage<'_>) -> Scenario {
    let late = stage.fires_at(NAME, 0).saturating_sub(stage.step());
    let says = "Prometheus has just started, and scrapes the process a little later.";
    Scenario::new("metrics absent: not scraped yet", says)
        .series([executions([(late, Sample::Value(1))])])
        .check([late, late + 3 * stage.step()].map(|at| Check::silent(at, NAME)))
}

fn one_of_several(stage: &Stage<'_>) -> Scenario {
    Scenario::new(
        "metrics absent: one job of several",
        "The job is missing in a process that exposes its other jobs.",
    )
    .beside(others(stage))
    .check(Check::onset(stage, NAME, 0))
}

fn only_elsewhere(stage: &Stage<'_>, labels: Vec<(String, String)>) -> Scenario {
    let goes = 5 * stage.step();
    let until = stage.fires_at(NAME, goes) + stage.step();
    let elsewhere = executions([(0, Sample::Value(1)), (until, Sample::Value(1))]);
    let says = "The process is gone, while the same job is there elsewhere.";
    Scenario::new("metrics absent: only elsewhere", says)
        .series([executions([(0, Sample::Value(1)), (goes, Sample::Nothing)])])
        .beside([elsewhere.labelled(labels)])
        .check(Check::onset(stage, NAME, goes))
}

fn only_another_copy(stage: &Stage<'_>) -> Option<Scenario> {
    let goes = 5 * stage.step();
    let until = stage.fires_at(NAME, goes) + stage.step();
    let copy = executions([(0, Sample::Value(1)), (until, Sample::Value(1))]);
    let copy = copy.labelled(stage.labels_of_copy(OF_SCENARIOS)?);
    let scenario = Scenario::new(
        "metrics absent: only another copy",
        "The process is gone, while another copy of the job is there.",
    );
    let there = [executions([(0, Sample::Value(1)), (goes, Sample::Nothing)])];
    Some(scenario.series(there).beside([copy]).check(Check::onset(stage, NAME, goes)))
}

fn others<'a>(stage: &'a Stage<'_>) -> impl Iterator<Item = Series> + 'a {
    let exposed = |job| executions([(0, Sample::Value(1))]).labelled(stage.labels_of(job, OF_SCENARIOS, 0));
    stage.other_jobs().iter().map(move |job| exposed(job))
}

fn executions(samples: impl IntoIterator<Item = (u64, Sample)>) -> Series {
    Series::held(JOB_EXECUTION_TOTAL.name, &[(STATUS, RunStatus::Success.as_str())], samples)
}
