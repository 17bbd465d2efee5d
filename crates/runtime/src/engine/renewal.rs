//! A lease, renewed while its run goes on.

use std::sync::Arc;

use tokio::time::Instant;

use crate::engine::core::{Core, JobIndex};
use crate::job::current::Current;
use crate::job::outcome::{Interruption, Stop};
use crate::store::{Renewed, StoreError};

/// A renewal under way. Whatever becomes of it, the driver sees to the run afterwards.
struct Renewal {
    core: Arc<Core>,
    index: JobIndex,
    current: Arc<Current>,
}

impl Drop for Renewal {
    fn drop(&mut self) {
        let now = Instant::now();
        self.current.guard.renewal_is_over(now);
        self.core.watch(self.index, &mut self.core.entries[self.index].live(), now);
    }
}

/// Renews the lease of a run, as the driver wants it.
pub(crate) async fn renew_apart(core: Arc<Core>, index: JobIndex, current: Arc<Current>) {
    let renewal = Renewal { core, index, current };
    // Whatever the store has answered, the run knows.
    let _ = renew(&renewal.core, index, &renewal.current).await;
}

/// Renews the lease of a run.
pub(crate) async fn renew(core: &Core, index: JobIndex, current: &Current) -> Result<Renewed, StoreError> {
    let asked = Instant::now();
    let answer = core.ask("renew a lease", |store| store.renew(&current.lease, core.lease(index))).await;
    core.note_answer(index, &answer);
    let answer = answer?;
    let now = Instant::now();
    let guard = &current.guard;
    match answer {
        Renewed::Extended => guard.renewed(asked, now),
        Renewed::CancelRequested => {
            guard.renewed(asked, now);
            guard.stop(Stop::Interrupted(Interruption::Cancelled), now);
        }
        Renewed::Lost => guard.stop(Stop::Interrupted(Interruption::LeaseLost), now),
    }
    Ok(answer)
}
