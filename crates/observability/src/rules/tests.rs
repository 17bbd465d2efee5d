//! The rule file as a whole, and what holds for that of any catalogue.

use std::time::Duration;

use insta::{assert_snapshot, with_settings};
use jobwatch_catalogue::{Catalogue, JobDraft, JobSpec, ThresholdOverride, yaml};
use proptest::prelude::*;

use super::*;
use crate::alerts::STANDARD;
use crate::definition::{AlertDefinition, SetBy};
use crate::generator::Generator;
use crate::promql::infer;
use crate::quantity::{Quantity, Unit};

fn text(catalogue: &Catalogue) -> String {
    let model = Model::new(catalogue).unwrap();
    let files = Generator::new(&model).files().unwrap();
    files.into_iter().find(|file| file.path.as_str().ends_with(".rules.yaml")).unwrap().text
}

fn parsed(text: &str) -> Catalogue {
    yaml::parse(text).unwrap().catalogue
}

#[test]
fn the_rules_of_clipper() {
    let catalogue = parsed(include_str!("../../../../jobs/catalogue.yaml"));
    with_settings!({ omit_expression => true }, { assert_snapshot!(text(&catalogue)) });
}

#[test]
fn the_rules_of_a_team_with_its_own_labels_schedules_and_thresholds() {
    let catalogue = parsed(include_str!("../../../../tests/fixtures/payments/catalogue.yaml"));
    with_settings!({ omit_expression => true }, { assert_snapshot!(text(&catalogue)) });
}

#[test]
fn without_enabled_jobs_there_are_no_rules() {
    let job = JobSpec::every("a", Duration::from_secs(60)).enabled(false);
    let catalogue = Catalogue::builder("test").job(job).build().unwrap();
    assert!(text(&catalogue).ends_with("groups: []\n"));
}

#[test]
fn the_eight_paired_rules_are_a_group_and_the_item_rule_is_another() {
    let catalogue = parsed(include_str!("../../../../jobs/catalogue.yaml"));
    let model = Model::new(&catalogue).unwrap();
    let sizes: Vec<(String, usize)> =
        groups(&model).into_iter().map(|group| (group.name, group.rules.len())).collect();
    let expected = [
        ("background-jobs-recorded", 19),
        ("background-jobs-thresholds", 2),
        ("background-jobs", 8),
        ("background-jobs-items", 1),
        ("background-jobs-runtime", 4),
        ("background-jobs-escalation", 8),
        ("background-jobs-state", 1),
    ];
    assert_eq!(sizes, expected.map(|(name, size)| (name.to_owned(), size)));
}

