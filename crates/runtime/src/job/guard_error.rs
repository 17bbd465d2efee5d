//! Why a run may not write.

use crate::job::error::BoxError;

/// A run may not write: see [`crate::RunContext::guard`]. The transaction is to be rolled back, as
/// it is when it is dropped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GuardError {
    /// Another run of the job has taken over.
    #[error("the lease is lost: another run of the job has taken over")]
    LeaseLost,
    /// The store does not answer, so that another run may have taken over.
    #[error("the store does not tell whether the lease still holds")]
    Unknown(#[source] BoxError),
    /// The database of the transaction does not answer.
    #[error("the database cannot remember the run")]
    Database(#[source] BoxError),
}
