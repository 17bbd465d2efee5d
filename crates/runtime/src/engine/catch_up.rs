//! What became of jobs on other replicas.

use std::sync::Arc;

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

/// Asks about several jobs, one after the other, what became of them elsewhere.
pub(crate) async fn catch_up_about(core: Arc<Core>, indices: Vec<JobIndex>, _under_way: UnderWay) {
    for index in indices {
        // It may be this job alone that the store has nothing to say about.
        if !catch_up_with_others(&core, index).await && core.set_clock().await.is_err() {
            break;
        }
    }
}
