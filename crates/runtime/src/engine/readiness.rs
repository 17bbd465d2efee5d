//! Whether the runtime does what it is there for.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use crate::engine::core::{Core, JobIndex};
use crate::engine::entry::Live;
use crate::engine::request_error::RequestError;

/// By how much a look at a job may be late.
const LOOKED_AT: TimeDelta = TimeDelta::seconds(90);

/// How many questions to the store a claim takes at most, one after the other.
const QUESTIONS: u32 = 6;

/// Whether the runtime does what it is there for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Readiness {
    /// What is wrong. Nothing if all is well.
    pub problems: Vec<String>,
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
        problems.push(RequestError::ShuttingDown.to_string());
    }
    if let Some((since, error)) = core.store_trouble() {
        problems.push(format!("since {}: {error}", since.format("%FT%TZ")));
    }
    let now = core.time.now_at();
    problems.extend((0..core.entries.len()).filter_map(|index| problem(core, index, now)));
    Readiness { problems }
}

/// What is wrong with a job, if anything is: what should have happened to it did not, for so
/// long that it will not.
fn problem(core: &Core, index: JobIndex, (now, at): (DateTime<Utc>, Instant)) -> Option<String> {
    let (entry, name) = (&core.entries[index], core.spec(index).name());
    let settings = &core.settings;
    let live = entry.live();
    if entry.disabled.is_some() {
        return None;
    }
    let Live { plan: Some(plan), current, scheduled, claiming_since, .. } = &*live else {
        let why = live.unknown.as_ref().map_or_else(String::new, |error| format!(": {error}"));
        return Some(format!("{name} is not scheduled yet{why}"));
    };
    if let Some(error) = &live.unknown {
        return Some(format!("{name} is held up: {error}"));
    }
    if let Some(next) = scheduled.filter(|next| now - next > LOOKED_AT) {
        return Some(format!("{name} was due at {} and was not looked at", next.format("%FT%TZ")));
    }
    if let Some(current) = current {
        // It is told to stop, dropped where it waits, and recorded for as long as that may take.
        let recorded = settings.grace * 2 + core.lease(index) * 2 + settings.store_timeout * 2;
        let over = at.saturating_duration_since(current.guard.deadline() + recorded);
        let run_id = current.lease.run();
        return (!over.is_zero()).then(|| format!("{run_id} does not end: its body blocks a thread"));
    }
    if plan.is_busy() {
        let since = claiming_since.map_or(Duration::ZERO, |since| at.saturating_duration_since(since));
        let allowed = settings.store_timeout * QUESTIONS;
        let seconds = since.as_secs();
        return (since > allowed).then(|| format!("{name} has been asking for a lease for {seconds} s"));
    }
    scheduled.is_none().then(|| format!("{name} has no next run"))
}
