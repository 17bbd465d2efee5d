//! Why the demo cannot start.

use std::io;
use std::path::PathBuf;

use super::empty::NotEmpty;
use clipper_jobs::database::DatabaseError;
use clipper_jobs::service::ServiceError;
use clipper_jobs::settings::SettingsError;

/// The demo cannot start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A job cannot fail in two ways at once.
    #[error("`{0}` is to fail in more than one way; give --fail once for each job")]
    Twice(String),
    /// The folder of the demo cannot be made.
    #[error("cannot make a folder in {folder}: {source}; set TMPDIR to one that can be written to")]
    Folder {
        /// Where temporary folders are.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The port cannot be listened on.
    #[error(
        "cannot listen on {address}: {source}; choose another port, as --port 8081, or --port 0 for any that is free"
    )]
    Listen {
        /// The address and the port.
        address: String,
        /// What the system says.
        source: io::Error,
    },
    /// The servers that stand in for others cannot be started.
    #[error("the demo's servers cannot be started: {0}")]
    World(#[source] io::Error),
    /// A setting cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The database holds something.
    #[error(transparent)]
    NotEmpty(#[from] NotEmpty),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The database cannot be filled.
    #[error("the database cannot be filled: {0}")]
    Fill(#[from] sqlx::Error),
    /// The service cannot be put together.
    #[error(transparent)]
    Service(#[from] ServiceError),
}
