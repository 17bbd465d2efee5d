//! One run of one job, in the foreground.

use std::time::Duration;

use jobwatch_runtime::store::RunRecord;
use jobwatch_runtime::{Report, RequestError, Settings as RuntimeSettings};
use prometheus::Registry;

use crate::database::DatabaseError;
use crate::peers::Peers;
use crate::service::{self, ServiceError};
use crate::settings::Settings;

/// The run could not be had.
#[derive(Debug, thiserror::Error)]
pub enum OnceError {
    /// The jobs cannot be run at all.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// This job cannot be run now.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The process was told to end.
    #[error("the process was told to end before the run did")]
    Ended,
}

/// Runs a job once, whatever its schedule says, under the same lease as any run: a service over the
/// same database does not run it at the same time. Meanwhile, tells again and again what the run
/// says that it has done so far.
///
/// # Errors
///
/// [`OnceError`] if there is no such job, it runs already, or the database cannot be used.
pub async fn run(
    settings: &Settings,
    job: &str,
    mut progress: impl FnMut(Option<Report>),
) -> Result<RunRecord, OnceError> {
    let database = crate::database::Database::connect(&settings.database).await?;
    // Nothing but what is asked for runs in this process.
    let behaviour =
        RuntimeSettings { start_delay: Duration::from_secs(366 * 86_400), ..RuntimeSettings::default() };
    let peers = Peers::new(settings, &database)?;
    let runtime = service::builder(settings, &database, &peers, &Registry::new(), behaviour).await?.build();
    let runtime = runtime.map_err(ServiceError::from)?;
    let handle = runtime.handle();
    let running = tokio::spawn(runtime.run());
    let poll = Duration::from_millis(50);
    while !handle.readiness().is_ready() && !running.is_finished() {
        tokio::time::sleep(poll).await;
    }
    let id = handle.trigger(job).await?;
    loop {
        let detail = handle.detail(job, 0).await?;
        progress(detail.status.progress);
        if let Some(record) = detail.history.into_iter().find(|record| record.id == id) {
            handle.shutdown();
            let _ = running.await;
            return Ok(record);
        }
        if running.is_finished() {
            return Err(OnceError::Ended);
        }
        tokio::time::sleep(poll).await;
    }
}
