//! What generated files say.

use std::collections::BTreeMap;

use serde_json::Value;

use super::facts::{Aspect, Facts, Kind, of_all};
use crate::rule_file::{RuleFileError, RuleKind, read};
use crate::scope::{ESCALATES, SEVERITY};

/// How the names of rule files end.
pub(super) const RULES: &str = ".rules.yaml";
/// How the names of dashboards end.
pub(super) const DASHBOARD: &str = ".json";
/// What a rule or a panel evaluates.
pub(super) const EXPRESSION: &str = "expression";
/// What stands between the name of an alert and that of the one which it escalates.
pub(super) const OF: &str = " of ";
/// For how long a condition has to hold.
pub(super) const HOLD: &str = "for";

pub(super) fn add_rules(facts: &mut Facts, text: &str) -> Result<(), RuleFileError> {
    for rule in read(text)?.into_iter().flat_map(|group| group.rules) {
        let label = |name: &str| rule.labels.iter().find(|label| label.name.value == name);
        let (kind, name) = match (rule.kind, label(ESCALATES)) {
            (RuleKind::Record, _) => (Kind::Series, rule.name.value.clone()),
            (RuleKind::Alert, None) => (Kind::Alert, rule.name.value.clone()),
            // There is one for each alert that it escalates.
            (RuleKind::Alert, Some(of)) => (Kind::Alert, format!("{}{OF}{}", rule.name.value, of.text.value)),
        };
        let said = facts.thing(kind, name);
        said.insert(of_all(EXPRESSION), rule.expression.value);
        if kind == Kind::Alert {
            let hold = rule.hold.map_or_else(|| "none".to_owned(), |hold| hold.value);
            said.insert(of_all(HOLD), hold);
        }
        let labels = rule.labels.into_iter().map(|label| {
            let name = label.name.value;
            (if name == SEVERITY { name } else { format!("label {name}") }, label.text.value)
        });
        let annotations = rule.annotations.into_iter().map(|text| (text.name.value, text.text.value));
        said.extend(labels.chain(annotations).map(|(name, text)| (of_all(name), text)));
    }
    Ok(())
}

/// Adds the panels of a dashboard, with what stands before their names. A text that is no dashboard
/// has no panels.
pub(super) fn add_panels(facts: &mut Facts, text: &str, before: &str) {
    let Ok(dashboard) = serde_json::from_str::<Value>(text) else { return };
    let mut row = String::new();
    for node in list(&dashboard, "panels") {
        if node["type"] == "row" {
            row = text_of(&node["title"]);
            for panel in list(node, "panels") {
                add_panel(facts, panel, &row, before);
            }
        } else {
            add_panel(facts, node, &row, before);
        }
    }
    for variable in list(&dashboard["templating"], "list") {
        let said = facts.thing(Kind::Panel, format!("{before}choice {}", text_of(&variable["name"])));
        said.insert(of_all("query"), text_of(&variable["query"]));
    }
}

fn add_panel(facts: &mut Facts, panel: &Value, row: &str, before: &str) {
    let queries: Vec<String> = list(panel, "targets").iter().map(|target| text_of(&target["expr"])).collect();
    let aspects = [
        ("row", row.to_owned()),
        ("description", text_of(&panel["description"])),
        (EXPRESSION, queries.join("\n")),
        ("type", text_of(&panel["type"])),
    ];
    let aspects: BTreeMap<Aspect, String> =
        aspects.into_iter().map(|(name, text)| (of_all(name), text)).collect();
    facts.thing(Kind::Panel, format!("{before}{}", text_of(&panel["title"]))).extend(aspects);
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
