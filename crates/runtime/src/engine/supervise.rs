//! The one way to start what goes on by itself: whatever it panics about, what it holds is let go
//! of, and only then is there a word in the log.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt;
use tokio::time::sleep;

use crate::log::log;
use crate::panics::message;
use crate::schedule::time::ASK_AGAIN;

/// Sees a task to its end, or to its panic, whose message it answers. What the task holds is
/// dropped by then: guards let go of it there, and not at the end of what they guard.
///
/// Not an `async fn`, which would move the task once more when it is first polled: a run is large.
pub(crate) fn supervised<T>(
    what: &'static str,
    task: impl Future<Output = T>,
) -> impl Future<Output = Result<T, String>> {
    AssertUnwindSafe(task).catch_unwind().map(move |ended| {
        let ended = ended.map_err(message);
        if let Err(panic) = &ended {
            log!(error, panic, "{what} panicked; the schedules go on");
        }
        ended
    })
}

/// As [`supervised`], and answers whether the task has come to its own end. If not, some time has
/// passed, and it is to start over.
pub(crate) async fn has_ended(what: &'static str, task: impl Future<Output = ()>) -> bool {
    let ended = supervised(what, task).await.is_ok();
    if !ended {
        sleep(ASK_AGAIN).await;
    }
    ended
}

/// Something that one task at a time does.
#[derive(Debug, Default)]
pub(crate) struct OneAtATime(Arc<AtomicBool>);

/// It is being done, until this is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay(Arc<AtomicBool>);

impl OneAtATime {
    /// Nothing if it is being done already.
    pub(crate) fn begin(&self) -> Option<UnderWay> {
        (!self.0.swap(true, Ordering::AcqRel)).then(|| UnderWay(self.0.clone()))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{DateTime, Utc};
    use jobwatch_catalogue::{Catalogue, JobSpec};

    use super::*;
    use crate::engine::batch::{Batches, Due};
    use crate::engine::core::{Busy, Core, JobIndex};
    use crate::engine::handle::Handle;
    use crate::engine::runtime::Runtime;
    use crate::engine::settings::Settings;
    use crate::job::current::Current;
    use crate::job::lease::Lease;
    use crate::job::outcome::Report;
    use crate::job::request::Request;
    use crate::testing::VirtualClock;

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn what_a_task_holds_is_let_go_of_before_anybody_hears_of_its_panic() {
        let one = OneAtATime::default();
        let held = one.begin();
        assert!(held.is_some() && one.begin().is_none());
        let task = async move {
            let _held = held;
            tokio::task::yield_now().await;
            std::panic::panic_any("no");
        };
        let panic: Result<(), String> = supervised("a task", task).await;
        assert_eq!(panic, Err("no".to_owned()));
        assert!(one.begin().is_some());
    }

    /// Lets something happen to jobs that rest, and sees each of them run at its next due time.
    async fn check<T>(what: impl AsyncFnOnce(&Arc<Core>, &Handle) -> T) {
        const JOBS: usize = 40;
        let names = (0..JOBS).map(|number| format!("job-{number}"));
        let jobs = names.clone().map(|name| JobSpec::every(name, MINUTE));
        let catalogue = jobs.fold(Catalogue::builder("test"), |catalogue, job| catalogue.job(job));
        let registry = prometheus::Registry::new();
        let builder = Runtime::builder(catalogue.build().unwrap())
            .registry(&registry)
            .clock(Arc::new(VirtualClock::at(DateTime::UNIX_EPOCH)))
            .settings(Settings { start_delay: Duration::ZERO, ..Settings::default() });
        let runtime = names
            .fold(builder, |builder, name| builder.job(&name, async |_| Report::default()))
            .build()
            .unwrap();
        let (core, handle) = (runtime.core.clone(), runtime.handle());
        let task = tokio::spawn(runtime.run_until(std::future::pending()));
        sleep(MINUTE / 2).await;
        what(&core, &handle).await;
        sleep(2 * MINUTE).await;
        for status in handle.list().await.unwrap() {
            let last = status.last_run.unwrap();
            assert!(last.ended.timestamp() >= 120, "{}", last.id);
        }
        assert!(handle.readiness().is_ready(), "{:?}", handle.readiness());
        let in_progress = |family: &prometheus::proto::MetricFamily| {
            family.name() == "job_in_progress_since_timestamp_seconds"
                && family.get_metric().iter().any(|metric| metric.get_gauge().get_value() > 0.0)
        };
        assert!(!registry.gather().iter().any(in_progress));
        handle.shutdown();
        assert!(task.await.unwrap().is_clean());
    }

    /// Somebody sees to a job.
    fn busy(core: &Arc<Core>, index: JobIndex) -> Busy {
        assert!(core.entries[index].live().plan.as_mut().unwrap().trigger());
        Busy::new(core, index)
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_that_nobody_sees_to_any_more_goes_on() {
        check(async |core, _| drop(busy(core, 3))).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_nobody_sees_to_any_more_is_no_run_in_progress() {
        check(async |core, _| {
            let busy = busy(core, 3);
            let entry = &core.entries[3];
            let now: DateTime<Utc> = core.now();
            let (job, holder) = (core.spec(3).name().clone(), core.holder.clone());
            let lease = Lease { job, slot: None, holder, token: 7, since: now, until: now };
            let asked = tokio::time::Instant::now();
            let current = Current::new(lease, Request::default(), core.limits(3), asked);
            entry.live().current = Some(Arc::new(current));
            entry.metrics.started(now);
            drop(busy);
        })
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn jobs_that_are_due_together_and_are_not_started_go_on() {
        check(async |core, _| {
            let due = |index| Due { busy: busy(core, index), slot: core.now() };
            let mut batches = Batches::default();
            let nobody = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let now = tokio::time::Instant::now();
            batches.start(nobody.handle(), (0..40).map(due).collect(), now);
            drop(batches);
            nobody.shutdown_background();
        })
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_that_is_seen_to_for_too_long_is_a_problem() {
        check(async |core, handle| {
            let busy = busy(core, 3);
            core.entries[3].live().claiming_since = Some(tokio::time::Instant::now());
            let problems = async |after: u64| {
                sleep(Duration::from_secs(after)).await;
                let problems = handle.readiness().problems;
                problems.into_iter().map(|problem| problem.public).collect::<Vec<_>>()
            };
            assert_eq!(problems(20).await, [""; 0]);
            let told = ["job-3 has been asking for a lease for 35 s"];
            assert_eq!(problems(15).await, told);
            drop(busy);
            assert_eq!(problems(1).await, [""; 0]);
        })
        .await;
    }
}
