//! What to mind about an overlay that changes rules and dashboards themselves.

use super::Overlay;
use super::untested::Untested;
use crate::model::Model;
use crate::rules::groups;
use crate::target::Target;

/// How many rules a group may have for Mimir's ruler, by default
/// (<https://grafana.com/docs/mimir/latest/configure/configuration-parameters/>).
const MOST_RULES: usize = 20;

impl Overlay {
    /// Returns what to mind about what it changes, a sentence each. Usually nothing.
    pub(crate) fn notices(&self, model: &Model<'_>) -> Vec<String> {
        let is_chosen = |target: Target| model.targets().contains(&target);
        let mut notices = Vec::new();
        if self.has_rules() && is_chosen(Target::RuleTests) {
            let generated = groups(model);
            let Untested { alerts, causes } = self.without_tests(model, &generated);
            if !alerts.is_empty() {
                let names: Vec<&str> = alerts.iter().map(|name| name.as_str()).collect();
                notices.push(format!(
                    "the overlay changes what rules yield ({}): rule tests leave out the alerts that follow from it ({})",
                    causes.join(", "),
                    names.join(", ")
                ));
            }
        }
        if !self.is_empty() && is_chosen(Target::Mixin) {
            notices.push(
                "the mixin has the settings of the overlay alone: whoever imports it adds the overlay's rules and \
                 dashboards there"
                    .to_owned(),
            );
        }
        for group in self.rules.groups.iter().filter(|group| group.rules.len() > MOST_RULES) {
            notices.push(format!(
                "the group `{}` has {} rules, and Mimir's ruler takes {MOST_RULES} unless it is told otherwise: \
                 divide it if Mimir evaluates it",
                group.name,
                group.rules.len()
            ));
        }
        notices
    }
}
