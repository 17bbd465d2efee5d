//! Jobs that expose nothing.

use jobwatch_catalogue::label::{JOB_NAME, RunStatus, STATUS};
use jobwatch_catalogue::metric::JOB_EXECUTION_TOTAL;
use jobwatch_catalogue::{AlertName, JobSpec};

use super::series::{Sample, Series};
use super::simulation::{Said, Simulation};
use super::situation::{Check, Situation, Stage};

use AlertName::BackgroundJobMetricsAbsent as Absent;

/// The namespace that the processes of these simulations run in.
const NAMESPACE: &str = "here";

/// With more jobs than this, not every other job is simulated beside the one that is missing.
const MOST_OTHERS: usize = 50;

/// Each of them on its own: a job is absent when no namespace has it.
pub(super) fn simulations(stage: &Stage<'_>) -> Vec<Simulation> {
    if stage.condition(Absent).is_none() {
        return Vec::new();
    }
    vec![gone(stage), not_scraped_yet(stage), one_of_several(stage)]
}

fn executions(stage: &Stage<'_>, until: u64, exposed: impl Fn(u64) -> bool) -> Vec<Series> {
    let succeeded = [(STATUS, RunStatus::Success.as_str())];
    let value = |now| if exposed(now) { Sample::Value(1) } else { Sample::Nothing };
    vec![stage.series(JOB_EXECUTION_TOTAL.name, &succeeded, until, value)]
}

fn gone(stage: &Stage<'_>) -> Simulation {
    let goes = 5 * stage.step;
    let onset = stage.onset(Absent, goes);
    let returns = onset[1].at + 2 * stage.step;
    let situation = Situation::new(NAMESPACE, "The process is gone, and comes back later.")
        .process(executions(stage, returns, |now| now < goes || now >= returns))
        .check(onset)
        .check([Check::silent(returns, &[Absent])]);
    Simulation::everywhere("metrics absent: gone", situation)
}

fn not_scraped_yet(stage: &Stage<'_>) -> Simulation {
    let late = stage.fires_at(Absent, 0).saturating_sub(stage.step);
    let until = late + 3 * stage.step;
    let situation =
        Situation::new(NAMESPACE, "Prometheus has just started, and scrapes the process a little later.")
            .process(executions(stage, until, |now| now >= late))
            .check([late, until].map(|at| Check::silent(at, &[Absent])));
    Simulation::everywhere("metrics absent: not scraped yet", situation)
}

/// The other jobs of the process are there, so that the process is.
fn one_of_several(stage: &Stage<'_>) -> Simulation {
    let onset = stage.onset(Absent, 0);
    let at = onset[1].at;
    let watched = |job: &&JobSpec| job.enabled() && job.name() != stage.job.name();
    let others: Vec<&JobSpec> = stage.catalogue.jobs().iter().filter(watched).collect();
    let all_simulated = others.len() <= MOST_OTHERS;
    let target = stage.target_labels(NAMESPACE, 0);
    let mut simulation = Simulation::everywhere(
        "metrics absent: one job of several",
        Situation::new(NAMESPACE, "The job is missing in a process that exposes its other jobs.")
            .check(onset),
    );
    for other in others.into_iter().take(MOST_OTHERS) {
        for mut series in executions(stage, at, |_| true) {
            series.labels.insert(0, (JOB_NAME.to_owned(), other.name().to_string()));
            series.labels.splice(0..0, target.iter().cloned());
            simulation.beside.push(series);
        }
    }
    if all_simulated {
        simulation.said.push(Said { at, alert: Absent, namespace: None, value: 1.0 });
    }
    simulation
}
