//! The alerts that rule tests say nothing about, because an overlay makes others of them.

use std::collections::BTreeSet;

use super::Overlay;
use crate::alert_name::AlertName;
use crate::alerts::unresolved::UNRESOLVED;
use crate::model::{Alert, Model};
use crate::rules::RuleGroup;

impl Overlay {
    /// Returns the alerts of a model that may fire otherwise than they are generated, or say
    /// something else: their rules are changed or removed, or read what such rules yield. What an
    /// expression reads is found by its name, so that rather too many are returned than too few.
    pub(crate) fn untested(&self, model: &Model<'_>, generated: &[RuleGroup]) -> Vec<AlertName> {
        let mut names: BTreeSet<&str> = self.rules.names_of_own().collect();
        let paced = generated.iter().filter(|group| self.rules.is_paced(&group.name));
        names.extend(paced.flat_map(|group| group.rules.iter().map(|rule| rule.name())));
        let rules = generated.iter().flat_map(|group| &group.rules);
        let rules: Vec<(&str, String)> =
            rules.map(|rule| (rule.name(), rule.expression().to_string())).collect();
        loop {
            let reads = |text: &str| names.iter().any(|name| text.contains(name));
            let is_further = |(name, text): &&(&str, String)| !names.contains(name) && reads(text);
            let further: Vec<&str> = rules.iter().filter(is_further).map(|(name, _)| *name).collect();
            if further.is_empty() {
                break;
            }
            names.extend(further);
        }
        let escalates = |warning: AlertName| model.escalations().iter().any(|of| of.warning == warning);
        let all = || model.alerts().iter().map(Alert::name);
        let is_escalated = all().any(|name| names.contains(name.as_str()) && escalates(name));
        all()
            .filter(|name| names.contains(name.as_str()) || is_escalated && *name == UNRESOLVED.name)
            .collect()
    }
}
