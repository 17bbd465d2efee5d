//! Delivers webhooks that failed before, as the Standard Webhooks specification says.
//!
//! At least once: a process that dies between sending and recording sends again, with the same
//! `webhook-id`; nothing is ever sent zero times. A delivery that fails is tried again after a
//! while, up to [`ATTEMPTS`] times, and then becomes a dead letter.
//!
//! A run needs no guard: each delivery has one of its own. What becomes of it is written only while
//! it is claimed by this very run, and nobody else claims it before the claim has run out.

pub mod address;
mod bury;
pub mod dead_letters;
mod deliver;
mod hosts;
mod limits;
mod places;
mod queue;
mod record;
pub mod signature;

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use jobwatch_runtime::{Job, JobError, Report, RunContext};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use crate::database::Database;
pub use address::AddressRule;
pub use deliver::Deliverer;
use deliver::Verdict;
use hosts::Hosts;
pub use limits::{ATTEMPTS, LONGEST, Limits, TIMEOUT};
use places::Places;
use queue::Delivery;
pub use queue::size;
use record::Attempt;

/// The job.
pub(crate) fn job(database: Database, deliverer: Deliverer, limits: Limits) -> Job {
    type State = (Database, Deliverer, Limits);
    let body = async |(database, deliverer, limits): State, run: RunContext| {
        retry(&database, &deliverer, limits, &run).await
    };
    let waiting = async |(database, ..): State| size(&database).await;
    Job::with((database, deliverer, limits), Job::new(body).queue(waiting))
}

/// Delivers what is due. While hosts are slow, what is due for others is claimed and delivered
/// beside them. Told to stop, it begins no further delivery, and gives back what it had claimed.
///
/// # Errors
///
/// What the database says. What is claimed by then is free again when the claim runs out.
pub async fn retry(
    database: &Database,
    deliverer: &Deliverer,
    limits: Limits,
    run: &RunContext,
) -> Result<Report, JobError> {
    retry_until(database, deliverer, limits, run, Instant::now() + LONGEST).await
}

async fn retry_until(
    database: &Database,
    deliverer: &Deliverer,
    limits: Limits,
    run: &RunContext,
    end: Instant,
) -> Result<Report, JobError> {
    let claim = format!("{}:{}", run.id(), uuid::Uuid::new_v4());
    let places = Places::new(limits);
    let mut hosts = Hosts::new(limits);
    let mut under_way = JoinSet::new();
    let mut report = Report { skipped: queue::bury_inactive(database).await?, ..Report::default() };
    let mut problem = None;
    // Whether more may be due for hosts that are not full, and when that was last looked at.
    let (mut more, mut looked) = (true, Instant::now());
    loop {
        let may_claim = problem.is_none() && !run.is_cancelled() && Instant::now() < end;
        if may_claim && hosts.want_more() && (more || looked.elapsed() > TIMEOUT && !under_way.is_empty()) {
            looked = Instant::now();
            match queue::claim(database, &claim, limits.batch, hosts.full()).await {
                Ok(claimed) => {
                    more = claimed.len() == limits.batch as usize;
                    for delivery in claimed {
                        let ((turns, gate), places) = (hosts.add(&delivery), places.clone());
                        let (deliverer, run) = (deliverer.clone(), run.clone());
                        under_way.spawn(async move {
                            // The host's turn comes first: who waits for a slow host does not take
                            // a place from others.
                            let _turn = turns.acquire().await;
                            let attempt = async {
                                if run.is_cancelled() || Instant::now() >= end {
                                    return Verdict::NotTried;
                                }
                                caught(&delivery, gate.deliver(&deliverer, &delivery)).await
                            };
                            let verdict = places.take(attempt).await;
                            (delivery, verdict)
                        });
                    }
                }
                Err(error) => problem = Some(error),
            }
            continue;
        }
        let Some(first) = under_way.join_next().await else { break };
        let joined = std::iter::once(first).chain(std::iter::from_fn(|| under_way.try_join_next()));
        let (ended, lost) = ended(joined);
        problem = lost.or(problem);
        if let Err(error) = record::record(database, &claim, &ended).await {
            problem = Some(error);
        }
        for (delivery, verdict) in &ended {
            more |= hosts.remove(delivery);
            match verdict {
                Verdict::Delivered => report.succeeded += 1,
                Verdict::NotTried => more = true,
                Verdict::LeftAlone { .. } => report.skipped += 1,
                _ => report.failed += 1,
            }
        }
        run.progress(report);
    }
    match problem {
        Some(error) => Err(error),
        None if more && run.is_cancelled() => Err(JobError::Cancelled),
        None => Ok(report),
    }
}

/// The attempts that came to their end, and what is wrong if the task of one did not. That one's
/// claim runs out, and then it is attempted again.
fn ended(joined: impl Iterator<Item = Result<Attempt, JoinError>>) -> (Vec<Attempt>, Option<JobError>) {
    let (mut ended, mut lost) = (Vec::new(), None);
    for joined in joined {
        match joined {
            Ok(attempt) => ended.push(attempt),
            Err(error) => lost = Some(JobError::permanent(format!("a delivery was lost: {error}"))),
        }
    }
    (ended, lost)
}