/// Sixty times as fast, two hours are two minutes, and a tenth of a failure a second is six.
#[test]
fn rules_that_are_tried_out_say_the_same_of_shorter_times() {
    let job = JobSpec::every("embed", Duration::from_secs(600)).timeout(Duration::from_secs(1_200));
    let catalogue = Catalogue::builder("test").job(job.queue("clips")).build().unwrap();
    let model = Model::new(&catalogue).unwrap();
    let views = Generator::new(&model).faster(60).views();
    let shown = |rule: &Rule| match rule {
        Rule::Alerting { alert, expression, hold, .. } => Some(format!("{alert} for {hold}s\n{expression}")),
        Rule::Recording { series, expression, .. } if *series == "job_name:job_execution_failed:rate" => {
            Some(format!("{series}\n{expression}"))
        }
        Rule::Recording { .. } => None,
    };
    let rules = views.groups.iter().flat_map(|group| &group.rules);
    assert_snapshot!(rules.filter_map(shown).take(9).collect::<Vec<_>>().join("\n"), @r#"
    job_name:job_execution_failed:rate
    label_replace(
      sum by (namespace, job_name) (rate(job_execution_total{job_name="embed", status="failed"}[1m])),
      "window", "1h", "", ""
    )
    BackgroundJobFailing for 5s
    job_name:job_execution_failed:rate{catalogue="background-jobs"} > 6
    BackgroundJobCriticalFailureRate for 5s
    (
      (
        job_name:job_execution_failed:ratio{catalogue="background-jobs"} > 0.5
        or
        (
          (job_name:job_execution_failed:ratio{catalogue="background-jobs"} > 0) >= 0.5
          and on (namespace, job_name)
          ALERTS{catalogue="background-jobs", alertname="BackgroundJobCriticalFailureRate", alertstate="firing"}
        )
      )
      and on (namespace, job_name)
      (
        job_name:job_execution:increase{catalogue="background-jobs", lookback="long"} >= 3
        or
        job_name:job_execution_failed:increase{catalogue="background-jobs", lookback="long"} >= 2
      )
    )
    unless on (namespace, job_name)
    (job_name:job_execution_failed:increase{catalogue="background-jobs", lookback="recent"} == 0)
    BackgroundJobNotRunning for 0s
    job_name:job_time_since_last_success_seconds:min{catalogue="background-jobs"} > 120
    unless
    (
      job_name:job_time_since_last_success_seconds:min{catalogue="background-jobs"}
      <
      2 * job_name:job_schedule_interval_seconds:max{catalogue="background-jobs"}
    )
    BackgroundJobCriticallyStale for 0s
    job_name:job_time_since_last_success_seconds:min{catalogue="background-jobs"} > 1440
    unless
    (
      job_name:job_time_since_last_success_seconds:min{catalogue="background-jobs"}
      <
      2 * job_name:job_schedule_interval_seconds:max{catalogue="background-jobs"}
    )
    BackgroundJobHighDuration for 15s
    job_name:job_execution_duration_seconds:p95{catalogue="background-jobs"} > 5
    unless on (namespace, job_name)
    (job_name:job_execution_duration_seconds:max{catalogue="background-jobs"} <= 5)
    BackgroundJobCriticalDuration for 10s
    job_name:job_execution_duration_seconds:p95{catalogue="background-jobs"} > 10
    unless on (namespace, job_name)
    (job_name:job_execution_duration_seconds:max{catalogue="background-jobs"} <= 10)
    BackgroundJobQueueGrowing for 0s
    job_name:job_queue_size:max{catalogue="background-jobs"} > 100
    and
    (
      job_name:job_queue_size:max{catalogue="background-jobs"}
      >
      1.5 * max_over_time(job_name:job_queue_size:max{catalogue="background-jobs"}[1m] offset 10s)
    )
    BackgroundJobCriticalQueueSize for 10s
    job_name:job_queue_size:max{catalogue="background-jobs"} > 1000
    "#);
    assert_eq!(Generator::new(&model).faster(1).views().groups, groups(&model));
}

/// Mimir's ruler takes twenty rules a group.
const MOST_RULES: usize = 20;

/// Jobs of all kinds, each with thresholds of its own.
fn many(jobs: u64) -> Catalogue {
    let own = |seconds: u64| ThresholdOverride::new().set("above", Quantity::Duration(seconds));
    let job = |number: u64| {
        JobSpec::every(format!("job_{number}"), Duration::from_secs(60 * (number % 300 + 1)))
            .timeout(Duration::from_secs(number % 900 + 1))
            .items("things")
            .queue("things")
            .threshold("BackgroundJobNotRunning", own(100_000 + number))
            .threshold("BackgroundJobHighDuration", own(number + 1))
    };
    (0..jobs).fold(Catalogue::builder("many"), |builder, number| builder.job(job(number))).build().unwrap()
}

#[test]
fn the_number_of_rules_does_not_depend_on_the_number_of_jobs() {
    let sizes = |jobs| {
        let catalogue = many(jobs);
        let model = Model::new(&catalogue).unwrap();
        groups(&model).into_iter().map(|group| group.rules.len()).collect::<Vec<_>>()
    };
    assert_eq!(sizes(80), sizes(400));
    assert!(sizes(400).iter().all(|&rules| rules <= MOST_RULES));
}

#[test]
fn all_that_can_be_recorded_fits_one_group() {
    let job = |name: &str| {
        JobSpec::every(name, Duration::from_secs(3_600)).items("things").queue("things").owner(name)
    };
    let builder = Catalogue::builder("shop").namespace("shop").grouping_label("cluster");
    let catalogue = builder.job(job("bill")).job(job("ship").grouping_label("host")).build().unwrap();
    let model = Model::new(&catalogue).unwrap();
    let sizes: Vec<usize> = groups(&model).iter().map(|group| group.rules.len()).collect();
    assert_eq!(sizes.iter().max(), Some(&MOST_RULES));
}

#[test]
fn a_rule_that_fires_is_as_long_for_many_thresholds_as_for_few() {
    let firing = |jobs| {
        let catalogue = many(jobs);
        let model = Model::new(&catalogue).unwrap();
        let alerts =
            model.alerts().iter().filter(|alert| alert.name().as_str() != "BackgroundJobMetricsAbsent");
        alerts.map(|alert| alert.expression.as_ref().unwrap().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(firing(80), firing(400));
}

#[test]
fn the_rules_of_a_thousand_jobs_fit_into_a_prometheus_rule() {
    const LARGEST: usize = 500_000;
    let kinds = ["0 3 * * *", "*/15 8-17 * * 1-5", "0 4 1 * *"];
    let intervals = [60, 300, 600, 900, 3_600, 21_600];
    let job = |index: usize| {
        let name = format!("job-{index}");
        let job = match index % 10 {
            9 => JobSpec::cron(name, kinds[index / 10 % kinds.len()], "Europe/Berlin"),
            _ => JobSpec::every(name, Duration::from_secs(intervals[index % intervals.len()])),
        };
        let job = job.items("items");
        if index.is_multiple_of(3) { job.queue("items") } else { job }
    };
    let builder = (0..1_000).fold(Catalogue::builder("bench"), |builder, index| builder.job(job(index)));
    let size = text(&builder.build().unwrap()).len();
    assert!(size < LARGEST, "{size} bytes");
}

#[test]
fn what_is_recorded_measures_what_it_is_said_to() {
    let catalogue = many(3);
    let model = Model::new(&catalogue).unwrap();
    for rule in model.recordings() {
        let found = infer(&rule.expression, model.schema()).unwrap();
        // A whole number times a mark is a bare number, whatever is counted.
        let is_count = found.unit == Unit::Number && rule.unit == Unit::Count;
        assert!(is_count || found.unit == rule.unit, "{} is {:?}", rule.series, found.unit);
        let labels = found.labels.unwrap();
        for label in &rule.labels {
            let is_there = labels.free.contains(label.as_str()) || labels.fixed.contains_key(label.as_str());
            assert!(is_there, "{} has no {label}", rule.series);
        }
    }
}

/// A value for a parameter of an alert.
fn value(definition: &AlertDefinition, number: u64) -> ThresholdOverride {
    let settable = definition.parameters.iter().filter(|parameter| parameter.set_by == SetBy::CatalogueOrJob);
    settable.fold(ThresholdOverride::new(), |set, parameter| {
        let value = match parameter.default.unit() {
            Unit::PerSecond => Quantity::PerSecond(number),
            Unit::Ratio => Quantity::Ratio(number),
            Unit::Seconds | Unit::Timestamp => Quantity::Duration(number),
            Unit::Count | Unit::Number => Quantity::Count(number % 1_000 + 1),
        };
        set.set(parameter.key, value)
    })
}

/// Thresholds of some alerts.
fn thresholds() -> impl Strategy<Value = Vec<(&'static AlertDefinition, u64)>> {
    prop::collection::vec((prop::sample::select(STANDARD.to_vec()), 1_u64..100_000), 0..3)
}

fn job(index: usize) -> impl Strategy<Value = JobDraft> {
    let schedule = prop_oneof![
        (1_u64..500_000).prop_map(Ok),
        prop::sample::select(vec!["0 3 * * *", "*/5 8-17 * * 1-5", "0 4 1 * *"]).prop_map(Err),
    ];
    (schedule, 1_u64..80_000, any::<[bool; 3]>(), thresholds()).prop_map(
        move |(schedule, timeout, [items, queue, enabled], own)| {
            let name = format!("job-{index}.x");
            let job = match schedule {
                Ok(interval) => JobSpec::every(name, Duration::from_secs(interval)),
                Err(cron) => JobSpec::cron(name, cron, "UTC"),
            };
            let job = job.timeout(Duration::from_secs(timeout)).enabled(enabled);
            let job = if items { job.items("things") } else { job };
            let job = if queue { job.queue("things") } else { job };
            let job = if items { job.label("team", format!("{timeout}$1")) } else { job };
            let set = |number: u64, alert: &AlertDefinition| match number % 3 {
                0 => ThresholdOverride::off(),
                1 => ThresholdOverride::on().set("severity", "critical"),
                _ => value(alert, number),
            };
            own.into_iter()
                .fold(job, |job, (alert, number)| job.threshold(alert.name.as_str(), set(number, alert)))
        },
    )
}

fn catalogue() -> impl Strategy<Value = Catalogue> {
    let jobs = (job(0), job(1), job(2), job(3));
    (jobs, thresholds(), any::<bool>()).prop_map(|(jobs, thresholds, selected)| {
        let builder = Catalogue::builder("test").job(jobs.0).job(jobs.1).job(jobs.2).job(jobs.3);
        let builder = if selected { builder.selector("cluster", "a\"b") } else { builder };
        thresholds
            .into_iter()
            .fold(builder, |builder, (alert, number)| {
                builder.threshold(alert.name.as_str(), value(alert, number))
            })
            .build()
            .unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_expression_is_valid_and_makes_sense(catalogue in catalogue()) {
        let model = Model::new(&catalogue).unwrap();
        for rule in groups(&model).iter().flat_map(|group| &group.rules) {
            let expression = rule.expression();
            let printed = expression.to_string();
            if let Err(error) = promql_parser::parser::parse(&printed) {
                return Err(TestCaseError::fail(format!("{error}\n{printed}")));
            }
            if let Err(error) = infer(expression, model.schema()) {
                return Err(TestCaseError::fail(format!("{error}\n{printed}")));
            }
        }
    }

    #[test]
    fn every_job_that_is_enabled_is_judged_by_every_alert_that_concerns_it(catalogue in catalogue()) {
        let model = Model::new(&catalogue).unwrap();
        for alert in model.alerts() {
            for job in catalogue.jobs() {
                let watched = model.jobs().iter().find(|watched| watched.spec == job);
                let set = job.thresholds().get(alert.name().as_str());
                let is_on = set.and_then(ThresholdOverride::is_on) != Some(false);
                let concerned = job.enabled() && is_on && match alert.name().as_str() {
                    "BackgroundJobQueueGrowing" | "BackgroundJobCriticalQueueSize" => job.queue().is_some(),
                    "BackgroundJobHighItemFailureRate" => job.items().is_some(),
                    "BackgroundJobCriticalFailureRate" => watched.is_some_and(|job| job.holds_two_executions()),
                    _ => true,
                };
                let classes = alert.classes.iter().filter(|class| class.jobs.contains(job.name())).count();
                prop_assert_eq!(classes, usize::from(concerned), "{} {}", alert.name(), job.name());
                prop_assert_eq!(alert.watches(job.name()), concerned);
            }
        }
    }
}
