//! Ranks clips by votes and age.
//!
//! The hot score of a clip with v votes is sign(v) · log10(max(|v|, 1)) − age in hours / 12.5. Age
//! makes every score fall alike, so that the order of two clips does not change while nobody votes.
//! What is stored is the part that does not depend on the time: the clip's creation, counted from
//! 2020, takes the place of its age. It orders clips as the score does at any moment, and a clip
//! whose votes have not changed stays unwritten.
//!
//! A run needs no guard: whenever a write arrives, it computes what the votes of that moment make
//! of a clip, so that one that comes late writes what any later run would.

use jobwatch_runtime::{Job, JobError, Report, RunContext};

use crate::changes::{Derived, Late};
use crate::database::{Database, Dialect};

/// The job, over pages of a size.
pub(crate) fn job(database: Database, page_size: u32) -> Job {
    type State = (Database, u32);
    Job::with((database, page_size), async |(database, size): State, run: RunContext| {
        refresh(&database, size, &run).await
    })
}

/// Writes the rank of every visible clip whose votes have changed, in pages of a size.
///
/// # Errors
///
/// What the database says. Pages that are done stay done.
pub async fn refresh(database: &Database, page_size: u32, run: &RunContext) -> Result<Report, JobError> {
    let rank = match database.dialect() {
        Dialect::Sqlite => include_str!("rank.sqlite.sql"),
        Dialect::Postgres => include_str!("rank.postgres.sql"),
    };
    let ranks = Derived {
        table: "clips",
        rows: "NOT is_removed AND NOT is_hidden",
        changed: format!("hot_rank IS DISTINCT FROM {rank}"),
        set: format!("hot_rank = {rank}"),
        values: Vec::new(),
        what: "write hot ranks",
        late: Late::Harmless,
    };
    ranks.refresh(database, page_size, run).await
}
