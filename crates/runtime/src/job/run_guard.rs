//! The reins of one run: what it is told to stop for, until when its lease may be trusted, and what
//! has to be seen to when.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::job::outcome::{Interruption, Report, Stop};

/// What a run is held to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// How long it may take.
    pub(crate) timeout: Duration,
    /// How long a lease lasts that is not renewed.
    pub(crate) lease: Duration,
    /// How long a body that was told to stop may go on.
    pub(crate) grace: Duration,
}

/// The reins of one run.
#[derive(Debug)]
pub(crate) struct RunGuard {
    /// For whoever waits until the run has to stop: most bodies do not.
    token: OnceLock<CancellationToken>,
    limits: Limits,
    started: Instant,
    state: Mutex<State>,
    /// What the body says that it has done so far.
    progress: Mutex<Option<Report>>,
}

#[derive(Debug)]
struct State {
    stop: Option<Stop>,
    /// When the body is dropped.
    drop_at: Option<Instant>,
    dropped: bool,
    /// Whether it has been said that the body does not let itself be dropped.
    complained: bool,
    renew_at: Instant,
    renewing: bool,
    /// Until when nobody else can have taken over.
    trusted_until: Instant,
    /// Since when nothing may happen before the lease is renewed, if so.
    suspended: Option<Instant>,
    waker: Option<Waker>,
}

/// What has to be done about a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Watch {
    /// Its lease has to be renewed; [`RunGuard::renewed`] wants to hear of it, and
    /// [`RunGuard::renewal_is_over`] in any case.
    pub(crate) renew: bool,
    /// It was told to stop just now.
    pub(crate) stopped: Option<Stop>,
    /// It was to be dropped, and still goes on: its body blocks the thread.
    pub(crate) stuck: bool,
    /// When to look again.
    pub(crate) next: Instant,
}

impl RunGuard {
    /// The reins of a run whose lease was asked for at a moment. What counts is when it was asked
    /// for, not when it was granted: the lease cannot have begun earlier.
    pub(crate) fn new(limits: Limits, asked: Instant) -> Self {
        let state = State {
            stop: None,
            drop_at: None,
            dropped: false,
            complained: false,
            renew_at: asked + limits.lease / 3,
            renewing: false,
            trusted_until: asked + trust(limits.lease),
            suspended: None,
            waker: None,
        };
        let (token, progress) = (OnceLock::new(), Mutex::default());
        Self { token, limits, started: asked, state: Mutex::new(state), progress }
    }

    /// What is cancelled when the run has to stop.
    pub(crate) fn token(&self) -> &CancellationToken {
        let token = self.token.get_or_init(CancellationToken::new);
        // Whoever tells the run to stop looks for a token afterwards, so that one of the two sees
        // the other.
        if self.stopped().is_some() {
            token.cancel();
        }
        token
    }

    fn cancel(&self) {
        if let Some(token) = self.token.get() {
            token.cancel();
        }
    }

    /// What the body has said last about what it has done so far.
    pub(crate) fn progress(&self) -> Option<Report> {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of what the body has done so far.
    pub(crate) fn note_progress(&self, so_far: Report) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = Some(so_far);
    }

    /// When the run has taken as long as it may.
    pub(crate) fn deadline(&self) -> Instant {
        self.started + self.limits.timeout
    }

    /// What the run was told to stop for, if it was.
    pub(crate) fn stopped(&self) -> Option<Stop> {
        self.state().stop
    }

    /// Tells the run to stop. What it was told first holds, but for the loss of its lease.
    pub(crate) fn stop(&self, stop: Stop, now: Instant) {
        self.state().stop(stop, self.limits.grace, now);
        self.cancel();
    }

    /// Tells the run to stop, and has its body dropped where it waits.
    pub(crate) fn stop_at_once(&self, stop: Stop, now: Instant) {
        self.stop(stop, now);
        let mut state = self.state();
        state.dropped = true;
        state.wake();
    }

    /// When a watch is due that begins with the run.
    pub(crate) fn first_watch(limits: Limits, asked: Instant) -> Instant {
        asked + (limits.lease / 3).min(limits.timeout)
    }

