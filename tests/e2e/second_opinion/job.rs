//! Jobs as they are drawn, and what the runbook's sentences promise about each.

use std::time::Duration;

use chrono::DateTime;
use jobwatch_catalogue::{JobDraft, JobSpec, Schedule, ThresholdOverride};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// How often the jobs of a catalogue are due, which decides how long they are watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Every few minutes.
    Quick,
    /// Every quarter of an hour to every two hours.
    Hourly,
    /// A few times a day, at night, or in working hours.
    Daily,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Due {
    Every(u64),
    Cron(&'static str),
}

/// A job. Numbers that are `None` are the runbook's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    due: Due,
    /// In minutes.
    timeout: u64,
    /// In minutes more than two of its intervals and its timeout.
    not_running: Option<u64>,
    /// In minutes.
    overdue: Option<u64>,
    failures: Option<u64>,
    /// Failed executions in a thousand seconds.
    failing: Option<u64>,
    /// In minutes, a bound of a bucket.
    slow: Option<u64>,
    long_queue: Option<u64>,
}

/// The numbers of the runbook's sentences as they hold for one job: durations in seconds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Promise {
    pub(super) timeout: u64,
    /// The shortest and the longest time between two due times.
    pub(super) gaps: (u64, u64),
    pub(super) overdue: u64,
    pub(super) not_running: u64,
    pub(super) critically_stale: u64,
    pub(super) failures_in_a_row: u64,
    /// A second.
    pub(super) failing: f64,
    pub(super) slow: u64,
    pub(super) very_slow: u64,
    pub(super) growing_queue: u64,
    pub(super) long_queue: u64,
    /// Two intervals where they are closest.
    pub(super) two_intervals: u64,
    /// Five intervals where they are closest.
    pub(super) five_intervals: u64,
    /// Five intervals where they are farthest, or three executions that take all the time they may.
    pub(super) many_executions: u64,
    /// Three executions that take all the time they may, and the due times that they make pass.
    pub(super) three_slow_executions: u64,
}

impl Job {
    pub(super) fn drawn(pace: Pace) -> impl Strategy<Value = Self> {
        let due = match pace {
            Pace::Quick => {
                select(vec![MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE]).prop_map(Due::Every).boxed()
            }
            Pace::Hourly => {
                let hourly = Due::Cron("7 * * * *");
                let every = [15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR].map(Due::Every);
                select([every.to_vec(), vec![hourly]].concat()).boxed()
            }
            Pace::Daily => select(vec![
                Due::Every(6 * HOUR),
                Due::Cron("30 */8 * * *"),
                Due::Cron("0 3 * * *"),
                Due::Cron("*/30 8-17 * * 1-5"),
            ])
            .boxed(),
        };
        let timeout = match pace {
            Pace::Quick => select(vec![2, 5, 15, 20]),
            Pace::Hourly => select(vec![15, 20, 30, 60]),
            Pace::Daily => select(vec![15, 20, 30, 60, 120]),
        };
        let rarely = |of: Vec<u64>| option::weighted(0.25, select(of));
        let own = (
            rarely(vec![1, 30]),
            rarely(vec![1, 5]),
            rarely(vec![1, 2, 5]),
            rarely(vec![1, 4]),
            rarely(vec![1, 2, 10]),
            rarely(vec![1, 50, 200]),
        );
        (due, timeout, own).prop_map(|(due, timeout, own)| {
            let (not_running, overdue, failures, failing, slow, long_queue) = own;
            Self { due, timeout, not_running, overdue, failures, failing, slow, long_queue }
        })
    }

