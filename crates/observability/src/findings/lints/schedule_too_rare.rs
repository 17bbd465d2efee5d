//! Jobs that are due more rarely than Prometheus remembers two executions of them.

use crate::alerts::consecutive_failures::CONSECUTIVE_FAILURES;
use crate::alerts::critical_failure_rate::CRITICAL_FAILURE_RATE;
use crate::findings::code::{Code, Level};
use crate::findings::finding::Finding;
use crate::findings::lint::{Lint, Subject};
use crate::quantity::Quantity;

pub(super) const LINT: Lint = Lint {
    code: Code {
        name: "schedule-too-rare",
        level: Level::Note,
        summary: "A job is due so rarely that no failure ratio of it can be told.",
        explanation: include_str!("../explanations/schedule-too-rare.md"),
    },
    run,
};

fn run(subject: &Subject<'_>) -> Vec<Finding> {
    if subject.model.alert(CRITICAL_FAILURE_RATE.name).is_none() {
        return Vec::new();
    }
    let hint = format!(
        "have the process expose `job_consecutive_failures`, as Jobwatch's runtime does: {} then tells; or keep \
         samples for longer, and name that as `retention` in the catalogue",
        CONSECUTIVE_FAILURES.name
    );
    let rare = subject.model.jobs().iter().filter(|job| !job.holds_two_executions());
    rare.map(|job| {
        let message = format!(
            "{} does not watch {}, which may be due only after {}: Prometheus keeps {}, and one execution is \
             no ratio",
            CRITICAL_FAILURE_RATE.name,
            job.spec.name(),
            Quantity::Duration(job.spec.schedule().longest_gap().as_secs()),
            Quantity::Duration(job.retention())
        );
        let alert = Some(CRITICAL_FAILURE_RATE.name);
        subject.about_job(LINT.code, alert, job.spec.name(), message, &hint)
    })
    .collect()
}
