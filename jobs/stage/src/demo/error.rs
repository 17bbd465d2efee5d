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
    /// A command is not installed.
    #[error(
        "--prometheus needs `{0}`, which is in no folder of PATH: install Prometheus and Alertmanager (on Debian and \
         Ubuntu, apt-get install --no-install-recommends prometheus prometheus-alertmanager), or leave it out"
    )]
    Missing(&'static str),
    /// Prometheus or Alertmanager cannot be started.
    #[error("Prometheus and Alertmanager cannot be started: {0}; leave --prometheus out to do without")]
    Watchers(#[source] io::Error),
    /// The rules cannot be made.
    #[error("the rules of the demo cannot be made: {0}")]
    Rules(String),
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
