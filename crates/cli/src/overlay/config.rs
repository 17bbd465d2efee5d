//! What an evaluated overlay says.

use std::collections::BTreeMap;

use jobwatch_catalogue::suggestion::nearest;
use jobwatch_observability::overlay::Fields;
use serde::Deserialize;
use serde_json::Value;

/// The names of settings.
const SETTINGS: [&str; 8] =
    ["namespace", "selector", "groupLabels", "labels", "runbookURL", "grafanaURL", "dashboardUID", "alerts"];

/// What the program of an overlay yields.
#[derive(Debug, Deserialize)]
pub(super) struct Evaluated {
    /// The mixin's settings.
    pub(super) defaults: Config,
    /// The settings with the overlay.
    pub(super) config: Config,
    /// Fields of the mixin that the overlay changes in another way than by settings, as they are
    /// with its settings alone.
    pub(super) before: Fields,
    /// The same with all of the overlay.
    pub(super) after: Fields,
}

/// The settings of a mixin.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Config {
    #[serde(default)]
    pub(super) namespace: Option<String>,
    pub(super) selector: BTreeMap<String, String>,
    pub(super) group_labels: Vec<String>,
    pub(super) labels: BTreeMap<String, String>,
    #[serde(rename = "runbookURL")]
    pub(super) runbook_url: String,
    #[serde(rename = "grafanaURL")]
    pub(super) grafana_url: String,
    #[serde(rename = "dashboardUID")]
    pub(super) dashboard_uid: String,
    pub(super) alerts: BTreeMap<String, AlertConfig>,
}

/// The settings of an alert.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct AlertConfig {
    pub(super) enabled: bool,
    pub(super) severity: String,
    #[serde(rename = "for")]
    pub(super) hold: Option<String>,
    /// What differs for jobs: parameters by name.
    #[serde(default)]
    pub(super) jobs: BTreeMap<String, BTreeMap<String, f64>>,
    /// Its parameters.
    #[serde(flatten)]
    pub(super) parameters: BTreeMap<String, f64>,
}

impl AlertConfig {
    /// Returns the value of a parameter for a job. `None` if it cannot be set.
    pub(super) fn value(&self, job: &str, key: &str) -> Option<f64> {
        let own = self.jobs.get(job).and_then(|of_job| of_job.get(key));
        own.or_else(|| self.parameters.get(key)).copied()
    }
}

impl Evaluated {
    /// Reads what the program has written.
    ///
    /// Errors: the settings are not what they have to be.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let keys = value["config"].as_object().into_iter().flat_map(|config| config.keys());
        if let Some(key) = keys.into_iter().find(|key| !SETTINGS.contains(&key.as_str())) {
            let hint = match nearest(key, SETTINGS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there is {}; one of your own is hidden: `{key}::`", SETTINGS.join(", ")),
            };
            return Err(format!("_config.{key}: there is no setting `{key}`: {hint}"));
        }
        serde_json::from_value(value).map_err(|error| format!("_config: {error}"))
    }
}
