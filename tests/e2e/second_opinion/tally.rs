//! What the counters of all replicas can tell about a time window.

use super::clock::Clock;
use super::event_log::{EventLog, Host, Outcome, Run};

/// An execution that a counter shows: it is not there at one scrape, and there at the next.
#[derive(Debug, Clone, Copy)]
struct Counted {
    run: Run,
    before: u64,
    after: u64,
}

/// Which executions the counters show, and when.
pub(super) struct Tally<'a> {
    log: &'a EventLog,
    clock: Clock,
    /// By the scrape before each.
    counted: Vec<Counted>,
    /// When executions ended that no counter shows, because their process was gone before the next
    /// scrape or was not scraped before.
    lost: Vec<u64>,
    /// How many scrapes before each found a replica, replica by replica.
    found: Vec<Vec<u64>>,
}

/// What windows hold that are longer than one bound and no longer than another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Held {
    pub(super) window: (u64, u64),
    pub(super) bad: f64,
    pub(super) good: f64,
    /// By how much more an increase may be counted at most: 1 if by nothing.
    pub(super) at_most: f64,
}

impl<'a> Tally<'a> {
    pub(super) fn new(log: &'a EventLog, clock: Clock) -> Self {
        let (mut counted, mut lost) = (Vec::new(), Vec::new());
        for &run in log.runs.iter().filter(|run| run.outcome != Outcome::Interrupted) {
            match shown(&log.replicas[run.replica], run, clock) {
                Some((before, after)) => counted.push(Counted { run, before, after }),
                None => lost.push(run.end),
            }
        }
        counted.sort_by_key(|counted| counted.before);
        let found = log.replicas.iter().map(|replica| found(replica, clock)).collect();
        Self { log, clock, counted, lost, found }
    }

    /// What each of the windows holds until now, between the shortest and the longest. `None` if
    /// nobody can know, because the counters have lost something.
    pub(super) fn windows(
        &self,
        now: u64,
        (shortest, longest): (u64, u64),
        of: impl Fn(&Run) -> (u64, u64),
    ) -> Option<Vec<Held>> {
        let since = now.saturating_sub(longest);
        if self.lost.iter().any(|&end| since <= end && end <= now) {
            return None;
        }
        let at_most = self.at_most(now, (shortest, longest));
        let mut held = Held { window: (0, shortest), bad: 0.0, good: 0.0, at_most };
        let mut all = vec![Held { window: (shortest, shortest), ..held }];
        let first = self.counted.partition_point(|counted| counted.before < since);
        for counted in self.counted[first..].iter().rev().filter(|counted| counted.after <= now) {
            let (bad, good) = of(&counted.run);
            (held.bad, held.good) = (held.bad + bad as f64, held.good + good as f64);
            // A window holds it that reaches to the scrape before.
            let reaches = now - counted.before;
            if let Some(last) = all.last_mut().filter(|last| last.window.1 < reaches) {
                last.window.1 = reaches;
                all.push(Held { window: (reaches, reaches), ..held });
            } else if let Some(last) = all.last_mut() {
                *last = Held { window: last.window, ..held };
            }
        }
        if let Some(last) = all.last_mut() {
            last.window.1 = longest;
        }
        Some(all)
    }

    /// What the newest executions are that the counters show, the newest first.
    pub(super) fn newest(&self, now: u64) -> impl Iterator<Item = &Run> {
        let mut shown: Vec<&Counted> = self.counted.iter().filter(|counted| counted.after <= now).collect();
        shown.sort_by_key(|counted| std::cmp::Reverse(counted.run.end));
        shown.into_iter().map(|counted| &counted.run)
    }

    /// An increase is extrapolated where a window does not begin and end with a sample: by 1.1 of
    /// the time between two samples at most, at either end.
    fn at_most(&self, now: u64, (shortest, longest): (u64, u64)) -> f64 {
        let of = |(place, replica): (usize, &Host)| {
            let runs = |counted: &&Counted| counted.run.replica == place && counted.after <= now;
            let takes_part = self.counted.iter().filter(runs).any(|counted| counted.before + longest >= now);
            if !takes_part {
                return 1.0;
            }
            // The scrapes from one moment on and until another, and how many of them found it.
            let scrapes = |from: u64, until: u64| {
                let [from, until] = [from.div_ceil(self.clock.scrape), until / self.clock.scrape + 1];
                let found = &self.found[place];
                (until - from, found[until as usize] - found[from as usize])
            };
            let (first, last) = (now.saturating_sub(longest), now.saturating_sub(shortest));
            let (all, found) = scrapes(first, last);
            let is_whole = now >= longest && replica.is_scraped(now) && all == found;
            let (_, samples) = scrapes(last, now);
            if is_whole { 1.0 } else { 1.0 + 2.2 / (samples.max(2) - 1) as f64 }
        };
        self.log.replicas.iter().enumerate().map(of).fold(1.0, f64::max)
    }
}

/// How many of the scrapes before each found a replica, and of all of them.
fn found(replica: &Host, clock: Clock) -> Vec<u64> {
    let mut number = 0;
    let mut before = vec![0];
    for scrape in clock.scrapes() {
        number += u64::from(replica.is_scraped(scrape));
        before.push(number);
    }
    before
}

/// The last scrape of its process that does not show an execution, and the first that does.
fn shown(replica: &Host, run: Run, clock: Clock) -> Option<(u64, u64)> {
    let process = replica.process_at(run.start)?;
    let scrape = clock.scrape;
    let first = clock.scrape_from(run.end);
    let mut after = (first..process.end).step_by(scrape as usize);
    let after = after.find(|&at| replica.is_scraped(at))?;
    let mut before = first;
    while before >= process.start + scrape {
        before -= scrape;
        if replica.is_scraped(before) {
            return (before >= process.start).then_some((before, after));
        }
    }
    None
}

impl Held {
    /// The bounds of the number of bad ones.
    pub(super) fn bad(&self) -> (f64, f64) {
        (self.bad, self.bad * self.at_most)
    }

    /// The bounds of the share of bad ones. Nothing is no share.
    pub(super) fn share(&self) -> Option<(f64, f64)> {
        let share = |bad: f64, good: f64| bad / (bad + good);
        let bounds = (share(self.bad, self.good * self.at_most), share(self.bad * self.at_most, self.good));
        (self.bad + self.good > 0.0).then_some(bounds)
    }
}
