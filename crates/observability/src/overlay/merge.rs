//! Puts what an overlay yields in place of what is generated.

use super::Overlay;
use super::dashboards::FurtherDashboard;
use super::rules::{OwnGroup, OwnRule, OwnRules, RuleOrigin};
use crate::rules::{RuleKey, WrittenGroup, WrittenRule};
use crate::text::{Comment, Template};

impl Overlay {
    /// Returns groups of rules as the overlay has them: those that are generated in their order,
    /// and then those that it adds.
    pub(crate) fn of_rules(&self, generated: Vec<WrittenGroup>) -> Vec<WrittenGroup> {
        let own = &self.rules;
        if own.is_generated() {
            return generated;
        }
        let is_added = |group: &&OwnGroup| generated.iter().all(|known| known.name != group.name);
        let added: Vec<WrittenGroup> =
            own.groups.iter().filter(is_added).map(|group| of_group(empty(&group.name), own)).collect();
        let known = generated.into_iter().map(|group| of_group(group, own));
        let mut groups: Vec<WrittenGroup> = known.chain(added).collect();
        groups.retain(|group| !group.rules.is_empty());
        groups
    }

    /// Returns the text of the catalogue's own dashboard as the overlay has it. `None` if that is
    /// as it is generated.
    pub(crate) fn of_dashboard(&self) -> Option<&str> {
        self.dashboards.own.as_deref()
    }

    /// Returns the dashboards that it adds.
    pub(crate) fn further_dashboards(&self) -> &[FurtherDashboard] {
        &self.dashboards.further
    }
}

fn empty(name: &str) -> WrittenGroup {
    let name = name.to_owned();
    WrittenGroup { name, comment: Comment::new(""), interval: None, limit: None, rules: Vec::new() }
}

fn of_group(generated: WrittenGroup, own: &OwnRules) -> WrittenGroup {
    let is_removed = |rule: &WrittenRule| {
        own.removed.iter().any(|(group, gone)| *group == generated.name && gone.key() == rule.key())
    };
    let Some(OwnGroup { interval, limit, rules, .. }) =
        own.groups.iter().find(|group| group.name == generated.name)
    else {
        let rules = generated.rules.iter().filter(|rule| !is_removed(rule)).cloned().collect();
        return WrittenGroup { rules, ..generated };
    };
    let named = |key: RuleKey<'_>| generated.rules.iter().find(|rule| rule.key() == key);
    let mut all = Vec::with_capacity(rules.len());
    for OwnRule { rule, origin } in rules {
        match (origin, named(rule.key())) {
            // The catalogue has the last word on what follows from settings.
            (RuleOrigin::Generated, known) => all.extend(known.cloned()),
            (_, Some(known)) => all.push(like(known, rule)),
            (_, None) => all.push(rule.clone()),
        }
    }
    let is_other =
        |rule: &&WrittenRule| !is_removed(rule) && !rules.iter().any(|own| own.rule.key() == rule.key());
    all.extend(generated.rules.iter().filter(is_other).cloned());
    WrittenGroup { interval: interval.clone(), limit: *limit, rules: all, ..generated }
}

/// Returns a rule with the comment and in the order of the one that it takes the place of.
fn like(known: &WrittenRule, own: &WrittenRule) -> WrittenRule {
    let mut own = own.clone();
    match (known, &mut own) {
        (WrittenRule::Recording { comment, .. }, WrittenRule::Recording { comment: own, .. }) => {
            own.clone_from(comment);
        }
        (WrittenRule::Alerting { annotations, .. }, WrittenRule::Alerting { annotations: own, .. }) => {
            let place = |(name, _): &(String, Template)| {
                annotations.iter().position(|(known, _)| known == name).unwrap_or(usize::MAX)
            };
            own.sort_by_key(place);
        }
        _ => {}
    }
    own
}
