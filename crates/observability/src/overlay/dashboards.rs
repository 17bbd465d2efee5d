//! The dashboards that an overlay yields.

use std::collections::BTreeSet;

use jobwatch_catalogue::Catalogue;
use serde_json::{Map, Value};

use super::error::{Problems, note};
use super::expression;
use super::fields::{Fields, GRAFANA_DASHBOARDS, kind};
use crate::artifact::{HeaderPlace, header};

/// How the name of a dashboard's file ends.
const END: &str = ".json";

/// The longest uid that Grafana takes, in characters
/// (<https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/>).
const LONGEST_UID: usize = 40;

/// The longest name of a file, without its end: a label of RFC 1123, because objects of Kubernetes
/// have it in their names.
const LONGEST_NAME: usize = 63;

/// How many columns the grid of a dashboard has.
const GRID_WIDTH: u64 = 24;

/// The dashboards that an overlay changes or adds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Dashboards {
    /// The text of the catalogue's own. `None` if it is as it is generated.
    pub(super) own: Option<String>,
    pub(super) further: Vec<FurtherDashboard>,
}

/// A dashboard that an overlay adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FurtherDashboard {
    /// The name of its file without the end: small letters, digits and `-`.
    pub name: String,
    /// Its text, with a line break at its end.
    pub text: String,
}

/// Reads the dashboards that an overlay yields.
pub(super) fn read(
    catalogue: &Catalogue,
    before: &Fields,
    after: &Fields,
    problems: &mut Problems,
) -> Dashboards {
    let mut dashboards = Dashboards::default();
    let Some(value) = after.get(GRAFANA_DASHBOARDS) else { return dashboards };
    let Value::Object(all) = value else {
        let message = format!("expected an object of dashboards by file, and this is {}", kind(value));
        note(problems, GRAFANA_DASHBOARDS, message);
        return dashboards;
    };
    let own = format!("{}{END}", catalogue.name());
    let known = before.get(GRAFANA_DASHBOARDS).map(|before| &before[&own]);
    if !all.contains_key(&own) {
        let message = format!(
            "`{own}` is missing, which alerts link to: write `{GRAFANA_DASHBOARDS}+::` to keep it, and leave \
             formats out with `targets`"
        );
        note(problems, GRAFANA_DASHBOARDS, message);
    }
    let mut uids = BTreeSet::new();
    for (file, value) in all {
        let path = format!("{GRAFANA_DASHBOARDS}['{file}']");
        let is_generated = *file == own && known == Some(value);
        let Value::Object(dashboard) = value else {
            note(problems, path, format!("a dashboard is an object, and this is {}", kind(value)));
            continue;
        };
        if !is_generated {
            check(&path, dashboard, problems);
        }
        if let Some(uid) = dashboard.get("uid").and_then(Value::as_str)
            && !uids.insert(uid)
        {
            note(problems, format!("{path}.uid"), format!("another dashboard has the uid `{uid}`, too"));
        }
        if is_generated {
            continue;
        }
        let text = written(catalogue, dashboard);
        if *file == own {
            if known.is_some_and(|known| known["uid"] != value["uid"]) {
                let message = "the links of alerts have another one: set it as `_config.dashboardUID`";
                note(problems, format!("{path}.uid"), message);
            }
            dashboards.own = Some(text);
        } else if let Some(name) = file.strip_suffix(END).filter(|name| is_name(name)) {
            dashboards.further.push(FurtherDashboard { name: name.to_owned(), text });
        } else {
            let message = format!(
                "the name of a file has small letters, digits and `-`, up to {LONGEST_NAME}, and ends in `{END}`"
            );
            note(problems, path, message);
        }
    }
    dashboards
}

fn is_name(text: &str) -> bool {
    let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.len() <= LONGEST_NAME
        && text.chars().all(|c| is_end(c) || c == '-')
        && text.starts_with(is_end)
        && text.ends_with(is_end)
}

/// Returns the text of a dashboard, which says that it was generated.
fn written(catalogue: &Catalogue, dashboard: &Map<String, Value>) -> String {
    let mut dashboard = dashboard.clone();
    let header = header(catalogue);
    let said = dashboard.get("description").and_then(Value::as_str).unwrap_or_default();
    let is_marked =
        HeaderPlace::Description.origin(Value::Object(dashboard.clone()).to_string().as_bytes()).is_some();
    if !is_marked {
        let both = if said.is_empty() { header.to_string() } else { format!("{said} {header}") };
        dashboard.insert("description".to_owned(), both.into());
    }
    // A value is text without fail.
    format!("{:#}\n", Value::Object(dashboard))
}

