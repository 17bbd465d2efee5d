//! What each replica exposes of what happened, as a scrape finds it: in promtool's notation.

use std::fmt::Write as _;
use std::ops::Range;

use jobwatch_catalogue::label::{ItemStatus, LE, RunStatus, STATUS};
use jobwatch_catalogue::metric;

use super::clock::Clock;
use super::event_log::{EventLog, Host, Outcome, Run};
use super::job::Promise;

/// The bounds of the buckets that durations are counted in, in seconds.
const BOUNDS: [u64; 6] = [60, 120, 300, 600, 900, 3_600];

/// How long a replica waits for a success before it asks the store what became of it elsewhere, and
/// how much later it knows, in seconds.
pub(super) const ASKS_AFTER: u64 = 60;

/// A series as promtool reads it: its selector and its values.
pub(super) type Series = (String, String);

/// A process at the moment of a scrape.
struct Scrape<'a> {
    log: &'a EventLog,
    replica: usize,
    process: &'a Range<u64>,
    now: u64,
}

/// The series of a job in one environment, until a moment. `labels` are those of all.
pub(super) fn series(log: &EventLog, promise: &Promise, clock: Clock, labels: &str) -> Vec<Series> {
    let of = |(replica, host)| of_replica(log, promise, clock, labels, replica, host);
    log.replicas.iter().enumerate().flat_map(of).collect()
}

fn of_replica(
    log: &EventLog,
    promise: &Promise,
    clock: Clock,
    labels: &str,
    replica: usize,
    host: &Host,
) -> Vec<Series> {
    let scrape = |now: u64| {
        let process = host.process_at(now).filter(|_| host.is_scraped(now))?;
        Some(Scrape { log, replica, process, now })
    };
    let scrapes: Vec<Option<Scrape<'_>>> = clock.scrapes().map(scrape).collect();
    let mut all = Vec::new();
    let mut add = |name: &str, further: &[(&str, &str)], value: &dyn Fn(&Scrape<'_>) -> u64| {
        let mut selector = format!("{name}{{{labels}, instance=\"{replica}\"");
        for (label, value) in further {
            let _ = write!(selector, ", {label}=\"{value}\"");
        }
        let samples: Vec<Option<u64>> = scrapes.iter().map(|scrape| scrape.as_ref().map(value)).collect();
        all.push((selector + "}", values(&samples)));
    };
    let counts = |outcome| move |scrape: &Scrape<'_>| scrape.count(|run| u64::from(run.outcome == outcome));
    let executions = metric::JOB_EXECUTION_TOTAL.name;
    add(executions, &[(STATUS, RunStatus::Success.as_str())], &counts(Outcome::Succeeded));
    add(executions, &[(STATUS, RunStatus::Failed.as_str())], &counts(Outcome::Failed));
    let buckets = metric::JOB_EXECUTION_DURATION_SECONDS_BUCKET;
    for bound in BOUNDS {
        let within = |scrape: &Scrape<'_>| scrape.count(|run| u64::from(run.end - run.start <= bound));
        add(buckets, &[(LE, &bound.to_string())], &within);
    }
    add(buckets, &[(LE, "+Inf")], &|scrape| scrape.count(|_| 1));
    let items = metric::JOB_ITEMS_PROCESSED_TOTAL.name;
    let succeeded = |scrape: &Scrape<'_>| scrape.count(|run| run.items - run.failed_items);
    add(items, &[(STATUS, ItemStatus::Success.as_str())], &succeeded);
    add(items, &[(STATUS, ItemStatus::Failed.as_str())], &|scrape| scrape.count(|run| run.failed_items));
    add(items, &[(STATUS, ItemStatus::Skipped.as_str())], &|scrape| scrape.count(|run| 5 * run.items));
    add(metric::JOB_QUEUE_SIZE.name, &[], &|scrape| log.queue_at(scrape.now));
    add(metric::JOB_SCHEDULE_INTERVAL_SECONDS.name, &[], &|_| promise.gaps.1);
    add(metric::JOB_TIMEOUT_SECONDS.name, &[], &|_| promise.timeout);
    add(metric::JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS.name, &[], &|_| log.first_scheduled);
    add(metric::JOB_LAST_SUCCESS_TIMESTAMP_SECONDS.name, &[], &|scrape| {
        log.last_success(scrape.knows_until()).map_or(0, |success| log.stamp(success))
    });
    add(metric::JOB_SUCCESS_DUE_TIMESTAMP_SECONDS.name, &[], &|scrape| {
        if log.is_paused(scrape.now) { 0 } else { log.awaited(scrape.knows_until()) }
    });
    add(metric::JOB_CONSECUTIVE_FAILURES.name, &[], &|scrape| log.failures_in_a_row(scrape.knows_until()));
    add(metric::JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS.name, &[], &|scrape| {
        let own = log.in_progress(scrape.now).filter(|run| run.replica == replica);
        own.map_or(0, |run| run.start.saturating_add_signed(host.skew))
    });
    all
}

impl Scrape<'_> {
    /// Adds up something of the executions that ended in the process.
    fn count(&self, of: impl Fn(&Run) -> u64) -> u64 {
        let own = |run: &&Run| run.replica == self.replica && self.process.contains(&run.start);
        self.log.ended(self.now).filter(own).map(of).sum()
    }

    /// Until when the process knows what the store has: it read it when it started, when an
    /// execution ended here, and when a success did not come.
    fn knows_until(&self) -> u64 {
        let mut own = self.log.ended(self.now).rev().filter(|run| run.replica == self.replica);
        let known = own.next().map_or(0, |run| run.end).max(self.process.start);
        let is_late = self.log.awaited(known) + ASKS_AFTER < self.now;
        let known = if is_late { known.max(self.now - ASKS_AFTER) } else { known };
        // It knows at once when the job is back from a pause.
        self.log.back_since(self.now).unwrap_or(0).max(known)
    }
}

/// Samples as promtool writes them. What was there is stale once it is gone.
pub(super) fn values(samples: &[Option<u64>]) -> String {
    let mut text = String::new();
    let mut rest = samples;
    let mut was_there = false;
    while let Some(&first) = rest.first() {
        let length = match first {
            None if was_there => 1,
            _ => rest.iter().take_while(|&&sample| sample == first).count(),
        };
        // Writing to a text cannot fail.
        let _ = match (first, length) {
            (None, _) if was_there => write!(text, "stale "),
            (None, _) => write!(text, "_x{length} "),
            (Some(value), 1) => write!(text, "{value} "),
            (Some(value), _) => write!(text, "{value}x{} ", length - 1),
        };
        was_there = first.is_some();
        rest = &rest[length..];
    }
    text.truncate(text.trim_end().len());
    text
}
