//! A body on the reins of its run.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::Instant;

use crate::job::error::JobError;
use crate::job::outcome::{Ended, Report};
use crate::job::run_guard::{MayGoOn, RunGuard};
use crate::panics::caught;

/// Runs a body to its end, whatever that is: a panic ends it, and so does a guard that wants it
/// dropped. The body does not go on while its lease may not be trusted.
pub(crate) struct GuardedBody<'c, F> {
    pub(crate) guard: &'c RunGuard,
    /// Whether the wall clock says that the machine slept, or was stepped, which nobody has seen to
    /// yet.
    pub(crate) slept: &'c (dyn Fn(Instant) -> bool + Sync),
    /// The moment at which that was last seen not to be so, if it is now: a body that is polled
    /// for the first time has just been granted its lease.
    pub(crate) seen: Option<Instant>,
    /// Nothing once it has ended.
    pub(crate) body: Pin<&'c mut Option<F>>,
}

impl<F> Future for GuardedBody<'_, F>
where
    F: Future<Output = Result<Report, JobError>>,
{
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended> {
        let now = self.seen.take().unwrap_or_else(|| {
            let now = Instant::now();
            if (self.slept)(now) {
                // Time stood still for the lease's window of trust, and not for the store.
                self.guard.distrust(now);
            }
            now
        });
        match self.guard.may_go_on(cx, now) {
            MayGoOn::Now => {}
            MayGoOn::NotYet => return Poll::Pending,
            MayGoOn::Never => return Poll::Ready(self.drop_body()),
        }
        let Some(body) = self.body.as_mut().as_pin_mut() else { return Poll::Ready(Ended::Dropped) };
        let ended = match caught(|| body.poll(cx)) {
            Ok(Poll::Ready(result)) => Ended::Returned(result),
            Err(panic) => Ended::Panicked(panic),
            Ok(Poll::Pending) if self.guard.wake_when_dropped(cx) => Ended::Dropped,
            Ok(Poll::Pending) => return Poll::Pending,
        };
        match self.drop_body() {
            Ended::Panicked(message) => Poll::Ready(Ended::Panicked(message)),
            _ => Poll::Ready(ended),
        }
    }
}

impl<F> GuardedBody<'_, F> {
    /// Drops the body, which may panic, too.
    fn drop_body(&mut self) -> Ended {
        match caught(|| self.body.set(None)) {
            Ok(()) => Ended::Dropped,
            Err(panic) => Ended::Panicked(panic),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use std::time::Duration;

    use super::*;
    use crate::job::outcome::{Interruption, Stop};
    use crate::job::run_guard::Limits;

    const SECOND: Duration = Duration::from_secs(1);

    /// A body that counts its steps, one each second, under a lease of thirty seconds that nobody
    /// renews by itself.
    fn counting() -> (Arc<RunGuard>, Arc<AtomicU32>, tokio::task::JoinHandle<Ended>) {
        let limits = Limits { timeout: 3_600 * SECOND, lease: 30 * SECOND, grace: 5 * SECOND };
        let guard = Arc::new(RunGuard::new(limits, Instant::now()));
        let steps = Arc::new(AtomicU32::new(0));
        let (reins, counter) = (guard.clone(), steps.clone());
        let running = tokio::spawn(async move {
            let body = async move {
                loop {
                    tokio::time::sleep(SECOND).await;
                    counter.fetch_add(1, Ordering::Relaxed);
                }
            };
            GuardedBody { guard: &reins, slept: &|_| false, seen: None, body: std::pin::pin!(Some(body)) }
                .await
        });
        (guard, steps, running)
    }

    async fn steps_within(steps: &AtomicU32, seconds: u32) -> u32 {
        let before = steps.load(Ordering::Relaxed);
        tokio::time::sleep(SECOND * seconds + SECOND / 2).await;
        steps.load(Ordering::Relaxed) - before
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_does_not_go_on_when_its_lease_may_have_run_out_and_does_when_it_is_renewed() {
        let (guard, steps, running) = counting();
        // As if the process had been frozen: nobody has seen to the run.
        assert_eq!(steps_within(&steps, 60).await, 26);
        guard.renewed(Instant::now(), Instant::now());
        assert!(steps_within(&steps, 60).await >= 26);
        assert!(!running.is_finished());
        guard.watch(Instant::now());
        assert_eq!(running.await.unwrap(), Ended::Dropped);
        assert_eq!(guard.stopped(), Some(Stop::Interrupted(Interruption::LeaseLost)));
    }

    #[test]
    fn who_waits_hears_of_a_stop_whether_it_began_to_before_or_after() {
        let limits = Limits { timeout: 60 * SECOND, lease: 30 * SECOND, grace: 5 * SECOND };
        let (now, stop) = (Instant::now(), Stop::Interrupted(Interruption::Cancelled));
        let (before, after) = (RunGuard::new(limits, now), RunGuard::new(limits, now));
        let token = before.token().clone();
        assert!(!token.is_cancelled());
        before.stop(stop, now);
        after.stop(stop, now);
        assert!(token.is_cancelled() && after.token().is_cancelled());
        let late = RunGuard::new(limits, now);
        let token = late.token().clone();
        late.watch(now + 60 * SECOND);
        assert!(token.is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_whose_machine_slept_waits_for_its_lease() {
        let (guard, steps, _running) = counting();
        assert_eq!(steps_within(&steps, 3).await, 3);
        guard.distrust(Instant::now());
        assert!(guard.watch(Instant::now()).renew, "the lease is renewed at once");
        assert_eq!(steps_within(&steps, 10).await, 0);
        let before = Instant::now() - 11 * SECOND;
        guard.renewed(before, Instant::now());
        assert_eq!(steps_within(&steps, 3).await, 0, "an answer from before the sleep says nothing");
        assert!(guard.watch(Instant::now()).renew, "and the lease is renewed once more");
        guard.renewed(Instant::now(), Instant::now());
        assert!(steps_within(&steps, 10).await >= 9);
    }
}
