//! What makes an alert fire, to hold its texts against what they should say.

use super::described::Scenario;
use super::series::Series;
use crate::alert_name::AlertName;

/// A scenario in which an alert fires with a known value. Each alert has at most one, in which its
/// texts are compared. Those of several alerts share a simulation unless their series contradict
/// each other: one that needs a metric to stay as it is has to expose it.
#[derive(Debug, Clone, PartialEq)]
pub struct Firing {
    /// The alert.
    pub alert: AlertName,
    /// When it is looked at: at the step at which it fires first, or later.
    pub at: u64,
    /// Its value then.
    pub value: f64,
    /// Whether it fires with a namespace, as all alerts do that are about series which are there.
    /// Defaults to yes.
    pub has_namespace: bool,
    /// What makes it fire. Without checks.
    pub scenario: Scenario,
}

impl Firing {
    /// Returns the scenario in which series make an alert fire with a value at a moment.
    pub fn new(alert: AlertName, at: u64, value: f64, series: impl IntoIterator<Item = Series>) -> Self {
        let says = format!("What makes {alert} fire.");
        let scenario = Scenario::new(alert.as_str(), says).in_one_namespace().series(series).until(at);
        Self { alert, at, value, has_namespace: true, scenario }
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
