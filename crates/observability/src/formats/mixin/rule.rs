//! A rule as a value of jsonnet.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::quantity::Quantity;
use crate::rules::Rule;

pub(super) fn value(rule: &Rule) -> Value {
    let expr = rule.expression().to_string();
    match rule {
        Rule::Recording { series, labels, .. } => {
            let labels: BTreeMap<&str, &str> =
                labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            json!({ "record": series, "expr": expr, "labels": labels })
        }
        Rule::Alerting { alert, hold, labels, annotations, .. } => {
            let labels: BTreeMap<&str, &str> =
                labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let annotations: BTreeMap<&str, &str> =
                annotations.iter().map(|(name, text)| (*name, text.as_str())).collect();
            let mut rule = json!({
                "alert": alert.as_str(), "expr": expr, "labels": labels, "annotations": annotations,
            });
            if *hold > 0 {
                rule["for"] = Quantity::Duration(*hold).to_string().into();
            }
            rule
        }
    }
}
