//! Tables of a database, and the versions of the program that use them.

use std::fmt;
use std::future::Future;

use super::StoreError;
use super::silent::silent;
use crate::log::log;

/// What a program found that looked after its tables.
pub(super) enum Tables<V> {
    /// Those of its version are there.
    Current,
    /// These were missing, and are created anew.
    Missed(String),
    /// They are of a later version, which says which is the oldest version whose programs may go
    /// on with them.
    Later { version: V, oldest: Option<V> },
}

impl<V: PartialOrd + Copy + fmt::Display> Tables<V> {
    /// Tells what is worth telling. A program, which knows tables of one version, goes on with
    /// those of a later one if that says that it may: what was added is then in nobody's way, so
    /// that an update can be taken back while it is under way.
    ///
    /// # Errors
    ///
    /// [`StoreError::later`] if it may not.
    pub(super) fn tell(self, known: V) -> Result<(), StoreError> {
        match self {
            Self::Current => {}
            Self::Missed(tables) => {
                let tables = tables.as_str();
                log!(error, tables, "tables were missing and are created anew; what they kept is lost");
            }
            Self::Later { version, oldest } => {
                if oldest.is_none_or(|oldest| oldest > known) {
                    return Err(StoreError::later(version, known));
                }
                log!(info, %version, %known, "the tables are of a later version, and this program goes on with them");
            }
        }
        Ok(())
    }
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
    match silent(question()).await {
        Err(error) if lacks_something(&error) => {
            migrate().await?;
            silent(question()).await.map_err(StoreError::to(action))
        }
        answer => answer.map_err(StoreError::to(action)),
    }
}
