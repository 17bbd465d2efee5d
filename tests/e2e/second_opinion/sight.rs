//! What Prometheus can have seen at an evaluation: everything until the last scrape, and whatever
//! part of what came after that.

use super::clock::Clock;
use super::event_log::EventLog;
use super::exposition::ASKS_AFTER;
use super::truth::Truth;

/// An event log, and when Prometheus looks.
pub(super) struct Sight<'a> {
    pub(super) log: &'a EventLog,
    pub(super) clock: Clock,
    /// When something happens, ascending.
    moments: Vec<u64>,
    /// Of each scrape the last one until it that found every process.
    whole: Vec<u64>,
}

impl<'a> Sight<'a> {
    pub(super) fn new(log: &'a EventLog, clock: Clock) -> Self {
        let runs = log.runs.iter().flat_map(|run| [run.start, run.end]);
        let pauses = log.pauses.iter().flat_map(|pause| [pause.start, pause.end]);
        let mut moments: Vec<u64> = runs.chain(pauses).collect();
        moments.sort_unstable();
        Self { log, clock, moments, whole: whole(log, clock) }
    }

    /// What is said at an evaluation if the same is true of all that Prometheus may know then.
    pub(super) fn truth(&self, now: u64, of: impl Fn(u64) -> Truth) -> Truth {
        let from = self.known_until(now);
        let first = self.moments.partition_point(|&moment| moment <= from);
        let later = self.moments[first..].iter().copied().take_while(|&moment| moment <= now);
        Truth::agreed([from].into_iter().chain(later).map(of))
    }

    /// Until when everything is known for sure: the last scrape that found every process. Where
    /// there are several, one that is gone may have known more than the others, which ask later.
    fn known_until(&self, now: u64) -> u64 {
        let scrape = self.whole[(now / self.clock.scrape) as usize];
        if self.log.replicas.len() > 1 { scrape.saturating_sub(ASKS_AFTER) } else { scrape }
    }

    /// Whether Prometheus sees the job in some replica at an evaluation.
    pub(super) fn is_seen(&self, now: u64) -> bool {
        self.log.replicas.iter().any(|replica| replica.is_scraped(self.clock.scrape_until(now)))
    }

    /// Whether it sees a given replica.
    pub(super) fn sees(&self, replica: usize, now: u64) -> bool {
        self.log.replicas[replica].is_scraped(self.clock.scrape_until(now))
    }
}

fn whole(log: &EventLog, clock: Clock) -> Vec<u64> {
    let mut last = 0;
    let of = |scrape: u64| {
        let mut there = log.replicas.iter().filter(|replica| replica.process_at(scrape).is_some()).peekable();
        if there.peek().is_some() && there.all(|replica| replica.is_scraped(scrape)) {
            last = scrape;
        }
        last
    };
    clock.scrapes().map(of).collect()
}
