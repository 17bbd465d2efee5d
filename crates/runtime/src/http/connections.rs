//! The connections that are open, and which of them gives way to another.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::{AbortHandle, Id};
use tokio::time::Instant;

/// How long each connection may take before it gives way: time enough for a request that follows
/// its connection at once, as those of probes and scrapes do. Where hundreds say nothing and come
/// back when they are closed, whoever asks waits for this, times their number, divided by that of
/// the places.
const GRACE: Duration = Duration::from_millis(25);

/// The connections that are open.
#[derive(Debug, Default)]
pub(super) struct Connections {
    open: HashMap<Id, (AbortHandle, Activity)>,
    /// How many requests and connections there have been.
    latest: Arc<AtomicU64>,
}

/// What is known about a connection. Copies are the same one.
#[derive(Debug, Clone)]
pub(super) struct Activity {
    opened: Instant,
    latest: Arc<AtomicU64>,
    /// When it was opened, or the head of its last request had arrived: the number among all of
    /// that kind.
    last: Arc<AtomicU64>,
    is_answered: Arc<AtomicBool>,
}

/// A request that is being answered, until this is dropped.
#[derive(Debug)]
pub(super) struct Answering(Arc<AtomicBool>);

impl Connections {
    pub(super) fn number(&self) -> usize {
        self.open.len()
    }

    /// What is known about a connection that is opened now.
    pub(super) fn activity(&self) -> Activity {
        let last = self.latest.fetch_add(1, Ordering::Relaxed);
        let (last, is_answered) = (Arc::new(AtomicU64::new(last)), Arc::default());
        Activity { opened: Instant::now(), latest: self.latest.clone(), last, is_answered }
    }

    pub(super) fn opened(&mut self, task: AbortHandle, activity: Activity) {
        self.open.insert(task.id(), (task, activity));
    }

    pub(super) fn closed(&mut self, task: Id) {
        self.open.remove(&task);
    }

    /// Closes the connection that gives way first.
    pub(super) fn close_one(&mut self) {
        let first = self.first().map(|(id, _)| id);
        if let Some((task, _)) = first.and_then(|id| self.open.remove(&id)) {
            task.abort();
        }
    }

    /// When a connection may be closed for another.
    pub(super) fn may_close_at(&self) -> Option<Instant> {
        self.first().map(|(_, opened)| opened + GRACE)
    }

    /// The connection that gives way first, and when it was opened: that which has gone longest
    /// without the head of a request, among those that do not wait for us and have had their time.
    fn first(&self) -> Option<(Id, Instant)> {
        let now = Instant::now();
        let rank = |activity: &Activity| {
            let is_answered = activity.is_answered.load(Ordering::Relaxed);
            (is_answered, activity.opened + GRACE > now, activity.last.load(Ordering::Relaxed))
        };
        let first = self.open.iter().min_by_key(|(_, (_, activity))| rank(activity));
        first.map(|(id, (_, activity))| (*id, activity.opened))
    }
}

impl Activity {
    /// The head of a request has arrived.
    pub(super) fn answer(&self) -> Answering {
        self.last.store(self.latest.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        self.is_answered.store(true, Ordering::Relaxed);
        Answering(self.is_answered.clone())
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}