/// What becomes of an attempt, which may panic: that is a failed attempt at this delivery, and says
/// why, like any other.
async fn caught(delivery: &Delivery, attempt: impl Future<Output = Verdict>) -> Verdict {
    AssertUnwindSafe(attempt).catch_unwind().await.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        let error = format!("panic: {}", text.unwrap_or("a value that is no text"));
        tracing::error!(message_id = delivery.message_id, error, "a delivery failed");
        deliver::again(delivery, None, error, None)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::Router;
    use axum::routing::post;
    use jobwatch_catalogue::JobName;
    use sqlx::AssertSqlSafe;
    use tokio::net::TcpListener;

    use super::*;

    fn delivery(id: i64) -> Delivery {
        Delivery {
            id,
            message_id: format!("msg_{id}"),
            subscription_id: 1,
            url: String::new(),
            secret: String::new(),
            payload: String::new(),
            attempts: 0,
        }
    }

    #[tokio::test]
    async fn a_delivery_whose_task_is_lost_fails_the_run_and_hides_no_other() {
        let mut tasks = JoinSet::new();
        tasks.spawn(std::future::pending::<Attempt>()).abort();
        let mut joined = vec![tasks.join_next().await.unwrap()];
        joined.push(Ok((delivery(2), Verdict::Delivered)));
        let (ended, lost) = ended(joined.into_iter());
        assert_eq!(ended.iter().map(|(delivery, _)| delivery.id).collect::<Vec<_>>(), [2]);
        let lost = lost.unwrap().to_string();
        assert!(lost.starts_with("a delivery was lost: task ") && lost.ends_with(" was cancelled"), "{lost}");
    }

    /// An attempt that panics is told as what it is, and is tried again as any other that failed.
    #[tokio::test]
    async fn a_panic_in_an_attempt_is_a_failed_attempt() {
        let delivery = delivery(1);
        let Verdict::Again { status: None, error, .. } =
            caught(&delivery, async { panic!("no {}", "luck") }).await
        else {
            panic!("it is tried again");
        };
        assert_eq!(error, "panic: no luck");
        assert_eq!(caught(&delivery, async { Verdict::Delivered }).await, Verdict::Delivered);
    }

    /// The slow host answers when all others have had theirs, of which each takes the only place.
    #[tokio::test]
    async fn who_is_kept_waiting_takes_no_place_from_others() {
        const OTHERS: usize = 5;
        let came = std::sync::Arc::new(tokio::sync::Semaphore::new(0));
        let (fast, slow) = (came.clone(), came.clone());
        let slow = post(async move || drop(slow.acquire_many(OTHERS as u32).await));
        let router =
            Router::new().route("/slow", slow).route("/fast", post(async move || fast.add_permits(1)));
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let folder = tempfile::tempdir().unwrap();
        let address = crate::database::Address::Sqlite(folder.path().join("clipper.sqlite"));
        let database = Database::connect(&address).await.unwrap();
        let Database::Sqlite(pool) = &database else { unreachable!() };
        let fill = format!(
            "INSERT INTO webhook_subscriptions (id, url, secret, event_types) VALUES
                (1, 'http://127.0.0.1:{port}/slow', 's', 'e'), (2, 'http://127.0.0.2:{port}/fast', 's', 'e');
             INSERT INTO webhook_deliveries (message_id, subscription_id, event_type, payload, next_attempt_at, created_at)
             SELECT value, iif(value = 1, 1, 2), 'e', '{{}}', value, 0 FROM json_each('[1, 2, 3, 4, 5, 6]')"
        );
        sqlx::raw_sql(AssertSqlSafe(fill)).execute(pool).await.unwrap();
        let run = RunContext::detached(JobName::new("webhook_retry").unwrap());
        let (deliverer, limits) =
            (Deliverer::new(AddressRule::Any).unwrap(), Limits { batch: 100, concurrency: 1 });
        let report = retry(&database, &deliverer, limits, &run).await.unwrap();
        assert_eq!(report, Report { succeeded: 1 + OTHERS as u64, failed: 0, skipped: 0 });
    }

    #[tokio::test]
    async fn a_run_that_has_taken_long_enough_ends_well_and_gives_back_what_it_has_not_begun() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let slow = post(async || tokio::time::sleep(Duration::from_secs(1)).await);
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/", slow)).await });
        let folder = tempfile::tempdir().unwrap();
        let address = crate::database::Address::Sqlite(folder.path().join("clipper.sqlite"));
        let database = Database::connect(&address).await.unwrap();
        let Database::Sqlite(pool) = &database else { unreachable!() };
        let fill = format!(
            "INSERT INTO webhook_subscriptions (id, url, secret, event_types) VALUES (1, 'http://127.0.0.1:{port}/', 's', 'e');
             INSERT INTO webhook_deliveries (message_id, subscription_id, event_type, payload, next_attempt_at, created_at)
             SELECT value, 1, 'e', '{{}}', 0, 0 FROM json_each('[1, 2, 3, 4, 5, 6, 7, 8, 9]')"
        );
        sqlx::raw_sql(AssertSqlSafe(fill)).execute(pool).await.unwrap();
        let run = RunContext::detached(JobName::new("webhook_retry").unwrap());
        let (deliverer, limits) =
            (Deliverer::new(AddressRule::Any).unwrap(), Limits { batch: 100, concurrency: 16 });
        let end = Instant::now() + Duration::from_millis(500);
        let report = retry_until(&database, &deliverer, limits, &run, end).await.unwrap();
        assert_eq!(report, Report { succeeded: 4, failed: 0, skipped: 0 });
        let free = "SELECT count(*) FROM webhook_deliveries WHERE claim IS NULL AND attempts = 0";
        let free: i64 = sqlx::query_scalar(free).fetch_one(pool).await.unwrap();
        assert_eq!((free, size(&database).await.unwrap()), (5, 5));
    }
}
