//! The settings of a mixin: what the catalogue says, as a configuration that can be overridden.

use std::fmt::{self, Write as _};

use jobwatch_catalogue::label::NAMESPACE;
use serde_json::Value;

use super::holes::Settable;
use crate::model::{Alert, Model};
use crate::quantity::Quantity;

/// Returns the text of `_config`.
///
/// Errors: none; writing into a text does not fail.
pub(super) fn config(model: &Model<'_>) -> Result<String, fmt::Error> {
    let catalogue = model.catalogue();
    let mut text = String::new();
    let mut field = |key: &str, value: &Value, comment: &str| {
        writeln!(text, "    // {comment}")?;
        writeln!(text, "    {key}: {value},")
    };
    if let Some(namespace) = catalogue.namespace() {
        let comment = "The namespace whose series are read, besides those without one.";
        field(NAMESPACE, &namespace.into(), comment)?;
    }
    let selector =
        catalogue.selector().iter().map(|(label, value)| (label.clone(), Value::from(value.as_str())));
    let comment = "Labels that every series has that is read: { cluster: 'eu-1' }.";
    field("selector", &Value::Object(selector.collect()), comment)?;
    let comment = "Labels that tell copies of a job apart, besides the namespace: ['cluster'].";
    field("groupLabels", &catalogue.grouping_labels().to_vec().into(), comment)?;
    field("labels", &Value::Object(serde_json::Map::new()), "Further labels of every alert.")?;
    let comment = "The page that the links of alerts lead to. Anchors of its sections follow it.";
    field("runbookURL", &catalogue.runbook_url().into(), comment)?;
    field("grafanaURL", &catalogue.grafana_url().unwrap_or_default().into(), "Where Grafana is.")?;
    field("dashboardUID", &catalogue.dashboard_uid().into(), "The uid of the dashboard.")?;
    writeln!(text, "    // Each alert: numbers are in seconds, parts of a whole, or counts.")?;
    writeln!(text, "    alerts: {{")?;
    for alert in model.alerts().iter().filter(|alert| alert.expression.is_some()) {
        write_alert(&mut text, alert, model)?;
    }
    writeln!(text, "    }},")?;
    Ok(text)
}

fn write_alert(text: &mut String, alert: &Alert, model: &Model<'_>) -> fmt::Result {
    writeln!(text, "      {}: {{", alert.name())?;
    writeln!(text, "        enabled: true,")?;
    writeln!(text, "        severity: \"{}\",", alert.severity.as_str())?;
    let hold = match alert.hold {
        0 => "null".to_owned(),
        hold => format!("\"{}\"", Quantity::Duration(hold)),
    };
    writeln!(text, "        'for': {hold},")?;
    for of in Settable::of(alert) {
        let value = alert.stated.get(of.place).copied().flatten().unwrap_or(of.parameter.default);
        writeln!(text, "        {}: {},", of.parameter.key, value.to_promql())?;
    }
    if let Some(threshold) = Settable::of(alert).first() {
        writeln!(text, "        // Jobs that differ.")?;
        writeln!(text, "        jobs: {{")?;
        for exception in alert.exceptions() {
            for job in &exception.jobs {
                let (key, value) = (threshold.parameter.key, exception.value.to_promql());
                writeln!(text, "          \"{job}\": {{ {key}: {value} }},")?;
            }
        }
        writeln!(text, "        }},")?;
    }
    let _ = model;
    writeln!(text, "      }},")
}
