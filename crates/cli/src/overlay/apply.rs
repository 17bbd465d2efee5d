//! What the settings of an overlay change in a catalogue.

use std::collections::BTreeMap;

use jobwatch_catalogue::CatalogueBuilder;
use jobwatch_observability::Model;
use jobwatch_observability::definition::Parameter;
use jobwatch_observability::quantity::Unit;

use super::config::{AlertConfig, Config, Evaluated};

/// How a catalogue says that a condition need not hold for any time.
const AT_ONCE: &str = "0s";

/// Changes of a catalogue.
#[derive(Default, Clone)]
pub(super) struct Changes {
    namespace: Option<String>,
    selector: Option<BTreeMap<String, String>>,
    grouping_labels: Option<Vec<String>>,
    labels: BTreeMap<String, String>,
    runbook_url: Option<String>,
    grafana_url: Option<String>,
    dashboard_uid: Option<String>,
    alerts: Vec<AlertChange>,
}

/// What is said about an alert, of all jobs or of one.
#[derive(Clone)]
struct AlertChange {
    job: Option<String>,
    alert: String,
    what: Change,
}

#[derive(Clone)]
enum Change {
    Switch(bool),
    Set(String, String),
    /// Where something is set already.
    SetAgain(String, String),
}

impl Changes {
    /// Returns a catalogue with the changes.
    pub(super) fn applied(self, mut catalogue: CatalogueBuilder) -> CatalogueBuilder {
        if let Some(namespace) = self.namespace {
            catalogue = catalogue.namespace(namespace);
        }
        if let Some(selector) = self.selector {
            catalogue = catalogue.selectors(selector);
        }
        if let Some(labels) = self.grouping_labels {
            catalogue = catalogue.grouping_labels(labels);
        }
        for (label, value) in self.labels {
            catalogue = catalogue.label(label, value);
        }
        if let Some(url) = self.runbook_url {
            catalogue = catalogue.runbook_url(url);
        }
        if let Some(url) = self.grafana_url {
            catalogue = catalogue.grafana_url(url);
        }
        if let Some(uid) = self.dashboard_uid {
            catalogue = catalogue.dashboard_uid(uid);
        }
        for AlertChange { job, alert, what } in self.alerts {
            let job = job.as_deref();
            catalogue = catalogue.change_alert(job, &alert, |set| match what {
                Change::Switch(is_on) => set.switched(is_on),
                Change::Set(key, value) => set.set(key, value),
                Change::SetAgain(key, value) if set.get(&key).is_some() => set.set(key, value),
                Change::SetAgain(..) => set,
            });
        }
        catalogue
    }

    fn alert(&mut self, job: Option<&str>, alert: &str, what: Change) {
        self.alerts.push(AlertChange { job: job.map(str::to_owned), alert: alert.to_owned(), what });
    }
}

/// Returns what the overlay changes for all jobs, whose names are given.
///
/// Errors: a number is none that its setting can have.
pub(super) fn settings(
    model: &Model<'_>,
    Evaluated { defaults, config, .. }: &Evaluated,
    jobs: &[String],
) -> Result<Changes, String> {
    let mut changes = of_catalogue(defaults, config);
    for (name, here, before) in changed_alerts(defaults, config) {
        if here.severity != before.severity {
            changes.alert(None, name, Change::Set("severity".to_owned(), here.severity.clone()));
            for job in jobs {
                let again = Change::SetAgain("severity".to_owned(), here.severity.clone());
                changes.alert(Some(job), name, again);
            }
        }
        if here.hold != before.hold {
            let hold = here.hold.clone().unwrap_or_else(|| AT_ONCE.to_owned());
            changes.alert(None, name, Change::Set("for".to_owned(), hold));
        }
        for (key, value) in &here.parameters {
            let parameter = parameter(model, name, key);
            if let (true, Some(parameter)) = (before.parameters.get(key) != Some(value), parameter) {
                let value = written(*value, parameter)
                    .map_err(|why| format!("_config.alerts.{name}.{key}: {why}"))?;
                changes.alert(None, name, Change::Set(key.clone(), value));
            }
        }
        if here.enabled != before.enabled {
            changes.alert(None, name, Change::Switch(here.enabled));
            for job in jobs {
                changes.alert(Some(job), name, Change::Switch(here.enabled));
            }
        }
    }
    Ok(changes)
}

/// Returns what the overlay changes for single jobs, where a model has what it changes for all.
///
/// Errors: a number is none that its setting can have.
pub(super) fn jobs_apart(
    model: &Model<'_>,
    Evaluated { defaults, config, .. }: &Evaluated,
) -> Result<Changes, String> {
    let mut changes = Changes::default();
    for (name, here, _) in changed_alerts(defaults, config) {
        let Some(alert) = model.alerts().iter().find(|alert| alert.name().as_str() == name) else { continue };
        let Some(threshold) = alert.definition.parameters.first() else { continue };
        for job in model.jobs().iter().map(|job| job.spec.name()) {
            let (Some(wanted), Some(found)) =
                (here.value(job.as_str(), threshold.key), alert.of_job(job, threshold.key))
            else {
                continue;
            };
            let wanted = written(wanted, threshold)
                .map_err(|why| format!("_config.alerts.{name}.jobs.{job}.{}: {why}", threshold.key))?;
            if wanted != written(found.as_f64(), threshold)? {
                changes.alert(Some(job.as_str()), name, Change::Set(threshold.key.to_owned(), wanted));
            }
        }
    }
    Ok(changes)
}

fn of_catalogue(defaults: &Config, config: &Config) -> Changes {
    fn changed<T: PartialEq + Clone>(before: &T, here: &T) -> Option<T> {
        (here != before).then(|| here.clone())
    }
    Changes {
        namespace: changed(&defaults.namespace, &config.namespace).flatten(),
        selector: changed(&defaults.selector, &config.selector),
        grouping_labels: changed(&defaults.group_labels, &config.group_labels),
        labels: changed(&defaults.labels, &config.labels).unwrap_or_default(),
        runbook_url: changed(&defaults.runbook_url, &config.runbook_url),
        grafana_url: changed(&defaults.grafana_url, &config.grafana_url),
        dashboard_uid: changed(&defaults.dashboard_uid, &config.dashboard_uid),
        alerts: Vec::new(),
    }
}

/// Returns the alerts whose settings differ: name, settings, and those of the mixin.
fn changed_alerts<'a>(
    defaults: &'a Config,
    config: &'a Config,
) -> impl Iterator<Item = (&'a str, &'a AlertConfig, &'a AlertConfig)> {
    let all = config.alerts.iter();
    let all = all.filter_map(|(name, here)| Some((name.as_str(), here, defaults.alerts.get(name)?)));
    all.filter(|(_, here, before)| here != before)
}

fn parameter(model: &Model<'_>, alert: &str, key: &str) -> Option<&'static Parameter> {
    let alert = model.alerts().iter().find(|known| known.name().as_str() == alert)?;
    alert.definition.parameters.iter().find(|parameter| parameter.key == key)
}

/// Returns a number as a catalogue writes it.
///
/// Errors: it has a fraction, and cannot have one.
fn written(value: f64, parameter: &Parameter) -> Result<String, String> {
    let whole = || {
        if value.fract() == 0.0 {
            Ok(format!("{value:.0}"))
        } else {
            Err("expected a whole number".to_owned())
        }
    };
    match parameter.default.unit() {
        Unit::Seconds | Unit::Timestamp => whole().map(|seconds| format!("{seconds}s")),
        Unit::Count | Unit::Number => whole(),
        Unit::PerSecond | Unit::Ratio => Ok(format!("{value:.6}")),
    }
}
