//! The jobs on their runtime, as a service.

use axum::Router;
use jobwatch_runtime::http::{admin, observe_with};
use jobwatch_runtime::{BuildError, Handle, ShutdownReport, register_process_start, shutdown_signal};
use prometheus::Registry;

pub use crate::front::listen;
use crate::front::{Front, root};
pub use crate::jobs::{builder, catalogue};
use crate::peers::Peers;
use crate::retention;
pub use crate::service_error::ServiceError;
use crate::settings::Settings;
use crate::start::start;
use crate::waiting::Waiting;

/// A registry of a process, which tells when that started.
///
/// # Errors
///
/// Never: nothing is registered before.
pub fn registry() -> Result<Registry, ServiceError> {
    let registry = Registry::new();
    register_process_start(&registry).map_err(BuildError::from)?;
    Ok(registry)
}

/// Everything that the service has over HTTP.
pub fn router(settings: &Settings, handle: Handle, peers: &Peers, registry: &Registry) -> Router {
    let peers = peers.clone();
    let observed = observe_with(handle.clone(), registry, move || peers.troubles());
    observed.merge(admin(handle, settings.admin_tokens.clone())).merge(root())
}

/// Runs the service until SIGTERM or Ctrl-C. It listens before it has a database, so that whoever
/// asks learns what it waits for.
///
/// # Errors
///
/// [`ServiceError`] if it cannot start.
pub async fn serve(settings: &Settings) -> Result<ShutdownReport, ServiceError> {
    let mut shutdown_signal = Box::pin(shutdown_signal());
    let (listener, local) = listen(settings).await?;
    let waiting = Waiting::default();
    let front = Front::new(waiting.router());
    // The server answers until the last run has ended: whoever watches the shutdown can see it.
    let server = tokio::spawn(front.clone().serve(listener));
    tracing::info!(address = %local, database = %settings.database, "Clipper's jobs are served");

    let registry = registry()?;
    let (runtime, peers) = tokio::select! {
        started = start(settings, &registry, &waiting) => started?,
        signal = &mut shutdown_signal => {
            tracing::info!(signal, "signal received while the database was waited for");
            return Ok(ShutdownReport::default());
        }
    };
    let handle = runtime.handle();
    front.replace(router(settings, handle.clone(), &peers, &registry));
    let retention = settings.retention;
    let watch = tokio::spawn(async move {
        tokio::join!(peers.watch(), retention::keep(&peers.database, &retention));
    });
    // A signal that comes before the runtime listens to them is not lost.
    tokio::spawn(async move {
        shutdown_signal.await;
        handle.shutdown();
    });
    let report = runtime.run().await;
    watch.abort();
    server.abort();
    Ok(report)
}
