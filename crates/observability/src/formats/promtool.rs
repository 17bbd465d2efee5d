//! Promtool's format: the files of rule tests that `promtool test rules` runs.

use std::collections::BTreeMap;
use std::time::Duration;

use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE, RunStatus};
use jobwatch_catalogue::{JobName, duration};
use serde::Serialize;

use super::format::Format;
use super::prometheus::path;
use super::yaml::{Explained, HEADER, Lines, Pairs, Quoted, document};
use crate::alert_name::AlertName;
use crate::alerts::unresolved::UNRESOLVED;
use crate::artifact::{Artifact, RenderError, header};
use crate::parallel;
use crate::promql::Selector;
use crate::rule_tests::{
    KINDS, Profile, Simulation, TestFile, Tested, Wording, each_file, simulations, tested_profiles,
};
use crate::scenario::{Check, Exposed, SampledSeries, Scenario, Stage, Watched};
use crate::scope::{ALERTNAME, ALERTS, ALERTSTATE, ESCALATES};
use crate::target::Target;
use crate::text::{Comment, FilePath, LabelValue};
use crate::views::Views;

const FOLDER: &str = "alerts/tests";

/// The rule tests.
pub(super) const FORMAT: Format =
    Format { target: Some(Target::RuleTests), folders: &[FOLDER], writes_to, header: HEADER, files };

/// The name of a job may have dots in it, that of a catalogue has none.
fn writes_to(path: &str, catalogue: &str) -> bool {
    let name = path.strip_prefix(FOLDER).and_then(|name| name.strip_prefix('/'));
    let name = name.and_then(|name| name.strip_suffix(".yaml")?.rsplit_once('.'));
    let Some((rest, kind)) = name else { return false };
    let job = rest.strip_prefix(catalogue).and_then(|rest| rest.strip_prefix('.'));
    let is_job = job.is_some_and(|job| !job.is_empty() && !job.contains('/'));
    is_job && !catalogue.is_empty() && KINDS.contains(&kind)
}

#[derive(Serialize)]
struct WireFile {
    rule_files: [String; 1],
    evaluation_interval: String,
    group_eval_order: Vec<String>,
    tests: Vec<WireTest>,
}

#[derive(Serialize)]
struct WireTest {
    name: String,
    interval: String,
    input_series: Vec<Explained<WireSeries>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    promql_expr_test: Vec<Explained<WireExpressionTest>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alert_rule_test: Vec<WireAlertTest>,
}

#[derive(Serialize)]
struct WireSeries {
    series: Quoted,
    values: Quoted,
}

#[derive(Serialize)]
struct WireExpressionTest {
    expr: Quoted,
    eval_time: String,
    exp_samples: Vec<WireSample>,
}

#[derive(Serialize)]
struct WireSample {
    labels: Quoted,
    value: u8,
}

#[derive(Serialize)]
struct WireAlertTest {
    eval_time: String,
    alertname: &'static str,
    exp_alerts: Vec<WireAlert>,
}

#[derive(Serialize)]
struct WireAlert {
    exp_labels: Pairs<String, LabelValue>,
    exp_annotations: BTreeMap<&'static str, String>,
}

fn files(views: &Views<'_>) -> Result<Vec<Artifact>, RenderError> {
    let mut stems = BTreeMap::new();
    let profiles = tested_profiles(views.model);
    let named: Vec<_> =
        profiles.iter().map(|profile| (stem(profile.job.spec.name(), &mut stems), profile)).collect();
    let untested = views.untested();
    let made = parallel::map(&named, |(stem, profile)| files_of((views, untested.as_deref()), stem, profile));
    made.into_iter().flatten().collect()
}

