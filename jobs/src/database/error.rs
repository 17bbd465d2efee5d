//! Why the database cannot be used.

use std::path::PathBuf;

use jobwatch_runtime::store::StoreError;

use super::{pooler, trouble};

/// The database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// It cannot be reached, or refuses what it is asked for.
    #[error("the database cannot be used: {0}{hint}", hint = next_step(.0))]
    Sql(#[from] sqlx::Error),
    /// The file cannot be opened.
    #[error(
        "the database {file} cannot be opened: {source}; its folder has to be there, and this user has to be allowed to \
         write to both",
        file = .file.display()
    )]
    File {
        /// The file of SQLite.
        file: PathBuf,
        /// What SQLite says.
        source: sqlx::Error,
    },
    /// A later version of the service has written it.
    #[error("the tables are of version {found}, and this service knows {known}: update it")]
    Later {
        /// The version that the database has.
        found: i64,
        /// The version that this service has.
        known: i64,
    },
    /// What the runtime keeps cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What to do about an error whose own text does not say.
fn next_step(error: &sqlx::Error) -> &'static str {
    if pooler::is_forgetful(error) {
        ". A pooler before PostgreSQL has ceased to take prepared statements along. A process that starts now does \
         without them: restart this one"
    } else {
        ""
    }
}

impl DatabaseError {
    /// Whether it may pass while one waits.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Sql(_) | Self::File { .. } => true,
            Self::Later { .. } => false,
            Self::Store(error) => !error.is_of_later_version(),
        }
    }

    /// What kind of error it is, in words that anybody may read: what the database says may hold
    /// more than they should know.
    pub(crate) fn public(&self) -> String {
        match self {
            Self::Sql(error) => trouble::public(error),
            Self::File { .. } => "its file cannot be opened".to_owned(),
            Self::Later { .. } => self.to_string(),
            Self::Store(_) => "the tables of the runtime cannot be used".to_owned(),
        }
    }
}
