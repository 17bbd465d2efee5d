//! What the two alerts about jobs without success have in common.

use std::collections::HashSet;

use jobwatch_catalogue::label::JOB_NAME;
use jobwatch_catalogue::{JobName, JobSpec};

use crate::definition::{Condition, Texts};
use crate::lookback::is_uneven;
use crate::promql::{Expr, Operator};
use crate::quantity::Quantity;
use crate::sentence::words::{AGO_OR_NOT, SINCE_OR_NOT, SUCCESS};
use crate::sentence::{Form, Time};
use crate::series::SCHEDULE_INTERVAL;

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

pub(super) const STALE_TEXTS: Texts = Texts {
    summary: "{job} has not succeeded for too long",
    description: "{job} has had no successful run for {value} (threshold: {threshold}).",
    fires: "{thresholds}",
};

/// The sentence of both in a runbook.
pub(super) const STALE_FORM: Form = Form {
    template: "No successful run for > {above}",
    needs: &[SUCCESS, SINCE_OR_NOT],
    once: &[AGO_OR_NOT],
    comparison_may_be_unsaid: true,
    time: Time::AfterFor,
    ..Form::ABOVE
};

/// The time without success exceeds the threshold, and two of the intervals that are in force,
/// which the environment may have made longer than the catalogue's. A threshold that somebody wrote
/// down for the job is the threshold, whatever the interval. The longest gap of a job that is due
/// at uneven times is no interval.
pub(super) fn stale(condition: &Condition<'_>) -> Expr {
    let own: HashSet<&JobName> = condition.own.iter().collect();
    let without = condition.specs().filter(|job| own.contains(job.name()) || is_uneven(job));
    let without: Vec<JobName> = without.map(|job| job.name().clone()).collect();
    if without.len() == condition.jobs.len() {
        return condition.exceeded();
    }
    let intervals = condition.scope.recorded(SCHEDULE_INTERVAL.name).none_of(JOB_NAME, &without);
    let two_intervals = Expr::from(Quantity::Count(2)).binary(Operator::Multiply, intervals);
    let in_time = Expr::from(condition.value()).binary(Operator::Less, two_intervals);
    condition.exceeded().binary(Operator::Unless, in_time)
}

/// Two successes are an interval apart, and the second may take all the time it may.
pub(super) fn too_short(threshold: Quantity, job: &JobSpec) -> Option<String> {
    let apart = Quantity::Duration((job.schedule().longest_gap() + job.timeout()).as_secs());
    let timeout = Quantity::Duration(job.timeout().as_secs());
    let may = if job.has_default_timeout() {
        format!(" (it may take {timeout} by default)")
    } else {
        String::new()
    };
    (threshold < apart)
        .then(|| format!("its successes may be {apart} apart{may}, which is longer than {threshold}"))
}

/// A threshold that people can keep in mind: whole hours, and from two days on whole days.
pub(super) fn rounded_up(seconds: u64) -> u64 {
    let step = if seconds > 2 * DAY { DAY } else { HOUR };
    seconds.div_ceil(step) * step
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use insta::assert_snapshot;
    use jobwatch_catalogue::{Catalogue, JobDraft, ThresholdOverride};

    use super::super::critically_stale::CRITICALLY_STALE;
    use super::super::not_running::NOT_RUNNING;
    use super::*;
    use crate::definition::AlertDefinition;
    use crate::model::Model;

    #[track_caller]
    fn check(job: JobDraft, expected: &str) {
        let catalogue = Catalogue::builder("test").job(job).build().unwrap();
        let threshold = |alert: &AlertDefinition| {
            let [parameter] = alert.parameters else { panic!("{} has one threshold", alert.name) };
            (parameter.for_job)(parameter.default, &catalogue.jobs()[0])
        };
        assert_eq!(format!("{} {}", threshold(&NOT_RUNNING), threshold(&CRITICALLY_STALE)), expected);
    }

    fn every(minutes: u64, timeout: u64) -> JobDraft {
        JobSpec::every("a", Duration::from_secs(minutes * 60)).timeout(Duration::from_secs(timeout * 60))
    }

    #[test]
    fn frequent_jobs_are_judged_by_the_stated_thresholds() {
        check(every(1, 15), "2h 1d");
        check(every(60, 30), "2h 1d");
        check(every(60, 59), "2h 1d");
    }

    /// The rule's expression for some jobs that are due each night.
    fn expression(jobs: &[(&str, bool)]) -> String {
        let own = ThresholdOverride::new().set("above", "26h");
        let builder = jobs.iter().fold(Catalogue::builder("test"), |builder, &(name, is_own)| {
            let job = JobSpec::cron(name, "0 3 * * *", "UTC");
            builder.job(if is_own { job.threshold("BackgroundJobNotRunning", own.clone()) } else { job })
        });
        let catalogue = builder.build().unwrap();
        let model = Model::new(&catalogue).unwrap();
        model.alert(NOT_RUNNING.name).unwrap().expression.clone().unwrap().to_string()
    }

    #[test]
    fn a_threshold_that_a_job_sets_itself_is_overruled_by_no_interval() {
        assert_snapshot!(expression(&[("a", false)]), @r#"
        job_name:job_time_since_last_success_seconds:min{catalogue="background-jobs"} > 259200
        unless
        (
          job_name:job_time_since_last_success_seconds:min{catalogue="background-jobs"}
          <
          2 * job_name:job_schedule_interval_seconds:max{catalogue="background-jobs"}
        )
        "#);
        assert_snapshot!(expression(&[("a", true), ("b", true)]), @r#"job_name:job_time_since_last_success_seconds:min{catalogue="background-jobs"} > 93600"#);
        assert_snapshot!(expression(&[("a", true), ("b", false), ("c", true)]), @r#"
        (
          job_name:job_time_since_last_success_seconds:min{catalogue="background-jobs"}
          > on (job_name) group_left ()
          job_name:job_time_since_last_success_seconds:warning_threshold{catalogue="background-jobs"}
        )
        unless
        (
          job_name:job_time_since_last_success_seconds:min{catalogue="background-jobs"}
          <
          2 * job_name:job_schedule_interval_seconds:max{catalogue="background-jobs", job_name!~"a|c"}
        )
        "#);
    }

    #[test]
    fn nights_and_weekends_are_counted_once() {
        check(JobSpec::cron("a", "*/15 8-17 * * 1-5", "UTC"), "3d 4d");
        check(JobSpec::cron("a", "0 3 * * 1-5", "UTC"), "5d 6d");
    }

    #[test]
    fn rare_jobs_are_judged_by_their_own_intervals() {
        check(every(60, 60), "3h 1d");
        check(every(105, 10), "4h 1d");
        check(every(360, 60), "13h 1d");
        check(every(12 * 60, 30), "25h 37h");
        check(JobSpec::cron("a", "0 3 * * *", "UTC"), "3d 4d");
        check(JobSpec::cron("a", "0 3 1 * *", "UTC"), "63d 93d");
    }
}
