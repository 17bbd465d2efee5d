//! Thresholds for all jobs that some jobs are not judged by.

use jobwatch_catalogue::{JobName, JobSpec};

use crate::findings::code::{Code, Level};
use crate::findings::finding::Finding;
use crate::findings::lint::{Lint, Subject};
use crate::model::Alert;
use crate::quantity::Quantity;

pub(super) const LINT: Lint = Lint {
    code: Code {
        name: "threshold-overruled",
        level: Level::Note,
        summary: "A job is judged by another threshold than the catalogue sets for all jobs.",
        explanation: include_str!("../explanations/threshold-overruled.md"),
    },
    run,
};

const HINT: &str = "raise the threshold, or set one for the job itself, which then holds";

fn run(subject: &Subject<'_>) -> Vec<Finding> {
    subject.model.alerts().iter().filter_map(|alert| of_alert(subject, alert)).collect()
}

/// Returns one finding, however many jobs it is about.
fn of_alert(subject: &Subject<'_>, alert: &Alert) -> Option<Finding> {
    let set = subject.model.catalogue().thresholds().get(alert.name().as_str())?;
    set.get(alert.definition.parameters.first()?.key)?;
    let written = alert.stated_threshold()?;
    let overruled = |job: &JobName| -> Option<(Quantity, String)> {
        let spec: &JobSpec = subject.job(job)?;
        let in_force = alert.threshold(job).filter(|in_force| *in_force != written)?;
        let why = (alert.definition.exceeded_when_healthy)(written, spec)?;
        (!alert.is_own_threshold(job)).then_some((in_force, why))
    };
    let jobs = alert.classes.iter().flat_map(|class| &class.jobs);
    let mut all = jobs.filter_map(|job| Some((job, overruled(job)?)));
    let (job, (in_force, why)) = all.next()?;
    let others = all.count();
    let more = match others {
        0 => String::new(),
        1 => "; so it is with 1 more job".to_owned(),
        others => format!("; so it is with {others} more jobs"),
    };
    let name = alert.name();
    let message = format!(
        "{name} judges {job} by {in_force}, not by the {written} that is set for all jobs: {why}{more}"
    );
    let about = (others == 0).then(|| job.clone());
    let path = format!("alerts.{name}");
    Some(Finding {
        expected: Some(written.to_string()),
        found: Some(in_force.to_string()),
        ..subject.finding(LINT.code, Some(name), about, &path, message, HINT)
    })
}
