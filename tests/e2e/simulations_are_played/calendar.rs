//! Where on the calendar a simulation begins: a simulated job is first due two steps after its
//! process starts, and the runtime keeps calendars.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use jobwatch_catalogue::Schedule;

/// When the schedule of a simulated job is due.
#[derive(Debug, Clone)]
pub(crate) struct Timing {
    /// The schedule that the runtime is given.
    pub(crate) schedule: Schedule,
    /// The moment from which the schedule counts, in seconds of the simulation, if it has to be
    /// before the process starts.
    pub(crate) anchor: Option<i64>,
}

/// The moment at which simulations begin, by the calendar of the schedule, so that a job is due at
/// `first_due`, and until when its due times are as evenly spaced as a simulation takes them to be.
/// Both are in seconds from the beginning.
pub(crate) fn beginning(schedule: &Schedule, first_due: u64) -> (DateTime<Utc>, u64) {
    let monday = DateTime::from_timestamp(1_772_409_600, 0).unwrap();
    let Schedule::Cron(cron) = schedule else { return (monday, u64::MAX) };
    let gap = delta(schedule.shortest_gap().as_secs());
    let first = cron.next_after(monday).unwrap();
    if schedule.shortest_gap() == schedule.longest_gap() {
        return (first - delta(first_due), u64::MAX);
    }
    // A job that rests is shown where it is due most often in a row.
    let evenly = |due: DateTime<Utc>| {
        let mut last = due;
        while cron.next_after(last) == Some(last + gap) {
            last += gap;
        }
        (last - due).num_seconds().unsigned_abs()
    };
    let all = std::iter::successors(Some(first), |due| cron.next_after(*due)).take(100);
    let (lasts, due) = all.map(|due| (evenly(due), due)).max_by_key(|(lasts, _)| *lasts).unwrap();
    (due - delta(first_due), first_due + lasts)
}

/// How a job is due each time so many seconds have passed, and at a moment.
///
/// An interval counts from when the job was first scheduled, a calendar does not: where there is a
/// cron expression for the same due times, the runtime is given that.
pub(crate) fn each(gap: u64, first_due: DateTime<Utc>, start: u64, first: u64) -> Timing {
    let (second, minute, hour) = (first_due.second(), first_due.minute(), first_due.hour());
    let among = |number: u32, every: u64, of: u64| {
        let every = u32::try_from(every).unwrap();
        let all: Vec<String> = (number % every..u32::try_from(of).unwrap())
            .step_by(every as usize)
            .map(|number| number.to_string())
            .collect();
        all.join(",")
    };
    let expression = match gap {
        0 => None,
        1..60 if 60 % gap == 0 => Some(format!("{} * * * * *", among(second, gap, 60))),
        60..3_600 if gap.is_multiple_of(60) && 3_600 % gap == 0 => {
            Some(format!("{second} {} * * * *", among(minute, gap / 60, 60)))
        }
        3_600..=86_400 if gap.is_multiple_of(3_600) && 86_400 % gap == 0 => {
            Some(format!("{second} {minute} {} * * *", among(hour, gap / 3_600, 24)))
        }
        _ => None,
    };
    match expression {
        Some(expression) => Timing { schedule: Schedule::cron(&expression, "UTC").unwrap(), anchor: None },
        None => {
            let gap = gap.max(1);
            let back = (first - start).div_ceil(gap) * gap;
            let anchor = i64::try_from(first).unwrap() - i64::try_from(back).unwrap();
            Timing { schedule: Schedule::every(Duration::from_secs(gap)).unwrap(), anchor: Some(anchor) }
        }
    }
}

pub(crate) fn delta(seconds: u64) -> TimeDelta {
    TimeDelta::seconds(i64::try_from(seconds).unwrap())
}
