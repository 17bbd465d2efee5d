//! Another catalogue in the same Prometheus, which has a job of the same name in the same
//! namespace: what its rules record is none of this catalogue's business.

use jobwatch_catalogue::label::{self, JOB_NAME, RunStatus, STATUS};
use jobwatch_catalogue::metric::{JOB_EXECUTION_TOTAL, JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS};

use super::described::{Check, Scenario};
use super::series::Series;
use super::share::THOUSAND;
use super::stage::{NAMESPACE, Stage};
use crate::scope::CATALOGUE;
use crate::series;

/// The name of the other catalogue.
const ANOTHER: &str = "another-catalogue";
/// More than any alert allows: seconds, things in a queue, failures.
const FAR_TOO_MUCH: u64 = 1_000_000;
/// For how long the other catalogue's job is ill: until its warnings would have escalated.
const HOUR: u64 = 3_600;

/// Returns a recorded series as another catalogue has it about a job of the same name, and as this
/// one has it about another job, in the namespace in which alerts fire whose texts are compared.
pub fn of_others(
    stage: &Stage<'_>,
    name: &'static str,
    labels: &[(&'static str, &str)],
    value: u64,
) -> Vec<Series> {
    let of = |catalogue, job| recorded(stage, catalogue, job, NAMESPACE, name, labels, value);
    let another_job = stage.other_jobs().first().map(|job| of(stage.catalogue(), job));
    [of(ANOTHER, stage.job().name().as_str())].into_iter().chain(another_job).collect()
}

/// Returns a series that another catalogue records about a job of the same name.
pub fn of_another_catalogue(
    stage: &Stage<'_>,
    namespace: &str,
    name: &'static str,
    labels: &[(&'static str, &str)],
    value: u64,
) -> Series {
    recorded(stage, ANOTHER, stage.job().name().as_str(), namespace, name, labels, value)
}

/// Returns the scenario in which the job is well, and all that another catalogue records about a
/// job of the same name is not. `None` for jobs of which the same rules are shown as of another.
pub(super) fn wrong_in_another_catalogue(stage: &Stage<'_>) -> Option<Scenario> {
    if !stage.is_first() {
        return None;
    }
    const NAME: &str = "wrong in another catalogue";
    let until = stage.step_from(HOUR);
    let wrong = [
        (series::FAILED_EXECUTION_RATE, FAR_TOO_MUCH),
        (series::FAILED_EXECUTION_RATIO, 1),
        (series::TIME_SINCE_LAST_SUCCESS, FAR_TOO_MUCH),
        (series::DURATION_P95, FAR_TOO_MUCH),
        (series::QUEUE_SIZE, FAR_TOO_MUCH),
        (series::FAILED_ITEM_RATIO, 1),
        (series::CONSECUTIVE_FAILURES, FAR_TOO_MUCH),
        (series::OVERDUE, FAR_TOO_MUCH),
        (series::IN_PROGRESS, FAR_TOO_MUCH),
    ];
    let wrong = wrong.map(|(series, value)| of_another_catalogue(stage, NAME, series.name, &[], value));
    let scenario =
        Scenario::new(NAME, "The job is well, and what another catalogue calls by the same name is not.")
            .series([
                Series::growing(JOB_EXECUTION_TOTAL.name, &[(STATUS, RunStatus::Success.as_str())], THOUSAND),
                // Nobody has to wait for a success yet.
                Series::constant(JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS.name, &[], until),
            ])
            .beside(wrong)
            .check([Check::nothing_fires(until)])
            .at_once();
    Some(scenario)
}

fn recorded(
    stage: &Stage<'_>,
    catalogue: &str,
    job: &str,
    namespace: &str,
    name: &'static str,
    labels: &[(&'static str, &str)],
    value: u64,
) -> Series {
    let mut of_job = stage.labels_of(job, namespace, 0);
    let tells_apart = |label: &str| stage.grouping_labels().contains(&label);
    of_job.retain(|(name, _)| name == label::NAMESPACE || name == JOB_NAME || tells_apart(name));
    of_job.insert(0, (CATALOGUE.to_owned(), catalogue.to_owned()));
    Series::constant(name, labels, value).labelled(of_job)
}
