//! Delivers webhooks that failed before, as the Standard Webhooks specification says.
//!
//! At least once: a process that dies between sending and recording sends again, with the same `webhook-id`; nothing is ever sent
//! zero times. A delivery that fails is tried again after a while, up to [`ATTEMPTS`] times, and then becomes a dead letter.

pub mod address;
pub mod dead_letters;
mod deliver;
mod hosts;
mod queue;
mod signature;

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use jobwatch_runtime::{JobError, Report, RunContext};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::database::Database;
pub use address::AddressRule;
pub use deliver::Deliverer;
use deliver::Verdict;
use hosts::Hosts;
use queue::Delivery;
pub use queue::size;
#[cfg(test)]
pub(crate) use signature::sign;
pub(crate) use signature::verify;

/// How often a delivery is attempted before it becomes a dead letter.
pub const ATTEMPTS: i64 = 5;

/// How long a receiver may take.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// How deliveries are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many deliveries are claimed together.
    pub batch: u32,
    /// How many are under way at once.
    pub concurrency: u32,
}

impl Limits {
    /// For how long a batch is claimed: as long as it takes if all of it goes to one host that never answers, and a minute.
    fn claim(self) -> Duration {
        TIMEOUT * self.batch.div_ceil(hosts::AT_ONCE as u32) + Duration::from_secs(60)
    }
}

/// Delivers what is due, batch after batch.
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
    let mut report = Report::default();
    let mut hosts = Hosts::default();
    loop {
        if run.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        report.skipped += queue::bury_inactive(database, Utc::now()).await?;
        let claimed_until = Instant::now() + limits.claim();
        let claim = format!("{}:{}", run.id(), uuid::Uuid::new_v4());
        let batch = queue::claim(database, &claim, limits, Utc::now()).await?;
        let claimed = batch.len();
        let batch = Batch { deliveries: batch, claimed_until };
        deliver_all(database, deliverer, limits, batch, &mut hosts, &mut report, run).await?;
        if claimed < limits.batch as usize {
            return Ok(report);
        }
    }
}

/// Deliveries that are claimed together.
struct Batch {
    deliveries: Vec<Delivery>,
    claimed_until: Instant,
}

/// Delivers a batch, and records each as soon as its receiver has answered. Told to stop, it begins no further ones, and gives them
/// back.
async fn deliver_all(
    database: &Database,
    deliverer: &Deliverer,
    limits: Limits,
    batch: Batch,
    hosts: &mut Hosts,
    report: &mut Report,
    run: &RunContext,
) -> Result<(), JobError> {
    let all = Arc::new(Semaphore::new(limits.concurrency as usize));
    let mut under_way = JoinSet::new();
    let claimed_until = batch.claimed_until;
    for delivery in batch.deliveries {
        let host = hosts.of(&delivery);
        let (all, deliverer, run) = (all.clone(), deliverer.clone(), run.clone());
        under_way.spawn(async move {
            // The host's turn comes first: who waits for a slow host does not take a place from others.
            let _turn = host.turns().acquire().await;
            let _place = all.acquire().await;
            let verdict = if run.is_cancelled() || Instant::now() + TIMEOUT > claimed_until {
                Verdict::NotTried
            } else {
                host.deliver(&deliverer, &delivery).await
            };
            (delivery, verdict)
        });
    }
    let mut problem = None;
    while let Some(ended) = under_way.join_next().await {
        let Ok((delivery, verdict)) = ended else { continue };
        match verdict {
            Verdict::Delivered => report.succeeded += 1,
            Verdict::NotTried => {}
            Verdict::LeftAlone { .. } => report.skipped += 1,
            _ => report.failed += 1,
        }
        run.progress(*report);
        if let Err(error) = queue::record(database, &delivery, &verdict, Utc::now()).await {
            problem = Some(error);
        }
    }
    problem.map_or(Ok(()), Err)
}