/// Returns the files of a profile, whose names begin with a stem. Alerts are left out where some
/// are untested.
fn files_of(
    (views, untested): (&Views<'_>, Option<&[AlertName]>),
    stem: &str,
    profile: &Profile<'_>,
) -> Vec<Result<Artifact, RenderError>> {
    let mut artifacts = Vec::new();
    each_file(views.model, profile, |file| {
        let file = match untested {
            Some(untested) => file.without(untested),
            None => Some(file),
        };
        let Some(file) = file else { return };
        let name = format!("{}.{stem}.{}.yaml", views.model.catalogue().name(), file.kind);
        let text = render((views, untested.unwrap_or_default()), profile, file);
        artifacts.push(Artifact::written(FilePath::new(FOLDER, &name), text));
    });
    artifacts
}

/// Returns what stands for a job in the names of its files: its name, with a number behind it where
/// an earlier job's differs in the case of letters alone, which some file systems do not tell
/// apart. `stems` knows whose each is, in small letters.
fn stem<'a>(job: &'a JobName, stems: &mut BTreeMap<String, &'a JobName>) -> String {
    let numbered = (2..).map(|number| format!("{job}-{number}"));
    let mut all = std::iter::once(job.to_string()).chain(numbered);
    let free = all.find(|stem| *stems.entry(stem.to_lowercase()).or_insert(job) == job);
    free.unwrap_or_else(|| job.to_string())
}