    /// The job in a catalogue. Its own time without success is one that it can keep.
    pub(super) fn draft(&self, name: &str) -> JobDraft {
        let job = match self.due {
            Due::Every(seconds) => JobSpec::every(name, Duration::from_secs(seconds)),
            Due::Cron(expression) => JobSpec::cron(name, expression, "UTC"),
        };
        let two_gaps = self.schedule().longest_span(2).as_secs() / MINUTE;
        let minutes = |minutes: u64| format!("{minutes}m");
        let set = |key: &str, value: String| ThresholdOverride::new().set(key, value);
        let own = [
            (
                "NotRunning",
                self.not_running.map(|more| set("above", minutes(two_gaps + self.timeout + more))),
            ),
            ("Overdue", self.overdue.map(|above| set("above", minutes(above)))),
            ("ConsecutiveFailures", self.failures.map(|least| set("at_least", least.to_string()))),
            ("Failing", self.failing.map(|above| set("above", format!("0.00{above}")))),
            ("HighDuration", self.slow.map(|above| set("above", minutes(above)))),
            ("CriticalQueueSize", self.long_queue.map(|above| set("above", above.to_string()))),
        ];
        let job = job.timeout(Duration::from_secs(self.timeout * MINUTE)).items("things").queue("things");
        own.into_iter().fold(job, |job, (alert, own)| match own {
            Some(own) => job.threshold(format!("BackgroundJob{alert}"), own),
            None => job,
        })
    }

    fn schedule(&self) -> Schedule {
        match self.due {
            Due::Every(seconds) => Schedule::every(Duration::from_secs(seconds)).unwrap(),
            Due::Cron(expression) => Schedule::cron(expression, "UTC").unwrap(),
        }
    }

    /// When it is due if it was first scheduled at a moment: until an end, and a few times more.
    pub(super) fn due(&self, first_scheduled: u64, end: u64) -> Vec<u64> {
        const MORE: usize = 3;
        let next = |after: u64| match self.schedule() {
            Schedule::Interval(interval) => after + interval.as_secs(),
            Schedule::Cron(cron) => {
                let after = DateTime::from_timestamp(after as i64, 0).unwrap();
                cron.next_after(after).unwrap().timestamp() as u64
            }
        };
        let first = match self.due {
            Due::Every(_) => first_scheduled,
            Due::Cron(_) => next(first_scheduled - 1),
        };
        let mut due = vec![first];
        while due.iter().rev().take_while(|&&due| due > end).count() < MORE {
            due.push(next(due[due.len() - 1]));
        }
        due
    }

    /// What the runbook promises. "A job whose intervals make the figure meaningless" is judged by
    /// two of them and its timeout, for the critical alert by three, in whole hours or days.
    pub(super) fn promise(&self) -> Promise {
        let schedule = self.schedule();
        let (shortest, longest) = (schedule.shortest_gap().as_secs(), schedule.longest_gap().as_secs());
        let timeout = self.timeout * MINUTE;
        let gaps = |number| schedule.longest_span(number).as_secs();
        let rounded = |seconds: u64| {
            let unit = if seconds > 2 * DAY { DAY } else { HOUR };
            seconds.div_ceil(unit) * unit
        };
        let is_meaningful = longest + timeout < 2 * HOUR && gaps(2) <= 2 * HOUR;
        let not_running = if is_meaningful { 2 * HOUR } else { rounded(gaps(2) + timeout).max(2 * HOUR) };
        let very = rounded(gaps(3) + timeout).max(rounded(rounded(gaps(2) + timeout) + 1));
        let critically_stale = if gaps(2) + timeout <= DAY { DAY } else { very.max(DAY) };
        let slow_cycle = timeout.div_ceil(shortest) * shortest;
        Promise {
            timeout,
            gaps: (shortest, longest),
            overdue: self.overdue.unwrap_or(2) * MINUTE,
            not_running: self
                .not_running
                .map_or(not_running, |more| gaps(2) / MINUTE * MINUTE + timeout + more * MINUTE),
            critically_stale,
            failures_in_a_row: self.failures.unwrap_or(3),
            failing: self.failing.map_or(0.1, |failing| failing as f64 / 1_000.0),
            slow: self.slow.unwrap_or(5) * MINUTE,
            very_slow: 10 * MINUTE,
            growing_queue: 100,
            long_queue: self.long_queue.unwrap_or(1_000),
            two_intervals: schedule.shortest_span(2).as_secs(),
            five_intervals: schedule.shortest_span(5).as_secs(),
            many_executions: schedule.longest_span(5).as_secs().max(3 * slow_cycle + longest),
            three_slow_executions: 3 * slow_cycle,
        }
    }
}

impl Promise {
    /// Whether the job rests at night or at weekends.
    pub(super) const fn rests(&self) -> bool {
        self.gaps.0 != self.gaps.1
    }
}
