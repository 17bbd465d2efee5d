//! Ranks clips by engagement for each hour of age.
//!
//! Engagement is views + 2 · votes + 3 · comments + 2 · favourites; the trending score is
//! engagement / max(age in hours, 1).
//!
//! A page is written under the run's guard, at its end: a run that was held up would write scores
//! of a moment that has passed over those of the run that followed it, and young clips would stand
//! too high until the next one. A page in which nothing has changed needs no guard.

use chrono::{DateTime, Utc};
use jobwatch_runtime::{Job, JobError, Report, RunContext};

use crate::changes::{Derived, Late};
use crate::database::{Database, Dialect};

/// The part of itself by which a score has to change before it is written, while the engagement
/// stays the same: one in a hundred. A clip of a week changes by less within an hour; it would be
/// written each hour of its life, and its place would stay the same.
pub const EPSILON: f64 = 0.01;

/// The job, over pages of a size.
pub(crate) fn job(database: Database, page_size: u32) -> Job {
    type State = (Database, u32);
    Job::with((database, page_size), async |(database, size): State, run: RunContext| {
        refresh(&database, size, Utc::now(), &run).await
    })
}

/// Writes the score of every visible clip whose score has changed, as of a moment, in pages of a
/// size.
///
/// # Errors
///
/// What the database says. Pages that are done stay done.
pub async fn refresh(
    database: &Database,
    page_size: u32,
    now: DateTime<Utc>,
    run: &RunContext,
) -> Result<Report, JobError> {
    let hours = hours(database.dialect());
    let scores = Derived {
        table: "clips",
        rows: "NOT is_removed AND NOT is_hidden",
        changed: format!(include_str!("changed.sql"), hours = hours),
        set: format!(include_str!("set.sql"), hours = hours),
        values: vec![now.into(), EPSILON.into()],
        what: "write trending scores",
        late: Late::Refused,
    };
    scores.refresh(database, page_size, run).await
}

/// How many hours a clip has been there at `$1`, one at least.
fn hours(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "max(($1 - created_at) / 3600000.0, 1)",
        // A subtraction, which takes less time than `date_part` of an interval.
        Dialect::Postgres => "greatest(tstzrange_subdiff($1, created_at) / 3600, 1)",
    }
}
