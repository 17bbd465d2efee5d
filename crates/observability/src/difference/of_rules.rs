//! What generated rule files say.

use super::facts::{EXPRESSION, Facts, Kind, of_all};
use crate::rule_file::{RuleFileError, RuleKind, read};
use crate::scope::{ESCALATES, SEVERITY};

/// How the names of rule files end.
pub(super) const RULES: &str = ".rules.yaml";
/// What stands between the name of an alert and that of the one which it escalates.
pub(super) const OF: &str = " of ";
/// For how long a condition has to hold.
const HOLD: &str = "for";
/// The group in which a rule is evaluated.
pub(super) const GROUP: &str = "group";

pub(super) fn add(facts: &mut Facts, text: &str) -> Result<(), RuleFileError> {
    for group in read(text)? {
        let settings = [("interval", group.interval), ("limit", group.limit)];
        let settings = settings.into_iter().filter_map(|(name, text)| Some((of_all(name), text?.value)));
        facts.thing(Kind::Group, &group.name.value).extend(settings);
        for rule in group.rules {
            let label = |name: &str| rule.labels.iter().find(|label| label.name.value == name);
            let (kind, name) = match (rule.kind, label(ESCALATES)) {
                (RuleKind::Record, _) => (Kind::Series, rule.name.value.clone()),
                (RuleKind::Alert, None) => (Kind::Alert, rule.name.value.clone()),
                // There is one for each alert that it escalates.
                (RuleKind::Alert, Some(of)) => {
                    (Kind::Alert, format!("{}{OF}{}", rule.name.value, of.text.value))
                }
            };
            let said = facts.another(kind, name);
            said.insert(of_all(GROUP), group.name.value.clone());
            said.insert(of_all(EXPRESSION), rule.expression.value);
            if kind == Kind::Alert {
                let hold = rule.hold.map_or_else(|| "none".to_owned(), |hold| hold.value);
                said.insert(of_all(HOLD), hold);
            }
            if let Some(time) = rule.keep_firing_for {
                said.insert(of_all("keep_firing_for"), time.value);
            }
            let labels = rule.labels.into_iter().map(|label| {
                let name = label.name.value;
                (if name == SEVERITY { name } else { format!("label {name}") }, label.text.value)
            });
            let annotations = rule.annotations.into_iter().map(|text| (text.name.value, text.text.value));
            said.extend(labels.chain(annotations).map(|(name, text)| (of_all(name), text)));
        }
    }
    Ok(())
}
