//! The fields of a mixin, as values.

use std::collections::BTreeMap;

use serde_json::Value;

/// The field of rules that record.
pub const PROMETHEUS_RULES: &str = "prometheusRules";
/// The field of rules that alert.
pub const PROMETHEUS_ALERTS: &str = "prometheusAlerts";
/// The field of dashboards, each by the name of its file.
pub const GRAFANA_DASHBOARDS: &str = "grafanaDashboards";

/// Fields of a mixin by name, as its program yields them.
pub type Fields = BTreeMap<String, Value>;

/// Returns what a value is, with its article.
pub(super) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
