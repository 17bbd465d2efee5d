//! Whether the runtime does what it is there for.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use crate::engine::core::{Core, JobIndex};
use crate::engine::entry::Live;
use crate::engine::request_error::RequestError;
use crate::store::StoreError;

/// By how much a look at a job may be late.
const LOOKED_AT: TimeDelta = TimeDelta::seconds(90);

/// How many questions to the store a claim takes at most, one after the other.
const QUESTIONS: u32 = 6;

/// Whether the runtime does what it is there for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Readiness {
    /// What is wrong. Nothing if all is well.
    pub problems: Vec<ReadinessProblem>,
}

/// Something that keeps the runtime from doing what it is there for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadinessProblem {
    /// Which part is in trouble, and since when. Anybody may read that, as `/readyz` is asked
    /// without a token.
    pub public: String,
    /// The same with the reason, such as what a database says about a file, a host or a user: for
    /// a log, and for whoever operates the service.
    pub private: String,
}

impl ReadinessProblem {
    fn plain(what: String) -> Self {
        Self { public: what.clone(), private: what }
    }

    /// Something that the store cannot do. What it says about that is not for everybody, but for
    /// what we say of a row that is locked.
    fn of_store(what: &str, error: &StoreError) -> Self {
        let private = format!("{what}: {error}");
        if error.is_busy() {
            return Self::plain(private);
        }
        Self { public: format!("{what}: the store cannot {}", error.action), private }
    }
}

impl Readiness {
    /// Whether all is well.
    pub fn is_ready(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Asks whether every job has a next run or a reason why not, and the store answers.
pub(crate) fn readiness(core: &Core) -> Readiness {
    let mut problems = Vec::new();
    if core.stop.is_raised() {
        problems.push(ReadinessProblem::plain(RequestError::ShuttingDown.to_string()));
    }
    if let Some((since, error)) = core.store_trouble() {
        let since = format!("since {}", since.format("%FT%TZ"));
        problems.push(ReadinessProblem::of_store(&since, &error));
    }
    let now = core.time.now_at();
    problems.extend((0..core.entries.len()).filter_map(|index| problem(core, index, now)));
    Readiness { problems }
}

/// What is wrong with a job, if anything is: what should have happened to it did not, for so
/// long that it will not.
fn problem(core: &Core, index: JobIndex, (now, at): (DateTime<Utc>, Instant)) -> Option<ReadinessProblem> {
    let (entry, name) = (&core.entries[index], core.spec(index).name());
    let settings = &core.settings;
    let live = entry.live();
    if entry.disabled.is_some() {
        return None;
    }
    let Live { plan: Some(plan), current, scheduled, claiming_since, .. } = &*live else {
        let what = format!("{name} is not scheduled yet");
        return Some(match &live.held_up {
            Some(error) => ReadinessProblem::of_store(&what, error),
            None => ReadinessProblem::plain(what),
        });
    };
    if let Some(error) = &live.held_up {
        return Some(ReadinessProblem::of_store(&format!("{name} is held up"), error));
    }
    if let Some(next) = scheduled.filter(|next| now - next > LOOKED_AT) {
        let what = format!("{name} was due at {} and was not looked at", next.format("%FT%TZ"));
        return Some(ReadinessProblem::plain(what));
    }
    if let Some(current) = current {
        // It is told to stop, dropped where it waits, and recorded for as long as that may take.
        let recorded = settings.grace * 2 + core.lease(index) * 2 + settings.store_timeout * 2;
        let over = at.saturating_duration_since(current.guard.deadline() + recorded);
        let run_id = current.lease.run();
        let what = || ReadinessProblem::plain(format!("{run_id} does not end: its body blocks a thread"));
        return (!over.is_zero()).then(what);
    }
    if plan.is_busy() {
        let since = claiming_since.map_or(Duration::ZERO, |since| at.saturating_duration_since(since));
        let allowed = settings.store_timeout * QUESTIONS;
        let seconds = since.as_secs();
        let what = || ReadinessProblem::plain(format!("{name} has been asking for a lease for {seconds} s"));
        return (since > allowed).then(what);
    }
    scheduled.is_none().then(|| ReadinessProblem::plain(format!("{name} has no next run")))
}
