//! What time it is by the store's clock, whatever is done to ours.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use crossbeam_utils::atomic::AtomicCell;
use tokio::time::Instant;

use crate::log::log;
use crate::panics::caught;
use crate::schedule::clock::Clock;

/// By how much the wall clock may differ from the time that passed before it counts as stepped. A
/// smaller difference from the store's clock may come from the time that its answer took, and is
/// left alone.
const STEP: Micros = 1_000_000;

/// A time span in microseconds: it is computed with several times in each run.
type Micros = i64;

/// For how long after a look it is known what time it is.
const SOON: Duration = Duration::from_millis(100);

/// The time by the store's clock. Between two answers of the store it goes as fast as time passes:
/// a wall clock that is stepped changes it only when the store has said what time it is then.
/// Otherwise a process whose clock is an hour ahead would take an hour of due times of all replicas
/// for done.
#[derive(Debug)]
pub(crate) struct Time {
    clock: Arc<dyn Clock>,
    began: (DateTime<Utc>, Instant),
    /// Read a few times in each run, and hardly ever changed: whoever reads it does not wait for
    /// others who do.
    known: AtomicCell<Known>,
    /// Whether the clock did not tell the time when it was last asked.
    is_mute: AtomicBool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Known {
    /// By how much the store's clock is ahead of ours.
    offset: Micros,
    /// By how much ours had been stepped when the store told its time.
    stepped: Micros,
    /// By how much ours had been stepped when that was last noticed.
    noticed: Micros,
}

/// Our clocks, at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) wall: DateTime<Utc>,
    pub(crate) at: Instant,
    /// By how much the wall clock went on more than time passed.
    stepped: Micros,
}

impl Time {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let began = (read(clock.as_ref()).unwrap_or_else(|_| Utc::now()), Instant::now());
        Self { clock, began, known: AtomicCell::default(), is_mute: AtomicBool::new(false) }
    }

    /// The time by the store's clock, as far as is known.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.now_at().0
    }

    /// The same, and the moment at which that is.
    pub(crate) fn now_at(&self) -> (DateTime<Utc>, Instant) {
        let look = self.look();
        (self.at(look), look.at)
    }

    /// What time it was by the store's clock at a look.
    pub(crate) fn at(&self, look: Look) -> DateTime<Utc> {
        let known = self.known.load();
        let since = look.stepped - known.stepped;
        let unconfirmed = if since.abs() < STEP { 0 } else { since };
        match known.offset - unconfirmed {
            0 => look.wall,
            ahead => look.wall + TimeDelta::microseconds(ahead),
        }
    }

    /// The same a moment later. If that is not soon after the look, the clock is read again: it
    /// may go faster or slower than time passes.
    pub(crate) fn at_moment(&self, look: Look, at: Instant) -> DateTime<Utc> {
        let passed = at.saturating_duration_since(look.at);
        if passed < SOON { self.at(look) + passed } else { self.now() }
    }

    pub(crate) fn look(&self) -> Look {
        self.look_at(Instant::now())
    }

    fn look_at(&self, at: Instant) -> Look {
        let passed = micros(at - self.began.1);
        let wall = match read(self.clock.as_ref()) {
            Ok(wall) => {
                if self.is_mute.load(Ordering::Relaxed) {
                    self.is_mute.store(false, Ordering::Relaxed);
                }
                wall
            }
            Err(why) => {
                if !self.is_mute.swap(true, Ordering::Relaxed) {
                    log!(error, why, "the clock does not tell the time; jobs go by the time that passes");
                }
                self.began.0 + TimeDelta::microseconds(passed + self.known.load().noticed)
            }
        };
        let went = wall.timestamp_micros() - self.began.0.timestamp_micros();
        Look { wall, at, stepped: went - passed }
    }

    /// Takes note of what time it was for the store at some moment since a look. Answers by how
    /// much its clock is ahead, if that is news.
    ///
    /// An answer that took its time says little: the store read its clock somewhere in between.
    /// What is known stands as long as no answer contradicts it.
    pub(crate) fn told(&self, asked: Look, theirs: DateTime<Utc>) -> Option<TimeDelta> {
        let theirs = sensible(theirs).ok()?;
        let took = micros(asked.at.elapsed());
        let most = theirs.timestamp_micros() - asked.wall.timestamp_micros();
        let least = most - took;
        let may_be = |offset: Micros| least - STEP < offset && offset < most + STEP;
        let known = self.known.load();
        if may_be(known.offset) && (asked.stepped - known.stepped).abs() < STEP {
            // As with nearly every lease: whoever reads what is known is not held up.
            return None;
        }
        let before = self.change(|known| {
            known.stepped = asked.stepped;
            if !may_be(known.offset) {
                known.offset = if may_be(0) { 0 } else { least + took / 2 };
            }
        });
        let offset = self.known.load().offset;
        (before.offset != offset).then(|| TimeDelta::microseconds(offset))
    }

    /// Whether the wall clock was stepped, or the machine slept, and nobody has noticed yet. It is
    /// now the given moment.
    pub(crate) fn is_stepped(&self, now: Instant) -> bool {
        self.was_stepped(self.look_at(now))
    }

    /// Whether that was so at a look, and nobody has noticed since.
    pub(crate) fn was_stepped(&self, look: Look) -> bool {
        (look.stepped - self.known.load().noticed).abs() >= STEP
    }

    /// Notices a step: by how much the wall clock went forward, or back. A clock that goes a little
    /// faster or slower than time passes is followed without more ado.
    pub(crate) fn notice(&self) -> Option<TimeDelta> {
        let look = self.look();
        let before = self.change(|known| {
            if (look.stepped - known.stepped).abs() < STEP {
                known.stepped = look.stepped;
            }
            known.noticed = look.stepped;
        });
        let step = look.stepped - before.noticed;
        (step.abs() >= STEP).then(|| TimeDelta::microseconds(step))
    }

    /// Whether the store has not said yet what time it is since our clock was stepped.
    pub(crate) fn is_unconfirmed(&self) -> bool {
        (self.look().stepped - self.known.load().stepped).abs() >= STEP
    }

    /// Changes what is known, and answers what it was before.
    fn change(&self, by: impl Fn(&mut Known)) -> Known {
        let mut before = self.known.load();
        loop {
            let mut after = before;
            by(&mut after);
            match self.known.compare_exchange(before, after) {
                Ok(before) => return before,
                Err(changed) => before = changed,
            }
        }
    }
}

