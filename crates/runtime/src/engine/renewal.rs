//! A lease, renewed while its run goes on.

use std::sync::Arc;

use tokio::time::Instant;

use crate::engine::core::{Core, JobIndex};
use crate::job::current::Current;
use crate::job::outcome::{Interruption, Stop};
use crate::store::Renewed;

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

/// Renews the lease of a run.
pub(crate) async fn renew(core: Arc<Core>, index: JobIndex, current: Arc<Current>) {
    let renewal = Renewal { core, index, current };
    let (core, current) = (&renewal.core, &renewal.current);
    let asked = Instant::now();
    let answer = core.ask("renew a lease", |store| store.renew(&current.lease, core.settings.lease)).await;
    let now = Instant::now();
    let guard = &current.guard;
    match answer {
        Ok(Renewed::Extended) => guard.renewed(asked, now),
        Ok(Renewed::CancelRequested) => {
            guard.renewed(asked, now);
            guard.stop(Stop::Interrupted(Interruption::Cancelled), now);
        }
        Ok(Renewed::Lost) => guard.stop(Stop::Interrupted(Interruption::LeaseLost), now),
        Err(_) => {}
    }
}
