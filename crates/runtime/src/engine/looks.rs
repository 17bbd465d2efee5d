//! When to look at which job.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::engine::core::JobIndex;

/// The looks to come, the soonest first, by the store's clock. A look that was superseded by a
/// sooner one is left in: whoever takes it holds it against what the job has scheduled.
///
/// Moments are in microseconds: with many jobs, the size of this table counts, and how long it
/// takes to compare two entries.
#[derive(Debug, Default)]
pub(crate) struct Looks(BinaryHeap<Reverse<(i64, u32)>>);

/// A look at a job whose moment has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) index: JobIndex,
    micros: i64,
}

impl Look {
    /// True if this is the look that the job has scheduled.
    pub(crate) fn is_scheduled(&self, scheduled: Option<DateTime<Utc>>) -> bool {
        scheduled.map(rounded_up) == Some(self.micros)
    }
}

impl Looks {
    pub(crate) fn push(&mut self, at: DateTime<Utc>, index: JobIndex) {
        // The catalogue has no more jobs than that.
        self.0.push(Reverse((rounded_up(at), u32::try_from(index).unwrap_or(u32::MAX))));
    }

    /// Takes the soonest look out. `None` if no moment has come.
    pub(crate) fn take_due(&mut self, now: DateTime<Utc>) -> Option<Look> {
        let soonest = self.0.peek_mut()?;
        if soonest.0.0 > now.timestamp_micros() {
            return None;
        }
        let Reverse((micros, index)) = PeekMut::pop(soonest);
        Some(Look { index: index as JobIndex, micros })
    }

    /// Returns how long it is until the soonest look, at least none. `None` if there is none.
    pub(crate) fn next_in(&self, now: DateTime<Utc>) -> Option<Duration> {
        let Reverse((micros, _)) = self.0.peek()?;
        Some(Duration::from_micros((*micros - now.timestamp_micros()).max(0).unsigned_abs()))
    }
}

/// A moment in microseconds. Part of one that remains counts as a whole one, so that the moment
/// has come then.
fn rounded_up(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros() + i64::from(!at.timestamp_subsec_nanos().is_multiple_of(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_nanos(nanos)
    }

    #[test]
    fn the_soonest_comes_first_and_none_before_its_moment() {
        let mut looks = Looks::default();
        looks.push(at(3_000), 0);
        looks.push(at(1_000), 1);
        assert!(looks.take_due(at(999)).is_none());
        assert_eq!(looks.next_in(at(0)), Some(Duration::from_micros(1)));
        assert_eq!(looks.take_due(at(5_000)).map(|look| look.index), Some(1));
        assert_eq!(looks.next_in(at(5_000)), Some(Duration::ZERO));
        assert_eq!(looks.take_due(at(5_000)).map(|look| look.index), Some(0));
        assert!(looks.take_due(at(5_000)).is_none() && looks.next_in(at(0)).is_none());
    }

    #[test]
    fn a_moment_within_a_microsecond_has_come_when_that_is_over() {
        let mut looks = Looks::default();
        looks.push(at(1_001), 0);
        assert!(looks.take_due(at(1_999)).is_none());
        let look = looks.take_due(at(2_000)).expect("its moment has come");
        assert!(look.is_scheduled(Some(at(1_001))) && look.is_scheduled(Some(at(2_000))));
        assert!(!look.is_scheduled(Some(at(2_001))) && !look.is_scheduled(None));
    }
}