fn micros(span: Duration) -> Micros {
    Micros::try_from(span.as_micros()).unwrap_or(Micros::MAX)
}

/// Reads a clock, which may be the user's.
fn read(clock: &dyn Clock) -> Result<DateTime<Utc>, String> {
    sensible(caught(|| clock.now())?)
}

/// A moment that can be computed with: further from today, what follows from it may be beyond what
/// any calendar shows.
fn sensible(moment: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    if (0..10_000).contains(&moment.year()) { Ok(moment) } else { Err(format!("it shows {moment:?}")) }
}

/// How long to wait before a store that did not tell the time is asked for it again.
pub(crate) const ASK_AGAIN: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::VirtualClock;

    #[tokio::test(start_paused = true)]
    async fn an_answer_counts_for_no_more_than_it_can_say() {
        let start: DateTime<Utc> = "2026-03-01T10:00:00Z".parse().unwrap();
        let clock = Arc::new(VirtualClock::at(start));
        let time = Time::new(clock.clone());
        let second = TimeDelta::seconds(1);
        // What the store says when its clock is ahead of ours, read a while after it was asked and
        // a while before it answers.
        let told = async |ahead: i64, before: u64, after: u64| {
            let asked = time.look();
            tokio::time::sleep(Duration::from_secs(before)).await;
            let theirs = clock.now() + second * i32::try_from(ahead).unwrap();
            tokio::time::sleep(Duration::from_secs(after)).await;
            time.told(asked, theirs);
            (time.now() - clock.now()).num_seconds()
        };
        assert_eq!(told(5, 0, 0).await, 5);
        assert_eq!(told(5, 0, 60).await, 5, "it may still be so");
        assert_eq!(told(5, 60, 0).await, 5);
        assert_eq!(told(0, 0, 0).await, 0);
        assert_eq!(told(9, 0, 4).await, 7, "a slow answer is not exact");
        assert_eq!(told(9, 0, 0).await, 9, "until there is a quick one");
        assert_eq!(time.told(time.look(), DateTime::<Utc>::MAX_UTC), None);
        assert_eq!((time.now() - clock.now()).num_seconds(), 9);
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_counts_when_the_store_says_so_and_a_drift_at_once() {
        let start: DateTime<Utc> = "2026-03-01T10:00:00Z".parse().unwrap();
        let clock = Arc::new(VirtualClock::at(start));
        let time = Time::new(clock.clone());
        let second = TimeDelta::seconds(1);
        let since = |moment: DateTime<Utc>| (moment - start).as_seconds_f64();

        clock.step(second * 3_600);
        assert_eq!(
            (since(time.now()), time.is_stepped(Instant::now()), time.is_unconfirmed()),
            (0.0, true, true)
        );
        assert_eq!(time.notice(), Some(second * 3_600));
        assert_eq!(
            (since(time.now()), time.is_stepped(Instant::now()), time.is_unconfirmed()),
            (0.0, false, true)
        );
        // The store has a clock of its own, which was right all the time.
        assert_eq!(time.told(time.look(), start), Some(second * -3_600));
        assert_eq!((since(time.now()), time.is_unconfirmed()), (0.0, false));
        // Ours is put right.
        clock.step(second * -3_600);
        assert_eq!(time.notice(), Some(second * -3_600));
        assert_eq!(time.told(time.look(), start), Some(TimeDelta::zero()));
        assert_eq!(since(time.now()), 0.0);
        // The store's clock is ours.
        clock.step(second * 60);
        time.notice();
        assert_eq!(time.told(time.look(), clock.now()), None);
        assert_eq!(since(time.now()), 60.0);
        // Ten steps of half a second are no step.
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_secs(30)).await;
            clock.step(second / 2);
            assert_eq!(time.notice(), None);
        }
        assert_eq!(since(time.now()), 60.0 + 300.0 + 5.0);
    }
}
