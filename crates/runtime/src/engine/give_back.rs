//! Leases that this process may hold without knowing it: the answer to a claim, or to a completion,
//! was lost. While it goes on, its next claim of the job finds out. At a shutdown there is none.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jobwatch_catalogue::JobName;
use tokio::time::{Instant, sleep};

use crate::engine::core::{Core, JobIndex};
use crate::job::outcome::{Interruption, Outcome};
use crate::log::log;
use crate::store::{Completion, Lease, StoreError};

/// How long is waited before the store is asked once more.
const AGAIN: Duration = Duration::from_millis(100);

/// Something that a shutdown waits for, until this is dropped.
struct InFlight(Arc<Core>);

impl InFlight {
    fn new(core: &Arc<Core>) -> Self {
        core.in_flight.fetch_add(1, Ordering::AcqRel);
        Self(core.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// Takes note that a job may be held here. During a shutdown it is given back at once, as nobody
/// looks at the job again.
pub(crate) async fn doubt(core: &Arc<Core>, index: JobIndex) {
    if core.stop.is_raised() {
        give_back(core, vec![index]).await;
    } else {
        core.entries[index].live().in_doubt = true;
    }
}

/// As [`give_back`], which a shutdown waits for.
pub(crate) fn give_back_apart(core: &Arc<Core>, jobs: Vec<JobIndex>) -> impl Future<Output = ()> + use<> {
    let in_flight = InFlight::new(core);
    async move { give_back(&in_flight.0, jobs).await }
}

/// Gives back what is held of jobs that do not run here. What the store still works at may be
/// granted later than asked about: it has as long for that as for an answer. One that does not
/// answer is asked again for as long as runs may go on at a shutdown.
pub(crate) async fn give_back(core: &Arc<Core>, mut jobs: Vec<JobIndex>) {
    let begun = Instant::now();
    loop {
        let mut answers = true;
        let mut open = Vec::new();
        for together in jobs.chunks(core.at_once) {
            let held = held(core, together).await;
            answers &= held.is_ok();
            let mut held = held.unwrap_or_default().into_iter();
            for index in together {
                let Some(Some(lease)) = held.next() else {
                    open.push(*index);
                    continue;
                };
                let run_id = lease.run();
                if give_up(core, &lease, Interruption::Shutdown).await.is_ok() {
                    log!(info, %run_id, "a lease that the store granted without an answer is given back");
                } else {
                    answers = false;
                    open.push(*index);
                }
            }
        }
        let settings = &core.settings;
        let limit = if answers { settings.store_timeout } else { settings.drain };
        if open.is_empty() || begun.elapsed() >= limit {
            return;
        }
        jobs = open;
        sleep(AGAIN).await;
    }
}

/// The leases of jobs that are held here, in their order.
async fn held(core: &Core, indices: &[JobIndex]) -> Result<Vec<Option<Lease>>, StoreError> {
    let jobs: Vec<&JobName> = indices.iter().map(|index| core.spec(*index).name()).collect();
    let states = core.ask("tell the state", |store| store.states(&jobs)).await?;
    let held = states.into_iter().map(|state| state.running.filter(|lease| lease.holder == core.holder));
    Ok(held.collect())
}

/// Gives a lease back under which nothing was run, and says why.
pub(crate) async fn give_up(core: &Core, lease: &Lease, why: Interruption) -> Result<(), StoreError> {
    let outcome = Outcome::Interrupted(why);
    let completion = Completion { lease, outcome: &outcome, done: None };
    core.ask("record a run", |store| store.complete(completion)).await.map(drop)
}
