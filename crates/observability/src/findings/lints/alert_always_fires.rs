//! Alerts that a job sets off while nothing is wrong with it.

use crate::findings::code::{Code, Level};
use crate::findings::finding::Finding;
use crate::findings::lint::{Lint, Subject};

pub(super) const LINT: Lint = Lint {
    code: Code {
        name: "alert-always-fires",
        level: Level::Warning,
        summary: "A job that does nothing wrong makes the alert fire.",
        explanation: include_str!("../explanations/alert-always-fires.md"),
    },
    run,
};

const HINT: &str = "raise the threshold, or leave it out to have it follow from the job's schedule";

fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for alert in subject.model.alerts() {
        for class in &alert.classes {
            let Some(&threshold) = class.parameters.first() else { continue };
            for name in &class.jobs {
                let exceeded = alert.definition.exceeded_when_healthy;
                let Some(why) = subject.job(name).and_then(|job| exceeded(threshold, job)) else { continue };
                let message = format!("{} fires while {name} is healthy: {why}", alert.name());
                findings.push(subject.about_job(LINT.code, alert.name(), name, message, HINT));
            }
        }
    }
    findings
}
