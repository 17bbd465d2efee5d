//! Reads what a catalogue sets for its alerts.

use std::collections::{BTreeMap, BTreeSet};

use jobwatch_catalogue::schedule::MAX_INTERVAL;
use jobwatch_catalogue::suggestion::nearest;
use jobwatch_catalogue::{Catalogue, ThresholdOverride, Thresholds};

use super::error::{ModelProblemKind, ModelProblems};
use crate::definition::{AlertDefinition, AlertName, Parameter, SetBy};
use crate::quantity::{Quantity, Unit};
use crate::severity::Severity;
use crate::target::Target;

/// The key by which a catalogue says for how long a condition has to hold.
const FOR: &str = "for";

/// The key by which a catalogue says how urgent an alert is.
const SEVERITY: &str = "severity";

/// What is set for one alert.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    /// The parameters that are set, by key.
    pub(super) parameters: BTreeMap<&'static str, Quantity>,
    /// For how many seconds the condition has to hold.
    pub(super) hold: Option<u64>,
    /// How urgent it is.
    pub(super) severity: Option<Severity>,
    /// Whether it is on.
    pub(super) is_on: Option<bool>,
}

/// What is set for each alert.
pub(super) type SettingsByAlert = BTreeMap<AlertName, Settings>;

/// Reads the thresholds of a catalogue, or of one of its jobs.
pub(super) fn read(
    thresholds: &Thresholds,
    path: &str,
    definitions: &[&'static AlertDefinition],
    of_one_job: bool,
    problems: &mut ModelProblems,
) -> SettingsByAlert {
    let mut all = SettingsByAlert::new();
    for (name, set) in thresholds {
        let path = format!("{path}.{name}");
        let Some(definition) = find(name, &path, definitions, problems) else { continue };
        all.insert(definition.name, settings(definition, set, &path, of_one_job, problems));
    }
    all
}

/// Looks for the alerts that suppressions name. One of a finding about rules that somebody wrote
/// may name any.
pub(super) fn check_suppressions(
    catalogue: &Catalogue,
    definitions: &[&'static AlertDefinition],
    problems: &mut ModelProblems,
) {
    for (index, suppression) in catalogue.suppressed().iter().enumerate() {
        if let Some(name) = suppression.alert.as_ref().filter(|_| !suppression.is_about_rules()) {
            find(name, &format!("suppress[{index}].alert"), definitions, problems);
        }
    }
}

/// Returns the formats that a catalogue chooses.
pub(super) fn targets(catalogue: &Catalogue, problems: &mut ModelProblems) -> BTreeSet<Target> {
    let Some(names) = catalogue.targets() else { return Target::DEFAULT.into() };
    let mut chosen = BTreeSet::new();
    for (index, name) in names.iter().enumerate() {
        match Target::named(name) {
            Some(target) => drop(chosen.insert(target)),
            None => problems.value_explained(&format!("targets[{index}]"), || {
                let hint = match nearest(name, Target::names()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the targets are {}", Target::names().collect::<Vec<_>>().join(", ")),
                };
                (ModelProblemKind::UnknownTarget(name.clone()), Some(hint))
            }),
        }
    }
    Target::complete(chosen)
}

fn find(
    name: &str,
    path: &str,
    definitions: &[&'static AlertDefinition],
    problems: &mut ModelProblems,
) -> Option<&'static AlertDefinition> {
    let found = definitions.iter().find(|definition| definition.name.as_str() == name).copied();
    if found.is_none() {
        let names = || definitions.iter().map(|definition| definition.name.as_str());
        problems.key(path, || {
            let hint = match nearest(name, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the alerts are {}", names().collect::<Vec<_>>().join(", ")),
            };
            (ModelProblemKind::UnknownAlert(name.to_owned()), Some(hint))
        });
    }
    found
}

fn settings(
    definition: &'static AlertDefinition,
    set: &ThresholdOverride,
    path: &str,
    of_one_job: bool,
    problems: &mut ModelProblems,
) -> Settings {
    let mut settings = Settings { is_on: set.is_on(), ..Settings::default() };
    for (key, written) in set.iter() {
        let path = format!("{path}.{key}");
        if key == SEVERITY {
            match Severity::ALL.into_iter().find(|severity| severity.as_str() == written) {
                Some(severity) => settings.severity = Some(severity),
                None => problems.value(&path, ModelProblemKind::Severity),
            }
            continue;
        }
        let parameter = definition
            .parameters
            .iter()
            .find(|parameter| parameter.key == key && parameter.set_by != SetBy::Nobody);
        let unit = match parameter {
            Some(parameter) => parameter.default.unit(),
            None if key == FOR => Unit::Seconds,
            None => {
                problems.key(&path, || (unknown(definition, key), None));
                continue;
            }
        };
        if of_one_job && parameter.is_none_or(|parameter| parameter.set_by == SetBy::Catalogue) {
            problems.key(&path, || (ModelProblemKind::NotPerJob(key.to_owned()), None));
            continue;
        }
        let value = match Quantity::parse(written, unit) {
            Ok(value) => value,
            Err(error) => {
                problems.value(&path, ModelProblemKind::Malformed(error));
                continue;
            }
        };
        if let Some(kind) = unfit(key, parameter, value) {
            problems.value(&path, kind);
            continue;
        }
        match (parameter, value) {
            (Some(parameter), value) => {
                settings.parameters.insert(parameter.key, value);
            }
            (None, Quantity::Duration(seconds)) => settings.hold = Some(seconds),
            (None, _) => {}
        }
    }
    settings
}

fn unknown(definition: &AlertDefinition, key: &str) -> ModelProblemKind {
    let settable = definition.parameters.iter().filter(|parameter| parameter.set_by != SetBy::Nobody);
    let mut known: Vec<String> = settable.map(|parameter| format!("`{}`", parameter.key)).collect();
    known.extend([FOR, SEVERITY].map(|key| format!("`{key}`")));
    ModelProblemKind::UnknownParameter {
        alert: definition.name,
        key: key.to_owned(),
        known: known.join(", "),
    }
}

/// Returns why a value makes no sense, if it does not.
fn unfit(key: &str, parameter: Option<&Parameter>, value: Quantity) -> Option<ModelProblemKind> {
    let most = match parameter {
        None => Quantity::Duration(MAX_INTERVAL.as_secs()),
        Some(parameter) => parameter.largest(),
    };
    let is_zero = value.as_f64() == 0.0;
    match parameter {
        Some(parameter) if is_zero && !parameter.may_be_zero => Some(ModelProblemKind::Zero(key.to_owned())),
        _ if value > most => Some(ModelProblemKind::TooLarge { key: key.to_owned(), most: most.to_string() }),
        _ => None,
    }
}
