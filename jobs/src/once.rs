//! One run of one job, in the foreground.

use std::time::Duration;

use jobwatch_runtime::store::RunRecord;
use jobwatch_runtime::{Handle, JobDetail, Report, Request, RequestError, RunId};
use jobwatch_runtime::{Settings as RuntimeSettings, shutdown_signal};
use prometheus::Registry;
use tokio::time::Instant;

use crate::database::{Database, DatabaseError};
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
    /// The lease ran out while the database was away, and the run was stopped.
    #[error("{0} lost its lease while the database was away, and was stopped; run it again")]
    Lost(RunId),
}

/// How often the run is looked at, and the longest wait while the database does not tell.
const POLLS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// How long a run that nobody holds any more may still be recorded.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs a job once, whatever its schedule says, under the same lease as any run: a service over the
/// same database does not run it at the same time. Meanwhile, tells again and again what the run
/// says that it has done so far. A database that goes away meanwhile is waited for.
///
/// SIGTERM or Ctrl-C cancels the run, which gives its lease back; once more, they end the wait for
/// that.
///
/// # Errors
///
/// [`OnceError`] if there is no such job, it runs already, or the database cannot be used at the
/// start.
pub async fn run(
    settings: &Settings,
    job: &str,
    progress: impl FnMut(Option<Report>),
) -> Result<RunRecord, OnceError> {
    let database = Database::connect_with(&settings.database, settings.database_connections).await?;
    let behaviour = RuntimeSettings { only_on_request: true, ..RuntimeSettings::default() };
    let peers = Peers::new(settings, &database)?;
    let runtime = service::builder(settings, &database, &peers, &Registry::new(), behaviour).await?.build();
    let runtime = runtime.map_err(ServiceError::from)?;
    let handle = runtime.handle();
    let running = tokio::spawn(runtime.run_until(std::future::pending()));
    let watched = tokio::spawn(async move { database.watch().await });
    let ended = watch(&handle, job, progress).await;
    watched.abort();
    match ended {
        // Leases that cannot be given back run out.
        Err(OnceError::Ended) => handle.abort(),
        _ => handle.shutdown(),
    }
    let _ = running.await;
    ended
}

/// Has a job run, and watches it to its end.
async fn watch(
    handle: &Handle,
    job: &str,
    mut progress: impl FnMut(Option<Report>),
) -> Result<RunRecord, OnceError> {
    let mut told = Box::pin(shutdown_signal());
    let mut cancelled = false;
    let mut wait = POLLS.0;
    // Should the answer be lost, the same key means the same run.
    let key = Some(uuid::Uuid::new_v4().to_string());
    let mut run = None;
    let mut missing_since: Option<Instant> = None;
    loop {
        match look(handle, job, &key, &mut run).await {
            Ok(None) => wait = POLLS.0,
            Ok(Some(detail)) => {
                wait = POLLS.0;
                progress(detail.status.progress);
                let of_run = |id: &RunId| Some(id) == run.as_ref();
                let is_held = detail.status.state.running.is_some_and(|lease| of_run(&lease.run()));
                if let Some(record) = detail.history.into_iter().find(|record| of_run(&record.id)) {
                    return Ok(record);
                }
                let since = *missing_since.get_or_insert_with(Instant::now);
                if is_held {
                    missing_since = None;
                } else if let Some(run) = run.clone().filter(|_| since.elapsed() > PATIENCE) {
                    return Err(OnceError::Lost(run));
                }
            }
            Err(RequestError::Store(error)) => {
                wait = (wait * 2).min(POLLS.1);
                tracing::warn!(%error, wait_seconds = wait.as_secs_f64(), "the database does not tell; it is asked again");
            }
            Err(error) => return Err(error.into()),
        }
        tokio::select! {
            signal = &mut told => {
                if cancelled || run.is_none() {
                    return Err(OnceError::Ended);
                }
                tracing::warn!(signal, "the run is cancelled; another signal leaves at once");
                cancelled = true;
                told = Box::pin(shutdown_signal());
                // One that has ended by itself needs no cancelling.
                let _ = handle.cancel(job).await;
            }
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Has the job run if it does not yet, and answers what is known about it after that. Nothing while
/// nothing can run.
async fn look(
    handle: &Handle,
    job: &str,
    key: &Option<String>,
    run: &mut Option<RunId>,
) -> Result<Option<JobDetail>, RequestError> {
    if run.is_none() {
        if !handle.readiness().is_ready() {
            return Ok(None);
        }
        let request = Request { idempotency_key: key.clone(), ..Request::default() };
        *run = Some(handle.trigger_with(job, request).await?);
    }
    handle.detail(job, 0).await.map(Some)
}
