//! Tables of a database, and the versions of the program that use them.

use std::fmt;
use std::future::Future;

use super::StoreError;
use crate::log::log;

/// Whether this program, which knows tables of one version, goes on with those of a later one. That
/// one has said which is the oldest version whose programs may: what it added is then in nobody's
/// way, so that an update can be taken back while it is under way.
///
/// # Errors
///
/// [`StoreError::later`] if it may not.
pub(super) fn go_on<V: PartialOrd + Copy + fmt::Display>(
    version: V,
    oldest: Option<V>,
    known: V,
) -> Result<(), StoreError> {
    if oldest.is_none_or(|oldest| oldest > known) {
        return Err(StoreError::later(version, known));
    }
    log!(info, %version, %known, "the tables are of a later version, and this program goes on with them");
    Ok(())
}

/// Says that tables were not there.
pub(super) fn missed(tables: &str) {
    log!(error, tables, "tables were missing and are created anew; what they kept is lost");
}

/// Asks for something, and once more if tables had to be created for it that somebody had dropped.
/// If a later version has changed them, that is said.
///
/// # Errors
///
/// [`StoreError`] with what was to be done, if the database does not answer.
pub(super) async fn ask<T, A, M>(
    action: &'static str,
    question: impl Fn() -> A,
    lacks_something: fn(&sqlx::Error) -> bool,
    migrate: impl FnOnce() -> M,
) -> Result<T, StoreError>
where
    A: Future<Output = Result<T, sqlx::Error>>,
    M: Future<Output = Result<(), StoreError>>,
{
    match question().await {
        Err(error) if lacks_something(&error) => {
            migrate().await?;
            question().await.map_err(StoreError::to(action))
        }
        answer => answer.map_err(StoreError::to(action)),
    }
}