    /// Sees to the run.
    pub(crate) fn watch(&self, now: Instant) -> Watch {
        let mut state = self.state();
        let before = state.stop;
        if now >= state.trusted_until {
            state.stop(Stop::Interrupted(Interruption::LeaseLost), self.limits.grace, now);
        } else if now >= self.deadline() {
            state.stop(Stop::TimedOut(self.limits.timeout), self.limits.grace, now);
        }
        if state.drop_at.is_some_and(|at| now >= at) && !state.dropped {
            state.dropped = true;
            state.wake();
        }
        let stuck = state.drop_at.is_some_and(|at| now >= at + self.limits.grace) && !state.complained;
        state.complained |= stuck;
        let lost = state.stop == Some(Stop::Interrupted(Interruption::LeaseLost));
        let renew = !lost && !state.renewing && now >= state.renew_at;
        state.renewing |= renew;
        let next = state.next(self.deadline(), self.limits, now, lost);
        let stopped = state.stop.filter(|_| state.stop != before);
        drop(state);
        if stopped.is_some() {
            self.cancel();
        }
        Watch { renew, stopped, stuck, next }
    }

    /// Takes note of a lease that was renewed, as asked for at a moment.
    pub(crate) fn renewed(&self, asked: Instant, now: Instant) {
        let mut state = self.state();
        state.renewing = false;
        state.trusted_until = asked + trust(self.limits.lease);
        state.renew_at = asked + self.limits.lease / 3;
        if state.suspended.is_some_and(|since| asked < since) {
            // It was asked for before the machine slept, and may have run out since.
            state.renew_at = now;
            return;
        }
        state.suspended = None;
        state.wake();
    }

    /// Takes note that nobody is renewing the lease any more. If it was not renewed, it is tried
    /// again soon, for as long as the lease may be trusted.
    pub(crate) fn renewal_is_over(&self, now: Instant) {
        let mut state = self.state();
        if state.renewing {
            state.renewing = false;
            state.renew_at = now + self.limits.lease / 20;
        }
    }

    /// Lets nothing more happen before the lease is renewed: the machine may have slept past its
    /// end.
    pub(crate) fn distrust(&self, now: Instant) {
        let mut state = self.state();
        state.renew_at = now;
        state.suspended = Some(now);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change is a few assignments, so that a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the body may go on now. If not, the task is woken when that changes.
    pub(super) fn may_go_on(&self, cx: &Context<'_>, now: Instant) -> MayGoOn {
        let mut state = self.state();
        if state.dropped {
            return MayGoOn::Never;
        }
        if state.suspended.is_none() && now < state.trusted_until {
            return MayGoOn::Now;
        }
        state.waker = Some(cx.waker().clone());
        MayGoOn::NotYet
    }

    /// Has the task woken when the body is to be dropped. True if that is already so.
    pub(super) fn wake_when_dropped(&self, cx: &Context<'_>) -> bool {
        let mut state = self.state();
        if !state.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            state.waker = Some(cx.waker().clone());
        }
        state.dropped
    }
}

/// Whether a body may go on.
pub(super) enum MayGoOn {
    /// It may.
    Now,
    /// Not before the task is woken.
    NotYet,
    /// It is to be dropped.
    Never,
}

impl State {
    fn stop(&mut self, stop: Stop, grace: Duration, now: Instant) {
        let lost = stop == Stop::Interrupted(Interruption::LeaseLost);
        if self.stop.is_some() && !lost {
            return;
        }
        self.stop = Some(stop);
        if lost {
            // Another replica may be at work: there is no time for farewells.
            self.drop_at = Some(now);
            self.dropped = true;
            self.wake();
        } else {
            self.drop_at = Some(now + grace);
        }
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn next(&self, deadline: Instant, limits: Limits, now: Instant, lost: bool) -> Instant {
        // A run that has been complained about is looked at again for its lease's sake alone.
        let mut next = now + limits.lease;
        let mut also = |at: Instant| {
            if at > now {
                next = next.min(at);
            }
        };
        if self.stop.is_none() {
            also(deadline);
        }
        if !lost {
            also(self.renew_at);
            also(self.trusted_until);
        }
        if let Some(at) = self.drop_at.filter(|_| !self.complained) {
            also(at);
            also(at + limits.grace);
        }
        next
    }
}

/// For how long a lease of a length may be trusted: not to its end, because clocks do not go at the
/// same pace.
fn trust(lease: Duration) -> Duration {
    lease * 9 / 10
}