/// Notes what is no dashboard of Grafana's.
fn check(path: &str, dashboard: &Map<String, Value>, problems: &mut Problems) {
    check_text(path, dashboard, "title", problems);
    match dashboard.get("uid") {
        Some(Value::String(uid)) if is_uid(uid) => {}
        _ => note(
            problems,
            format!("{path}.uid"),
            format!("a dashboard has a uid of up to {LONGEST_UID} letters, digits, `-` and `_`"),
        ),
    }
    for (key, is_one) in [
        ("description", Value::is_string as fn(&Value) -> bool),
        ("schemaVersion", Value::is_u64),
        ("tags", Value::is_array),
        ("templating", Value::is_object),
        ("time", Value::is_object),
    ] {
        if let Some(value) = dashboard.get(key).filter(|value| !is_one(value)) {
            note(problems, format!("{path}.{key}"), format!("Grafana does not take {} here", kind(value)));
        }
    }
    let mut ids = BTreeSet::new();
    match dashboard.get("panels") {
        Some(Value::Array(panels)) => check_panels(path, panels, &mut ids, problems),
        Some(other) => {
            note(
                problems,
                format!("{path}.panels"),
                format!("expected an array, and this is {}", kind(other)),
            );
        }
        None => note(problems, format!("{path}.panels"), "it is missing: a dashboard has panels"),
    }
}

fn check_panels(path: &str, panels: &[Value], ids: &mut BTreeSet<u64>, problems: &mut Problems) {
    for (number, value) in panels.iter().enumerate() {
        let path = format!("{path}.panels[{number}]");
        let Value::Object(panel) = value else {
            note(problems, path, format!("a panel is an object, and this is {}", kind(value)));
            continue;
        };
        check_text(&path, panel, "type", problems);
        if let Some(id) = panel.get("id").filter(|id| !id.is_null()) {
            match id.as_u64() {
                Some(id) if ids.insert(id) => {}
                Some(id) => {
                    note(problems, format!("{path}.id"), format!("another panel has the number {id}, too"));
                }
                None => note(problems, format!("{path}.id"), "a panel's number is a whole one"),
            }
        }
        if let Some(position) = panel.get("gridPos") {
            check_position(&format!("{path}.gridPos"), position, problems);
        }
        match panel.get("targets") {
            None => {}
            Some(Value::Array(targets)) => check_targets(&path, panel, targets, problems),
            Some(other) => {
                let message = format!("expected an array, and this is {}", kind(other));
                note(problems, format!("{path}.targets"), message);
            }
        }
        if let Some(Value::Array(inner)) = panel.get("panels") {
            check_panels(&path, inner, ids, problems);
        }
    }
}

fn check_position(path: &str, position: &Value, problems: &mut Problems) {
    let side = |key: &str| position[key].as_u64();
    let fits = match (side("x"), side("y"), side("w"), side("h")) {
        (Some(x), Some(_), Some(w), Some(h)) => w > 0 && h > 0 && x + w <= GRID_WIDTH,
        _ => false,
    };
    if !fits {
        let message = format!("a place is `x`, `y`, `w` and `h` within {GRID_WIDTH} columns");
        note(problems, path, message);
    }
}

fn check_targets(path: &str, panel: &Map<String, Value>, targets: &[Value], problems: &mut Problems) {
    for (number, target) in targets.iter().enumerate() {
        let path = format!("{path}.targets[{number}]");
        if !target.is_object() {
            note(problems, path, format!("a query is an object, and this is {}", kind(target)));
            continue;
        }
        let of_panel = panel.get("datasource").map(|source| &source["type"]);
        let source = Some(&target["datasource"]["type"]).filter(|kind| !kind.is_null()).or(of_panel);
        let is_prometheus = source.is_none_or(|kind| kind.is_null() || kind == "prometheus");
        match target.get("expr") {
            Some(Value::String(text)) if is_prometheus => {
                if let Err(error) = expression::check(text) {
                    let message = format!("Prometheus does not read this expression: {error}");
                    note(problems, format!("{path}.expr"), message);
                }
            }
            Some(other) if is_prometheus => {
                let message = format!("expected a text, and this is {}", kind(other));
                note(problems, format!("{path}.expr"), message);
            }
            _ => {}
        }
    }
}

fn is_uid(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !text.is_empty() && text.len() <= LONGEST_UID && text.chars().all(is_part)
}

fn check_text(path: &str, object: &Map<String, Value>, key: &str, problems: &mut Problems) {
    let is_said = object.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    if !is_said {
        note(problems, format!("{path}.{key}"), "expected a text that is not empty");
    }
}
