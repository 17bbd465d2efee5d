//! The clips' embeddings in OpenSearch, for the site's similarity search. Optional: the database
//! has them, too, and knows which are not indexed yet, so that a search that was away gets them
//! later.

mod client;
mod clips;

use jobwatch_runtime::{JobError, RunContext};

use crate::database::Database;
use client::Indexed;
pub use client::{OpenSearch, SearchService};

/// How many clips are indexed with one request.
const BATCH: u32 = 100;

/// Indexes the embeddings of a model that are not indexed yet. Answers how many were. What
/// OpenSearch refuses is tried again with the next run; a search that is away fails no run.
///
/// # Errors
///
/// What the database says, or [`JobError::Cancelled`].
pub async fn index_new(
    database: &Database,
    search: &OpenSearch,
    model: &str,
    run: &RunContext,
) -> Result<u64, JobError> {
    let mut indexed = 0;
    let mut after = 0;
    loop {
        if run.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        let clips = clips::not_indexed(database, model, after, BATCH).await?;
        let Some(last) = clips.last() else { return Ok(indexed) };
        after = last.id;
        let answered = match search.need_index().await {
            Ok(()) => search.index(&clips).await,
            Err(problem) => Err(problem),
        };
        match answered {
            Ok(Indexed { refused, closed }) => {
                // What one index takes not now is no fault of each clip.
                if closed.is_none() {
                    for (id, reason) in &refused {
                        tracing::warn!(clip = id, reason, "indexing a clip failed");
                    }
                }
                let done: Vec<_> =
                    clips.iter().filter(|clip| refused.iter().all(|(id, _)| *id != clip.id)).collect();
                clips::indexed(database, model, &done).await?;
                indexed += done.len() as u64;
                if let Some(problem) = closed {
                    tracing::warn!(problem, "the index takes nothing; the next run goes on with it");
                    return Ok(indexed);
                }
            }
            Err(problem) => {
                tracing::warn!(%problem, "indexing failed; the next run goes on with it");
                return Ok(indexed);
            }
        }
    }
}
