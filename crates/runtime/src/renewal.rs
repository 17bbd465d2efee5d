//! A lease, renewed while its run goes on.

use std::sync::Arc;

use tokio::time::Instant;

use crate::core::{Core, Place};
use crate::current::Current;
use crate::outcome::{Interruption, Stop};
use crate::store::Renewed;

/// A renewal under way. Whatever becomes of it, the driver sees to the run afterwards.
struct Renewal {
    core: Arc<Core>,
    place: Place,
    current: Arc<Current>,
}

impl Drop for Renewal {
    fn drop(&mut self) {
        let now = Instant::now();
        self.current.control.renewal_is_over(now);
        self.core.watch(self.place, &mut self.core.entries[self.place].live(), now);
    }
}

/// Renews the lease of a run.
pub(crate) async fn renew(core: Arc<Core>, place: Place, current: Arc<Current>) {
    let renewal = Renewal { core, place, current };
    let (core, current) = (&renewal.core, &renewal.current);
    let asked = Instant::now();
    let answer = core.ask("renew a lease", |store| store.renew(&current.lease, core.settings.lease)).await;
    let now = Instant::now();
    let control = &current.control;
    match answer {
        Ok(Renewed::Extended) => control.renewed(asked, now),
        Ok(Renewed::CancelRequested) => {
            control.renewed(asked, now);
            control.stop(Stop::Interrupted(Interruption::Cancelled), now);
        }
        Ok(Renewed::Lost) => control.stop(Stop::Interrupted(Interruption::LeaseLost), now),
        Err(_) => {}
    }
}
