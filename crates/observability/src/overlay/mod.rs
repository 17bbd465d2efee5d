//! What a team's own jsonnet makes of rules and dashboards, beyond the settings of a mixin.
//!
//! A mixin is evaluated with the overlay's settings alone and with all of the overlay. What differs
//! is the team's: it is read here, held against what Prometheus and Grafana take, and put in place
//! of what is generated, so that every format has it.

mod dashboards;
mod error;
mod expression;
mod fields;
mod merge;
mod notices;
mod rules;
#[cfg(test)]
mod tests;
mod untested;

pub use dashboards::FurtherDashboard;
pub use error::{OverlayError, OverlayProblem};
pub use fields::{Fields, GRAFANA_DASHBOARDS, PROMETHEUS_ALERTS, PROMETHEUS_RULES};

use jobwatch_catalogue::Catalogue;

use self::dashboards::Dashboards;
use self::rules::OwnRules;

/// What an overlay changes besides settings. By default nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overlay {
    rules: OwnRules,
    dashboards: Dashboards,
}

impl Overlay {
    /// Reads what an overlay makes of the mixin of a catalogue: its fields with the overlay's
    /// settings alone, and with all of the overlay. Fields that are the same may be left out on
    /// both sides.
    ///
    /// # Errors
    ///
    /// [`OverlayError`] names each field that is no rule that Prometheus takes, or no dashboard.
    pub fn read(catalogue: &Catalogue, before: &Fields, after: &Fields) -> Result<Self, OverlayError> {
        let mut problems = Vec::new();
        let rules = rules::read(before, after, &mut problems);
        let dashboards = dashboards::read(catalogue, before, after, &mut problems);
        match problems.is_empty() {
            true => Ok(Self { rules, dashboards }),
            false => Err(OverlayError { problems }),
        }
    }

    /// Returns whether it changes nothing besides settings.
    pub fn is_empty(&self) -> bool {
        !self.has_rules() && self.dashboards == Dashboards::default()
    }

    /// Returns whether it changes, adds or removes rules.
    pub fn has_rules(&self) -> bool {
        !self.rules.is_generated()
    }

    /// Returns the names of rules that are generated otherwise, or that it removes, sorted.
    pub fn changed_rules(&self) -> Vec<&str> {
        self.rules.changed()
    }
}
