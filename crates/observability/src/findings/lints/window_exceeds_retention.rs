//! Windows over which more is looked back upon than Prometheus remembers.

use super::windows::{self, Readers};
use crate::findings::code::{Code, Level};
use crate::findings::finding::Finding;
use crate::findings::lint::{Lint, Subject};
use crate::quantity::Quantity;

pub(super) const LINT: Lint = Lint {
    code: Code {
        name: "window-exceeds-retention",
        level: Level::Warning,
        summary: "An expression looks back over more time than Prometheus keeps.",
        explanation: include_str!("../explanations/window-exceeds-retention.md"),
    },
    run,
};

const HINT: &str = "start Prometheus with a longer `--storage.tsdb.retention.time`, and name it as `retention` in the catalogue";

fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let mut readers = Readers::new(subject.model);
    let retention = subject.model.catalogue().retention().as_secs();
    let long =
        windows::of_jobs(subject).into_iter().filter(|(_, windows)| windows.longest.seconds > retention);
    long.map(|(job, windows)| {
        let message = format!(
            "the rules look back over {} at {}, and Prometheus keeps samples for {}",
            Quantity::Duration(windows.longest.seconds),
            job.name(),
            Quantity::Duration(retention)
        );
        let alert = readers.first(windows.longest.series, job);
        subject.about_job(LINT.code, alert, job.name(), message, HINT)
    })
    .collect()
}
