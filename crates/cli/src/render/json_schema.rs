//! A JSON Schema of catalogues, from the same keys and alerts that they are read by.

use std::collections::BTreeSet;

use jobwatch_catalogue::Schedule;
use jobwatch_catalogue::cron::pattern::{descending, pattern};
use jobwatch_catalogue::cron::{MAX_EXPRESSION, MAX_OF_JOB};
use jobwatch_catalogue::label::{GROUPED_ANYHOW, OF_ALERTS, OF_RULES};
use jobwatch_catalogue::schedule::MAX_INTERVAL;
use jobwatch_catalogue::text::{MAX_GROUPING_LABELS, MAX_LABEL_VALUE, MAX_LABELS, MAX_TEXT, MAX_WORD};
use jobwatch_catalogue::yaml::MAX_JOBS;
use jobwatch_catalogue::yaml::keys::{AlertsOf, CATALOGUE, Key, Kind, LabelsOf};
use jobwatch_observability::alerts::STANDARD;
use jobwatch_observability::alerts::unresolved::UNRESOLVED;
use jobwatch_observability::definition::{AlertDefinition, SetBy};
use jobwatch_observability::model::SHORTEST_ESCALATION;
use jobwatch_observability::severity::Severity;
use jobwatch_observability::target::Target;
use serde_json::{Map, Value, json};

use super::{setting, written};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// Returns the schema.
pub(crate) fn catalogue() -> Result<String, serde_json::Error> {
    let mut schema = map(&CATALOGUE);
    schema.insert("$schema".to_owned(), DIALECT.into());
    schema.insert("title".to_owned(), "A catalogue of background jobs for jobwatch".into());
    let of = |of| (named(of).to_owned(), alerts(of));
    let defined = Map::from_iter([of(AlertsOf::Catalogue), of(AlertsOf::Job)]);
    schema.insert("$defs".to_owned(), Value::Object(defined));
    Ok(serde_json::to_string_pretty(&schema)? + "\n")
}

/// Returns what a map with these keys is. Of a key and its earlier name there is one alone.
fn map(keys: &[Key]) -> Map<String, Value> {
    let property = |key: &Key| (key.name.to_owned(), property(key, keys));
    let properties: Map<String, Value> = keys.iter().map(property).collect();
    let required: Vec<&str> = keys.iter().filter(|key| key.is_required).map(|key| key.name).collect();
    let mut schema = Map::from_iter([
        ("type".to_owned(), json!("object")),
        ("properties".to_owned(), Value::Object(properties)),
        ("additionalProperties".to_owned(), json!(false)),
    ]);
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    let all: Vec<Value> = rules(keys);
    if !all.is_empty() {
        schema.insert("allOf".to_owned(), json!(all));
    }
    schema
}

/// Returns which keys stand together and which do not.
fn rules(keys: &[Key]) -> Vec<Value> {
    let has = |name: &str| keys.iter().any(|key| key.name == name);
    let not_both = |one: &str, other: &str| json!({"not": {"required": [one, other]}});
    let mut rules = Vec::new();
    for key in keys {
        if let Kind::EarlierNameOf(present) = key.value {
            rules.push(not_both(key.name, present));
        }
    }
    if has("cron") {
        rules.push(json!({"oneOf": [{"required": ["interval"]}, {"required": ["cron"]}]}));
        rules.push(json!({"not": {"required": ["timezone", "interval"]}}));
    }
    if has("code") && has("alert") {
        // Rules may be about alerts of others.
        let names: Vec<&str> = STANDARD.iter().map(|definition| definition.name.as_str()).collect();
        rules.push(json!({
            "if": {"properties": {"code": {"not": {"pattern": written::OF_RULES}}}},
            "then": {"properties": {"alert": {"pattern": written::one_of(&names)}}}
        }));
    }
    if has("defaults") {
        let within =
            |key: &str| json!({"properties": {"defaults": {"required": [key]}}, "required": ["defaults"]});
        for (at_top, within_defaults) in [
            ("labels", vec!["labels"]),
            ("alerts", vec!["alerts", "thresholds"]),
            ("thresholds", vec!["alerts", "thresholds"]),
        ] {
            let within: Vec<Value> = within_defaults.into_iter().map(within).collect();
            rules.push(json!({"not": {"required": [at_top], "anyOf": within}}));
        }
    }
    rules
}

/// Returns what a text may be that a regular expression says.
fn matching(pattern: impl Into<String>) -> Value {
    json!({"type": "string", "pattern": pattern.into()})
}

/// Returns what the name of a label may be, apart from those that are taken.
fn label(taken: BTreeSet<&str>) -> Value {
    json!({"type": "string", "pattern": written::LABEL, "not": {"enum": taken}})
}

/// Returns a schema with what it is about.
fn described(mut schema: Value, says: impl Into<String>) -> Value {
    if let Value::Object(schema) = &mut schema {
        schema.insert("description".to_owned(), Value::String(says.into()));
    }
    schema
}

fn property(key: &Key, keys: &[Key]) -> Value {
    let mut schema = described(kind(&key.value, keys), key.says);
    if matches!(key.value, Kind::EarlierNameOf(_))
        && let Value::Object(schema) = &mut schema
    {
        schema.insert("deprecated".to_owned(), true.into());
    }
    schema
}

