//! How a run ended, for the store and for the metrics.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::label::RunStatus;
use tokio::time::Instant;

use crate::engine::core::{Core, Ended, JobIndex};
use crate::engine::gather::Turn;
use crate::job::current::Current;
use crate::job::outcome::{Interruption, Outcome};
use crate::log::log;
use crate::schedule::plan::Plan;
use crate::store::{Completion, JobState, StoreError};

/// Records how a run ended, with those that gather meanwhile, and counts it. A store that does not
/// answer is asked again for twice the length of a lease; after that, the run counts here, and
/// another replica may run its due time once more.
pub(crate) async fn record(
    core: &Arc<Core>,
    index: JobIndex,
    current: &Arc<Current>,
    outcome: Outcome,
    (now, took): (DateTime<Utc>, Duration),
) -> Outcome {
    let done = skipped_over(core, index, now).filter(|_| outcome.is_final());
    let completion = Completion { lease: &current.lease, outcome: &outcome, done };
    let turn = if core.completions.gathers() {
        // Boxed: where nothing gathers, a run is smaller without.
        Box::pin(turn(core, || (current.clone(), outcome.clone(), done))).await
    } else {
        Turn::Alone(None)
    };
    let answer = match turn {
        Turn::Answered(state) => Ok(state),
        Turn::Alone(_alone) => core.ask("record a run", |store| store.complete(completion)).await,
    };
    core.note_answer(index, &answer);
    let later = match answer {
        // Boxed: a run that is recorded at once is smaller without. Whoever asks next will find a
        // lease that was lost run out.
        Err(_) if outcome != LOST => Box::pin(record_later(core, index, completion)),
        answer => return count(core, index, answer, outcome, (now, took)),
    };
    let answer = later.await;
    count(core, index, answer, outcome, (now, took))
}

async fn turn(core: &Arc<Core>, ended: impl Fn() -> Ended) -> Turn<Option<JobState>> {
    let asker = core.clone();
    core.completions.turn(ended, move |ended| complete_many(asker.clone(), ended)).await
}

/// Records several runs at once.
async fn complete_many(
    core: Arc<Core>,
    ended: Vec<Ended>,
) -> Result<Vec<Result<Option<JobState>, StoreError>>, StoreError> {
    let completions: Vec<_> = ended
        .iter()
        .map(|(current, outcome, done)| Completion { lease: &current.lease, outcome, done: *done })
        .collect();
    core.ask("record a run", |store| store.complete_many(&completions)).await
}

const LOST: Outcome = Outcome::Interrupted(Interruption::LeaseLost);

/// Counts a run as the store has taken it.
fn count(
    core: &Core,
    index: JobIndex,
    answer: Result<Option<JobState>, StoreError>,
    outcome: Outcome,
    (now, took): (DateTime<Utc>, Duration),
) -> Outcome {
    let entry = &core.entries[index];
    let metrics = &entry.metrics;
    if answer.is_err() {
        entry.live().in_doubt = true;
    }
    match answer {
        Ok(Some(state)) => {
            metrics.ended(&outcome, took, state.last_success.unwrap_or(now));
            entry.refresh(&state);
            return outcome;
        }
        Ok(None) if outcome != LOST => {
            log!(warn, %outcome, "another replica has taken over; the outcome is refused");
        }
        Err(error) if outcome != LOST => {
            log!(error, %error, %outcome, "the outcome is not recorded; another replica may run this again");
            metrics.ended(&outcome, took, now);
            if outcome.status() == Some(RunStatus::Success) {
                let mut live = entry.live();
                live.success_due = live.plan.as_ref().map(|plan| plan.success_due(now, Some(now)));
                entry.expose_due(&mut live);
            }
            return outcome;
        }
        Ok(None) | Err(_) => {}
    }
    metrics.ended(&LOST, took, now);
    LOST
}

/// Asks the store again and again to record a run.
async fn record_later(
    core: &Core,
    index: JobIndex,
    completion: Completion<'_>,
) -> Result<Option<JobState>, StoreError> {
    let lease = core.lease(index);
    let give_up = Instant::now() + lease * 2;
    let mut wait = lease / 30;
    log!(warn, outcome = %completion.outcome, "the outcome cannot be recorded yet; the store is asked again");
    loop {
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(lease / 3);
        let answer = core.ask("record a run", |store| store.complete(completion)).await;
        core.note_answer(index, &answer);
        match answer {
            Err(_) if Instant::now() + wait < give_up => {}
            answer => return answer,
        }
    }
}

/// The latest due time that passed while the job ran, which nobody has to run any more.
fn skipped_over(core: &Core, index: JobIndex, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let mut live = core.entries[index].live();
    let step = live.plan.as_mut()?.wake(now);
    core.apply(index, &mut live, step);
    live.plan.as_ref().map(Plan::done)
}
