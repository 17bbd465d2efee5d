//! What became of jobs on other replicas.

use std::sync::Arc;

use jobwatch_catalogue::JobName;

use crate::engine::core::{Core, JobIndex};
use crate::engine::supervise::UnderWay;

/// Another replica ran the job, or may have: what it knows is what is exposed here, too, should it
/// die. False if the store does not answer.
pub(crate) async fn catch_up_with_others(core: &Core, index: JobIndex) -> bool {
    let answer = core.ask("tell the state", |store| store.state(core.spec(index).name())).await;
    answer.is_ok_and(|state| {
        core.entries[index].refresh(&state);
        true
    })
}

/// Asks about several jobs what became of them elsewhere: about as many at once as the store
/// answers well, and about each alone where it has no answer.
pub(crate) async fn catch_up_about(core: Arc<Core>, indices: Vec<JobIndex>, _under_way: UnderWay) {
    for together in indices.chunks(core.at_once) {
        if together.len() > 1 && catch_up_together(&core, together).await {
            continue;
        }
        for index in together {
            // It may be this job alone that the store has nothing to say about.
            if !catch_up_with_others(&core, *index).await && core.set_clock().await.is_err() {
                return;
            }
        }
    }
}

/// As [`catch_up_with_others`], by one question.
async fn catch_up_together(core: &Core, indices: &[JobIndex]) -> bool {
    let jobs: Vec<&JobName> = indices.iter().map(|index| core.spec(*index).name()).collect();
    let answer = core.ask("tell the state", |store| store.states(&jobs)).await;
    let Some(states) = answer.ok().filter(|states| states.len() == jobs.len()) else { return false };
    for (index, state) in indices.iter().zip(&states) {
        core.entries[*index].refresh(state);
    }
    true
}
