//! What comes of a story: the schedule of a job, played through.

use std::iter::once;
use std::ops::Range;

use super::clock::Clock;
use super::event_log::{EventLog, Host, Outcome, Run};
use super::job::Job;
use super::story::{Chapter, Goes, Replica, Story};

/// How long after a process is gone another may take over what it ran, in seconds.
const LEASE: u64 = 60;
/// How long after a due time it does not matter any more who comes first, in seconds.
const AT_ONCE: u64 = 30;
const ITEMS: u64 = 10;

/// Who runs what is due, and when it starts.
struct Claim {
    replica: usize,
    start: u64,
    /// When its process will be gone.
    gone: u64,
}

/// Plays a story.
pub(super) fn played(job: &Job, story: &Story, clock: Clock) -> EventLog {
    let replicas: Vec<Host> = story.replicas.iter().map(|replica| host(replica, clock)).collect();
    let first = replicas.iter().filter_map(|replica| Some(replica.processes.first()?.start)).min();
    let first_scheduled = first.unwrap_or(clock.end);
    let span = |&(from, length): &(u64, u64)| clock.at(from)..clock.at(from + length);
    let mut log = EventLog {
        first_scheduled,
        due: job.due(first_scheduled, clock.end),
        runs: Vec::new(),
        replicas,
        pauses: story.pauses.iter().map(span).collect(),
        queue: story.queue.iter().map(|&(from, length)| (clock.at(from), length)).collect(),
    };
    let timeout = job.promise().timeout;
    for number in 0..log.due.len() - 1 {
        let (due, next) = (log.due[number], log.due[number + 1]);
        run_one(&mut log, story, clock, timeout, (number, due, next));
    }
    log
}

/// Runs what is due, again and again as long as processes go meanwhile.
fn run_one(
    log: &mut EventLog,
    story: &Story,
    clock: Clock,
    timeout: u64,
    (number, due, next): (usize, u64, u64),
) {
    let free = log.runs.last().map_or(0, |run| run.end);
    if due > clock.end || due < free || log.is_paused(due) {
        return;
    }
    let (chapter, ends) = story.chapter_at(due * 1_000 / clock.end);
    let mut from = due;
    while let Some(claim) = claimed(log, number, from..next, clock).filter(|_| chapter.goes != Goes::Nowhere)
    {
        let start = claim.start.max(log.runs.last().map_or(0, |run| run.end));
        if start >= claim.gone || log.is_paused(start) {
            return;
        }
        let run = execution(&chapter, number, timeout, clock.at(ends), due, &Claim { start, ..claim });
        log.runs.push(run);
        if run.outcome != Outcome::Interrupted {
            return;
        }
        from = run.end + LEASE;
    }
}

fn execution(chapter: &Chapter, number: usize, timeout: u64, ends: u64, due: u64, claim: &Claim) -> Run {
    let takes = (timeout * chapter.takes / 1_000).max(1);
    let fails = match chapter.goes {
        Goes::Wrong | Goes::Hangs => true,
        Goes::OneFailsOf(all) => (number as u64).is_multiple_of(all),
        Goes::Well | Goes::Nowhere => takes > timeout,
    };
    let end = match chapter.goes {
        Goes::Hangs => ends.max(claim.start + timeout),
        _ => claim.start + takes.min(timeout),
    };
    let outcome = match fails {
        _ if end >= claim.gone => Outcome::Interrupted,
        true => Outcome::Failed,
        false if takes > timeout => Outcome::Failed,
        false => Outcome::Succeeded,
    };
    let (items, failed_items) = match outcome {
        Outcome::Succeeded => (ITEMS, chapter.failed_items),
        Outcome::Failed | Outcome::Interrupted => (0, 0),
    };
    let end = end.min(claim.gone);
    Run { replica: claim.replica, due, start: claim.start, end, outcome, items, failed_items }
}

/// Replicas take turns among those that can start at once. Each starts by its own clock, and a new
/// process not before Prometheus has seen it twice.
fn claimed(log: &EventLog, number: usize, when: Range<u64>, clock: Clock) -> Option<Claim> {
    let claim = |(replica, host): (usize, &Host)| {
        let due = when.start.saturating_add_signed(-host.skew);
        let start = |process: &&Range<u64>| due.max(process.start + 2 * clock.scrape);
        let process = host.processes.iter().find(|process| start(process) < process.end)?;
        Some(Claim { replica, start: start(&process), gone: process.end })
    };
    let all: Vec<Claim> = log.replicas.iter().enumerate().filter_map(claim).collect();
    let first = all.iter().map(|claim| claim.start).min()?;
    let mut ready: Vec<Claim> = all.into_iter().filter(|claim| claim.start <= first + AT_ONCE).collect();
    ready.retain(|claim| claim.start < when.end);
    if ready.is_empty() { None } else { Some(ready.swap_remove(number % ready.len())) }
}

fn host(replica: &Replica, clock: Clock) -> Host {
    let (from, length) = replica.there;
    // The epoch stands for "never".
    let first = clock.at(from).max(clock.scrape)..clock.at(from + length);
    let mut processes: Vec<Range<u64>> = once(first).collect();
    let mut restarts = replica.restarts.clone();
    restarts.sort_unstable();
    for (at, down) in restarts {
        let at = clock.at(at);
        let Some(last) = processes.last_mut().filter(|last| last.start < at && at + down < last.end) else {
            continue;
        };
        let end = last.end;
        last.end = at;
        processes.push(at + down..end);
    }
    let gap = |&(at, scrapes): &(u64, u64)| clock.at(at)..clock.at(at) + scrapes * clock.scrape;
    Host { skew: replica.skew, processes, gaps: replica.gaps.iter().map(gap).collect() }
}