fn kind(kind: &Kind, keys: &[Key]) -> Value {
    match kind {
        Kind::Text => matching(written::line(MAX_TEXT)),
        Kind::Prose => matching(written::lines(MAX_TEXT)),
        Kind::Reason => matching(written::said_on_lines(MAX_TEXT)),
        Kind::CatalogueName => matching(written::CATALOGUE_NAME),
        Kind::JobName => matching(written::JOB_NAME),
        Kind::Namespace => matching(written::namespace()),
        Kind::Path => matching(written::path()),
        Kind::Timezone => json!({"enum": Schedule::timezones().collect::<Vec<_>>()}),
        Kind::Variable => matching("^[A-Z][A-Z0-9_]*$"),
        Kind::Url => matching(written::url()),
        Kind::Duration { least, most } => matching(setting::duration(*least, *most)),
        Kind::CronExpressions => {
            let expression = json!({
                "type": "string",
                "pattern": pattern(),
                "not": {"pattern": descending()},
                "maxLength": MAX_EXPRESSION
            });
            json!({"anyOf": [
                expression,
                {"type": "array", "items": expression, "minItems": 1, "maxItems": MAX_OF_JOB, "uniqueItems": true}
            ]})
        }
        Kind::Targets => {
            let names: Vec<&str> = Target::names().collect();
            json!({"anyOf": [
                {"enum": names},
                {"type": "array", "items": {"enum": names}, "minItems": 1, "uniqueItems": true}
            ]})
        }
        Kind::KubernetesLabels => json!({
            "type": "object",
            "propertyNames": {"pattern": written::KUBERNETES_KEY, "maxLength": MAX_WORD},
            "additionalProperties": {"type": "string", "pattern": written::KUBERNETES_VALUE},
            "maxProperties": MAX_LABELS
        }),
        Kind::LabelNames => {
            let taken = OF_RULES.iter().chain(&OF_ALERTS).chain(&GROUPED_ANYHOW).copied();
            let name = label(taken.collect::<BTreeSet<_>>());
            json!({"anyOf": [
                name,
                {"type": "array", "items": name, "maxItems": MAX_GROUPING_LABELS, "uniqueItems": true}
            ]})
        }
        Kind::Truth => json!({"type": "boolean"}),
        Kind::Labels(of) => {
            let of_alerts = OF_ALERTS.iter().filter(|_| *of == LabelsOf::Alerts);
            json!({
                "type": "object",
                "propertyNames": {
                    "maxLength": MAX_WORD,
                    "allOf": [label(OF_RULES.iter().chain(of_alerts).copied().collect())]
                },
                "additionalProperties": matching(written::line(MAX_LABEL_VALUE)),
                "maxProperties": MAX_LABELS
            })
        }
        Kind::Alerts(of) => json!({"$ref": format!("#/$defs/{}", named(*of))}),
        Kind::Map(keys) => Value::Object(map(keys)),
        Kind::List(keys) => {
            let most = if keys.iter().any(|key| key.name == "interval") { Some(MAX_JOBS) } else { None };
            let mut list = json!({"type": "array", "items": map(keys)});
            if let (Some(most), Value::Object(list)) = (most, &mut list) {
                list.insert("minItems".to_owned(), 1.into());
                list.insert("maxItems".to_owned(), most.into());
            }
            list
        }
        Kind::EarlierNameOf(present) => {
            let found = keys.iter().find(|key| key.name == *present);
            found.map_or_else(|| json!({}), |key| self::kind(&key.value, keys))
        }
    }
}

/// Returns the name of what may be set for alerts.
const fn named(of: AlertsOf) -> &'static str {
    match of {
        AlertsOf::Catalogue => "alerts_of_all_jobs",
        AlertsOf::Job => "alerts_of_one_job",
    }
}

/// Returns what may be set for alerts, by their names.
fn alerts(of: AlertsOf) -> Value {
    let alert = |definition: &&AlertDefinition| (definition.name.as_str().to_owned(), alert(definition, of));
    let properties: Map<String, Value> = STANDARD.iter().map(alert).collect();
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn alert(definition: &AlertDefinition, of: AlertsOf) -> Value {
    let mut settings = Map::new();
    let settable = definition.parameters.iter().filter(|parameter| match parameter.set_by {
        SetBy::CatalogueOrJob => true,
        SetBy::Catalogue => of == AlertsOf::Catalogue,
        SetBy::Nobody => false,
    });
    for parameter in settable {
        let says = format!("{} by default.", parameter.default);
        settings.insert(parameter.key.to_owned(), described(setting::of(parameter), says));
    }
    if of == AlertsOf::Catalogue {
        let default = jobwatch_catalogue::duration::format(std::time::Duration::from_secs(definition.hold));
        let says = format!("For how long the condition has to hold: {default} by default.");
        let least = if definition.name == UNRESOLVED.name { SHORTEST_ESCALATION } else { 0 };
        settings.insert(
            "for".to_owned(),
            described(matching(setting::duration(least, MAX_INTERVAL.as_secs())), says),
        );
    }
    let says = format!("How urgent it is: `{}` by default.", definition.severity.as_str());
    let severities = Severity::ALL.map(Severity::as_str);
    settings.insert("severity".to_owned(), json!({"enum": severities, "description": says}));
    json!({
        "description": format!("{}: {}", definition.heading, definition.severity),
        "anyOf": [
            {"enum": [true, false, "on", "off"]},
            {"type": "string", "pattern": "^([Oo][Nn]|[Oo][Ff][Ff])$"},
            {"type": "object", "properties": settings, "additionalProperties": false}
        ]
    })
}

#[cfg(test)]
mod tests;
