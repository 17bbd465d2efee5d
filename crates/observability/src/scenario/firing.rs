//! What makes an alert fire, to hold its texts against what they should say.

use jobwatch_catalogue::metric::JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS;

use super::described::{Exposed, Scenario};
use super::series::Series;
use crate::alert_name::AlertName;

/// A scenario in which an alert fires with a known value. Each alert has at most one, in which its
/// texts are compared. Those of several alerts share a simulation unless their series contradict
/// each other: one that needs a metric to stay as it is has to expose it.
#[derive(Debug, Clone, PartialEq)]
pub struct Firing {
    /// The alert.
    pub alert: AlertName,
    /// When it is looked at.
    pub at: u64,
    /// Whether that is the step at which it fires first, rather than a later one. Defaults to yes.
    pub is_first: bool,
    /// Its value then.
    pub value: f64,
    /// How its value goes on. Defaults to staying as it is.
    pub course: Course,
    /// Whether it is looked at when nobody has resolved it, rather than when it fires. Defaults to
    /// no.
    pub escalates: bool,
    /// Whether it fires with a namespace, as all alerts do that are about series which are there.
    /// Defaults to yes.
    pub has_namespace: bool,
    /// What makes it fire. Without checks.
    pub scenario: Scenario,
}

/// How a value goes on for which an alert fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// It stays as it is.
    Steady,
    /// It is a time that passes.
    Passing,
    /// It becomes so many times as much whenever so many seconds have passed since a moment.
    Multiplying {
        /// The moment.
        since: u64,
        /// After how many seconds.
        every: u64,
        /// How many times as much.
        by: u64,
        /// How often.
        often: u32,
    },
}

/// A larger number is not exact to Prometheus: two to the power of 53.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

impl Firing {
    /// Returns the scenario in which series make an alert fire with a value at a moment.
    pub fn new(alert: AlertName, at: u64, value: f64, series: impl IntoIterator<Item = Series>) -> Self {
        let says = format!("What makes {alert} fire.");
        let scenario = Scenario::new(alert.as_str(), says).in_one_namespace().series(series).until(at);
        Self {
            alert,
            at,
            is_first: true,
            value,
            course: Course::Steady,
            escalates: false,
            has_namespace: true,
            scenario,
        }
    }

    /// The same, as one that may fire sooner.
    pub fn at_the_latest(mut self) -> Self {
        self.is_first = false;
        self
    }

    /// The same, beside other series, which have all their labels.
    pub fn beside(mut self, others: impl IntoIterator<Item = Series>) -> Self {
        self.scenario = self.scenario.beside(others);
        self
    }

    /// The same, with a value that goes on in another way.
    pub fn going_on(mut self, course: Course) -> Self {
        self.course = course;
        self
    }

    /// The same about a job that counts as scheduled only when it is looked at, so that it does not
    /// become stale meanwhile.
    pub(crate) fn not_stale(mut self) -> Self {
        let scheduled = Series::constant(JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS.name, &[], self.at);
        for replica in &mut self.scenario.replicas {
            if let Exposed::Series(series) = replica {
                series.retain(|known| !known.is_same(&scheduled));
                series.push(scheduled.clone());
            }
        }
        self
    }

    /// The same so many seconds later, when nobody has resolved it. `None` if it does not go on for
    /// so long.
    pub(crate) fn escalated(mut self, seconds: u64) -> Option<Self> {
        self.at = self.at.saturating_add(seconds);
        self.value = match self.course {
            Course::Steady => self.value,
            Course::Passing => self.value + seconds as f64,
            Course::Multiplying { since, every, by, often } => {
                let times = u32::try_from((self.at - since) / every.max(1)).ok()?;
                (times <= often).then_some(self.value * (by as f64).powf(f64::from(times)))?
            }
        };
        self.escalates = true;
        self.scenario.at_once = false;
        self.scenario = self.scenario.until(self.at);
        (self.value <= LARGEST_EXACT).then_some(self)
    }

    /// The same, as one that is seen at once.
    pub fn at_once(mut self) -> Self {
        self.scenario = self.scenario.at_once();
        self
    }

    /// The same, which shows what it says only at steps that are no longer than so many seconds.
    pub fn step_at_most(mut self, seconds: u64) -> Self {
        self.scenario = self.scenario.step_at_most(seconds);
        self
    }

    /// The same about a job that has no series, beside others that have some. It fires without a
    /// namespace, and needs a simulation of its own.
    pub fn of_absent_series(mut self, others: impl IntoIterator<Item = Series>) -> Self {
        self.has_namespace = false;
        self.scenario.replicas.clear();
        self.scenario = self.scenario.beside(others).alone();
        self
    }
}
