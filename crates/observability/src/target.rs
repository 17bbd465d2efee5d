//! Which formats can be chosen.

use std::collections::BTreeSet;

use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};

/// A format that a catalogue can choose, named for what reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, EnumIter)]
#[strum(serialize_all = "kebab-case")]
pub enum Target {
    /// The rule file that Prometheus, Thanos and Mimir load.
    Prometheus,
    /// The dashboard that Grafana imports.
    Grafana,
    /// The tests that `promtool test rules` runs, with the rule file that they are about.
    RuleTests,
    /// The rules as a `PrometheusRule`.
    PrometheusOperator,
    /// The dashboard in a ConfigMap that Grafana's sidecar finds.
    GrafanaSidecar,
    /// The dashboard as a `GrafanaDashboard`.
    GrafanaOperator,
    /// The configuration of Alertmanager that routes the alerts.
    Alertmanager,
    /// Rules and dashboard as a jsonnet mixin, whose settings can be overridden.
    Mixin,
}

impl Target {
    /// Those of a catalogue that chooses none.
    pub const DEFAULT: [Self; 3] = [Self::Prometheus, Self::Grafana, Self::RuleTests];

    /// Returns its name in catalogues and on the command line.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns the target of this name. `None` if there is none.
    pub fn named(name: &str) -> Option<Self> {
        Self::iter().find(|target| target.as_str() == name)
    }

    /// Returns the chosen ones with those that they need.
    pub fn complete(chosen: impl IntoIterator<Item = Self>) -> BTreeSet<Self> {
        let mut all: BTreeSet<Self> = chosen.into_iter().collect();
        if all.contains(&Self::RuleTests) {
            all.insert(Self::Prometheus);
        }
        all
    }

    /// Returns the names of all of them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::iter().map(Self::as_str)
    }
}
