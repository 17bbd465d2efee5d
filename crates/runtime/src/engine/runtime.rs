//! The runtime, from its start to its shutdown.

use std::future::Future;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use jobwatch_catalogue::Catalogue;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;

use crate::engine::core::{Core, JobIndex, Message};
use crate::engine::driver::Driver;
use crate::engine::handle::Handle;
use crate::engine::queue::sample;
use crate::engine::shutdown_signal::Signals;
use crate::engine::start::Start;
use crate::engine::supervise::{has_ended, supervised};
use crate::job::body::Counter;
use crate::job::run_id::RunId;
use crate::log::log;

/// How long a shutdown waits at its end for what is stopped where it waits, unless it blocks its
/// thread.
const A_MOMENT: Duration = Duration::from_secs(1);

/// Runs the jobs of a catalogue: each on time, one run at a time on all replicas together, each
/// measured and accounted for.
///
/// ```
/// use std::time::Duration;
/// use jobwatch_runtime::{Job, JobError, JobSpec, Report, RunContext, Runtime, Settings};
/// use jobwatch_runtime::prometheus::{Registry, TextEncoder};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// async fn send_mails(run: RunContext) -> Result<Report, JobError> {
///     // …
///     Ok(Report::items(3))
/// }
///
/// async fn count_mails() -> Result<u64, JobError> {
///     Ok(7)
/// }
///
/// let every_minute = JobSpec::every("send_mails", Duration::from_secs(60));
/// let registry = Registry::new();
/// let runtime = Runtime::builder("shop")
///     .job(
///         every_minute.items("mails").queue("mails to send"),
///         Job::new(send_mails).queue(count_mails),
///     )
///     .registry(&registry)
///     .settings(Settings { start_delay: Duration::ZERO, ..Settings::default() })
///     .build()?;
///
/// // `runtime.run()` would go on until SIGTERM or Ctrl-C.
/// let report = runtime.run_until(tokio::time::sleep(Duration::from_millis(200))).await;
/// assert!(report.is_clean());
/// # let text = TextEncoder::new().encode_to_string(&registry.gather())?;
/// # let sample = "job_execution_total{job_name=\"send_mails\",status=\"success\"} 1";
/// # assert!(text.contains(sample), "{text}");
/// # Ok(())
/// # }
/// ```
#[allow(missing_debug_implementations, reason = "it holds bodies, which need not have one")]
pub struct Runtime {
    pub(crate) core: Arc<Core>,
    pub(crate) messages: UnboundedReceiver<Message>,
    pub(crate) queues: Vec<(JobIndex, Counter<()>)>,
}

/// How a shutdown went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// Runs that were stopped. Their due times are left to another replica, or to the next start.
    pub interrupted: Vec<RunId>,
    /// Runs that still went on at the end: they block a thread, or the store did not answer, or
    /// there was no time.
    pub abandoned: Vec<RunId>,
}

impl ShutdownReport {
    /// Whether every run came to its own end.
    pub fn is_clean(&self) -> bool {
        self.interrupted.is_empty() && self.abandoned.is_empty()
    }
}

impl Runtime {
    /// The jobs as they are watched: what rules and dashboards are generated from.
    pub fn catalogue(&self) -> &Catalogue {
        &self.core.catalogue
    }

    /// What the rest of the service speaks to the runtime with, before it runs and while it does.
    pub fn handle(&self) -> Handle {
        Handle::new(self.core.clone())
    }

    /// Runs the jobs until SIGTERM or Ctrl-C, then shuts down gracefully. A second signal leaves at
    /// once.
    ///
    /// A body that blocks a thread keeps tokio's runtime from ending; the caller then has to end
    /// the process.
    pub async fn run(self) -> ShutdownReport {
        let handle = self.handle();
        let signals = tokio::spawn(async move {
            let mut signals = Signals::listen();
            let signal = signals.next().await;
            handle.shutdown();
            log!(info, signal, "signal received; another one leaves at once");
            let signal = signals.next().await;
            handle.abort();
            log!(warn, signal, "second signal received; leaving at once");
        });
        let report = self.run_until(std::future::pending()).await;
        signals.abort();
        report
    }

    /// Runs the jobs until a future is ready, or [`Handle::shutdown`] is called, then shuts down
    /// gracefully: nothing is claimed any more, runs in progress may end within
    /// [`crate::Settings::drain`], those that do not are told to stop, and their leases are given
    /// back, as are those that the store may have granted without an answer. A future that panics
    /// is logged, and is no wish to shut down.
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) -> ShutdownReport {
        let Self { core, messages, queues } = self;
        // If this future is dropped, nobody keeps the time any more, and nothing may be asked for.
        let _stop = core.stop.raise_on_drop();
        let mut tasks = JoinSet::new();
        for (index, counter) in queues {
            let core = core.clone();
            tasks.spawn(async move {
                while !has_ended("the count of a queue", sample(&core, index, &counter)).await {}
            });
        }
        let start = Start::new(core.clone());
        tasks.spawn(async move { while !has_ended("the start", start.jobs()).await {} });
        let driver = Driver::new(core.clone(), messages).run_apart();
        let mut driver = std::pin::pin!(driver);
        let asked = async {
            if supervised("what tells of the shutdown", shutdown).await.is_err() {
                // That is no wish to shut down.
                std::future::pending().await
            }
        };
        tokio::select! {
            () = &mut driver => {}
            () = asked => {
                core.stop.raise();
                driver.await;
            }
        }
        core.stop.raise();
        tokio::select! {
            () = tasks.shutdown() => {}
            // A count that blocks its thread is left to it.
            () = tokio::time::sleep(A_MOMENT) => {}
            () = core.abort.raised() => {}
        }
        let report = ShutdownReport {
            interrupted: core.interrupted.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            abandoned: abandoned(&core),
        };
        log!(
            info,
            interrupted = report.interrupted.len(),
            abandoned = report.abandoned.len(),
            in_flight = core.in_flight.load(Ordering::Acquire),
            "shut down"
        );
        report
    }
}

fn abandoned(core: &Core) -> Vec<RunId> {
    let running = core.entries.iter().filter_map(|entry| entry.live().current.clone());
    running.map(|current| current.lease.run()).collect()
}