fn render(
    (views, untested): (&Views<'_>, &[AlertName]),
    profile: &Profile<'_>,
    file: TestFile<'_>,
) -> Result<String, serde_saphyr::ser::Error> {
    let stage = file.stage;
    let tested = Tested { model: views.model };
    let catalogue = views.model.catalogue();
    let rules = path(catalogue).to_string();
    let rules = rules.rsplit('/').next().unwrap_or(&rules);
    let about = about(&stage, profile, file.left_out, untested);
    let value = WireFile {
        rule_files: [format!("../{rules}")],
        evaluation_interval: time(stage.step()),
        group_eval_order: views.written().iter().map(|group| group.name.clone()).collect(),
        tests: simulations(file).iter().map(|simulation| test(&stage, &tested, simulation)).collect(),
    };
    document(&header(catalogue), &Explained::new(value, &about))
}

fn about(stage: &Stage<'_>, profile: &Profile<'_>, left_out: usize, untested: &[AlertName]) -> Comment {
    let job = stage.job();
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
    text.push_str(". Each scenario has a namespace of its own, so that one simulation shows several.");
    match left_out {
        0 => {}
        1 => text.push_str(" Left out because it would take too long: one scenario."),
        _ => text.push_str(&format!(" Left out because they would take too long: {left_out} scenarios.")),
    }
    if !untested.is_empty() {
        let names: Vec<&str> = untested.iter().map(|name| name.as_str()).collect();
        text.push_str(&format!(" Nothing is said about {}, which an overlay changes.", names.join(", ")));
    }
    Comment::new(&text)
}

fn test(stage: &Stage<'_>, tested: &Tested<'_>, simulation: &Simulation) -> WireTest {
    let firing = simulation.firing_scenario();
    let texts = simulation.firings.iter().flat_map(|firing| {
        let Some(Wording { labels, annotations }) = tested.wording(stage, firing) else { return Vec::new() };
        let alertname = if firing.escalates { UNRESOLVED.name } else { firing.alert }.as_str();
        let alert =
            WireAlert { exp_labels: Pairs(labels.into_iter().collect()), exp_annotations: annotations };
        let test = |at, exp_alerts| WireAlertTest { eval_time: time(at), alertname, exp_alerts };
        // Others look at when an alert fires; that it does not page sooner is looked at here.
        let is_sooner = firing.escalates && firing.is_first;
        let before = is_sooner.then(|| test(firing.at - stage.step(), Vec::new()));
        before.into_iter().chain([test(firing.at, vec![alert])]).collect()
    });
    let mut test = WireTest {
        name: simulation.name.clone(),
        interval: time(stage.step()),
        input_series: Vec::new(),
        promql_expr_test: Vec::new(),
        alert_rule_test: texts.collect(),
    };
    for scenario in simulation.scenarios.iter().chain(&firing) {
        let says = Lines::of(&Comment::new(&scenario.says));
        test.input_series.extend(first_explained(input(stage, scenario), &says));
        test.promql_expr_test.extend(first_explained(checks(stage, scenario), &says));
    }
    test
}

/// Returns the series of a scenario.
fn input(stage: &Stage<'_>, scenario: &Scenario) -> Vec<WireSeries> {
    let mut all: Vec<WireSeries> = Vec::new();
    for (replica, exposed) in scenario.replicas.iter().enumerate() {
        let labels = stage.labels(scenario.namespace, replica);
        let sampled = exposed.sampled(stage.step(), scenario.end());
        all.extend(sampled.iter().map(|series| wire_series(series, &labels)));
    }
    if let Some(labels) = well_copy(stage, scenario) {
        let well = stage.steady(stage.usual_duration(), RunStatus::Success);
        let sampled = Exposed::Process(well).sampled(stage.step(), scenario.end());
        all.extend(sampled.iter().map(|series| wire_series(series, &labels)));
    }
    for series in &scenario.others {
        all.push(wire_series(&series.sampled(stage.step(), scenario.end()), &[]));
    }
    all
}

/// Returns the labels of another copy of the job, which is well: it must not hide what is wrong
/// with this one. `None` where there is no other copy, or the scenario says which there are.
fn well_copy(stage: &Stage<'_>, scenario: &Scenario) -> Option<Vec<(String, String)>> {
    let has_its_own = scenario.alone || !scenario.others.is_empty() || scenario.checks.is_empty();
    stage.labels_of_copy(scenario.namespace).filter(|_| !has_its_own)
}

fn wire_series(series: &SampledSeries, outer: &[(String, String)]) -> WireSeries {
    WireSeries { series: Quoted(series.selector(outer)), values: Quoted(series.values()) }
}

fn checks(stage: &Stage<'_>, scenario: &Scenario) -> Vec<WireExpressionTest> {
    let mut labels = stage.labels(scenario.namespace, 0);
    let of_copies = stage.grouping_labels();
    let tells_apart = |label: &str| label == NAMESPACE || of_copies.contains(&label);
    labels.retain(|(label, _)| label == JOB_NAME || tells_apart(label) && !scenario.alone);
    let firing = Selector::new(ALERTS).equal(ALERTSTATE, "firing").none_of(ESCALATES, &scenario.except);
    let mut firing = labels.into_iter().fold(firing, |firing, (label, value)| firing.equal(&label, value));
    scenario.checks.iter().map(|check| expression_test(stage, scenario, check, &mut firing)).collect()
}

/// Returns values of which the first has a comment above it.
fn first_explained<T>(all: Vec<T>, comment: &Lines) -> impl Iterator<Item = Explained<T>> {
    all.into_iter().enumerate().map(|(index, item)| match index {
        0 => Explained::by(item, comment.clone()),
        _ => Explained::unexplained(item),
    })
}

/// Returns the test of a check. `firing` selects all alerts that fire in the scenario, before and
/// after.
fn expression_test(
    stage: &Stage<'_>,
    scenario: &Scenario,
    check: &Check,
    firing: &mut Selector,
) -> WireExpressionTest {
    let alerts = Selector::new(ALERTS);
    let watched = match &check.watched {
        Watched::These(names) => alerts.one_of(ALERTNAME, names),
        Watched::All if scenario.except.is_empty() => alerts,
        Watched::All => {
            let watched = stage.alerts().filter(|name| !scenario.except.contains(name));
            alerts.one_of(ALERTNAME, &watched.collect::<Vec<_>>())
        }
    };
    let narrower = watched.matchers.len();
    firing.matchers.splice(..0, watched.matchers);
    let expr = Quoted(format!("count by ({ALERTNAME}) ({firing})"));
    firing.matchers.drain(..narrower);
    let sample = |name| WireSample { labels: Quoted(format!("{{{ALERTNAME}=\"{name}\"}}")), value: 1 };
    WireExpressionTest {
        expr,
        eval_time: time(check.at),
        exp_samples: check.firing.iter().map(sample).collect(),
    }
}

fn time(seconds: u64) -> String {
    duration::format(Duration::from_secs(seconds))
}
