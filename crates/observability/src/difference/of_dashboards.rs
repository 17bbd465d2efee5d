//! What generated dashboards say.

use serde_json::{Map, Value};

use super::facts::{Aspect, EXPRESSION, Facts, Kind, of_all, text_of};

/// How the names of dashboards end.
pub(super) const DASHBOARD: &str = ".json";

/// Adds a dashboard: one that a team added, by its name, or that of the catalogue. A text that is
/// no dashboard has nothing to add.
pub(super) fn add(facts: &mut Facts, text: &str, further: Option<&str>) {
    let Ok(dashboard) = serde_json::from_str::<Value>(text) else { return };
    let said = facts.thing(Kind::Dashboard, further.unwrap_or_default());
    said.extend(settings(&dashboard, &["panels", "templating"]));
    let before = further.map(in_dashboard).unwrap_or_default();
    let mut row = String::new();
    for node in list(dashboard.get("panels")) {
        if node["type"] == "row" {
            row = text_of(&node["title"]);
            let said = facts.another(Kind::Panel, format!("{before}row {row}"));
            said.extend(settings(node, &["title", "panels"]));
            for panel in list(node.get("panels")) {
                add_panel(facts, panel, &row, &before);
            }
        } else {
            add_panel(facts, node, &row, &before);
        }
    }
    for choice in list(dashboard.get("templating").and_then(|all| all.get("list"))) {
        let said = facts.another(Kind::Panel, format!("{before}choice {}", text_of(&choice["name"])));
        said.extend(settings(choice, &["name"]));
    }
}

/// Returns what an object says, but for that.
fn settings(of: &Value, but: &[&str]) -> Vec<(Aspect, String)> {
    let all = of.as_object().into_iter().flatten().filter(|(name, _)| !but.contains(&name.as_str()));
    all.map(|(name, value)| (of_all(name), text_of(value))).collect()
}

/// Returns what stands before the names of what is in a dashboard that a team added.
pub(super) fn in_dashboard(name: &str) -> String {
    format!("{name}: ")
}

fn add_panel(facts: &mut Facts, panel: &Value, row: &str, before: &str) {
    let targets = list(panel.get("targets"));
    let queries: Vec<String> = targets.iter().map(|target| text_of(&target["expr"])).collect();
    let said = facts.another(Kind::Panel, format!("{before}{}", text_of(&panel["title"])));
    let told = [
        ("row", row.to_owned()),
        ("description", text_of(&panel["description"])),
        (EXPRESSION, queries.join("\n")),
        ("type", text_of(&panel["type"])),
        ("queries", Value::from_iter(targets.iter().map(without_expression)).to_string()),
    ];
    said.extend(told.map(|(name, text)| (of_all(name), text)));
    said.extend(settings(panel, &["title", "description", "type", "targets"]));
}

fn without_expression(target: &Value) -> Value {
    let Value::Object(target) = target else { return target.clone() };
    let rest = target.iter().filter(|(name, _)| *name != "expr");
    Value::Object(rest.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
