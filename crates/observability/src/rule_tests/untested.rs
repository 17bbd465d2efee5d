//! Leaves alerts out of rule tests: those of which nobody knows here when they fire.

use super::placement::TestFile;
use crate::alert_name::AlertName;
use crate::alerts::unresolved::UNRESOLVED;
use crate::scenario::{Scenario, Watched};

impl TestFile<'_> {
    /// The same about the alerts that are known here, without some of them. `None` if that leaves
    /// nothing.
    pub(crate) fn without(mut self, untested: &[AlertName]) -> Option<Self> {
        let known: Vec<AlertName> = self.stage.alerts().filter(|name| !untested.contains(name)).collect();
        for scenario in &mut self.scenarios {
            narrow(scenario, &known, untested);
        }
        self.scenarios.retain(|scenario| !scenario.checks.is_empty());
        self.firings.retain(|firing| {
            let fires = if firing.escalates { UNRESOLVED.name } else { firing.alert };
            known.contains(&firing.alert) && known.contains(&fires)
        });
        (!self.scenarios.is_empty() || !self.firings.is_empty()).then_some(self)
    }
}

/// Lets a scenario look at the alerts that are known, by their names: there may be others.
fn narrow(scenario: &mut Scenario, known: &[AlertName], untested: &[AlertName]) {
    for check in &mut scenario.checks {
        let is_watched = |name: &AlertName| match &check.watched {
            Watched::All => !scenario.except.contains(name),
            Watched::These(names) => names.contains(name),
        };
        check.watched = Watched::These(known.iter().copied().filter(is_watched).collect());
        check.firing.retain(|name| known.contains(name));
    }
    scenario.checks.retain(|check| !matches!(&check.watched, Watched::These(names) if names.is_empty()));
    scenario.except_all(untested);
}
