//! The rule file as a whole, and what holds for that of any catalogue.

use std::time::Duration;

use insta::{assert_snapshot, with_settings};
use jobwatch_catalogue::{AlertName, Catalogue, JobDraft, JobSpec, Quantity, ThresholdOverride, yaml};
use proptest::prelude::*;

use super::*;
use crate::promql::check::check;

fn text(catalogue: &Catalogue) -> String {
    artifact(catalogue).unwrap().text
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
fn the_rules_of_a_team_with_its_own_labels_schedules_and_figures() {
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
    let sizes: Vec<(String, usize)> =
        groups(&catalogue).into_iter().skip(1).map(|group| (group.name, group.rules.len())).collect();
    let expected = [("background-jobs", 8), ("background-jobs-items", 1), ("background-jobs-runtime", 3)];
    assert_eq!(sizes, expected.map(|(name, size)| (name.to_owned(), size)));
}

/// Figures for every alert that has any, in some catalogues.
fn thresholds() -> impl Strategy<Value = Vec<(AlertName, ThresholdOverride)>> {
    let one = (prop::sample::select(AlertName::ALL.to_vec()), 1_u64..100_000).prop_map(|(alert, number)| {
        let above = alert.figures().above.map(|unit| {
            Quantity::parse(&number.to_string(), unit)
                .or_else(|_| Quantity::parse(&format!("{number}s"), unit))
                .unwrap_or(Quantity::Count(number))
        });
        let above = match above {
            Some(Quantity::Ratio(_)) => Some(Quantity::Ratio(number)),
            other => other,
        };
        let at_least = alert.figures().at_least.map(|_| number % 1_000 + 1);
        (alert, ThresholdOverride { above, at_least, ..ThresholdOverride::default() })
    });
    prop::collection::vec(one, 0..3)
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
            own.into_iter().fold(job, |job, (alert, figures)| job.threshold(alert, figures))
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
            .fold(builder, |builder, (alert, figures)| builder.threshold(alert, figures))
            .build()
            .unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_expression_is_valid_and_makes_sense(catalogue in catalogue()) {
        for rule in groups(&catalogue).iter().flat_map(|group| &group.rules) {
            let expression = rule.expression();
            let printed = expression.to_string();
            if let Err(error) = promql_parser::parser::parse(&printed) {
                return Err(TestCaseError::fail(format!("{error}\n{printed}")));
            }
            if let Err(error) = check(expression, &catalogue) {
                return Err(TestCaseError::fail(format!("{error}\n{printed}")));
            }
        }
    }

    #[test]
    fn every_job_that_is_enabled_is_judged_by_every_alert_that_concerns_it(catalogue in catalogue()) {
        for alert in alerts(&catalogue) {
            for job in catalogue.jobs() {
                let concerned = job.enabled() && match alert.name {
                    AlertName::BackgroundJobQueueGrowing | AlertName::BackgroundJobCriticalQueueSize => {
                        job.queue().is_some()
                    }
                    AlertName::BackgroundJobHighItemFailureRate => job.items().is_some(),
                    _ => true,
                };
                let classes = alert.classes.iter().filter(|class| class.jobs.contains(job.name())).count();
                prop_assert_eq!(classes, usize::from(concerned), "{} {}", alert.name, job.name());
            }
        }
    }
}
