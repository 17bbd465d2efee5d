//! The formats of generated files, one file or folder each: a model in, text out.

mod alertmanager;
mod format;
mod grafana;
mod grafana_operator;
mod grafana_sidecar;
mod kubernetes;
mod mixin;
mod prometheus;
mod prometheus_operator;
mod promtool;
pub(crate) mod proof;
#[cfg(test)]
mod tests;
mod yaml;

pub use format::Format;

use crate::artifact::Artifact;

/// Every standard format.
pub static STANDARD: &[&Format] = &[
    &prometheus::FORMAT,
    &grafana::FORMAT,
    &promtool::FORMAT,
    &prometheus_operator::FORMAT,
    &grafana_sidecar::FORMAT,
    &grafana_operator::FORMAT,
    &alertmanager::FORMAT,
    &mixin::FORMAT,
    &mixin::PACKAGE_FORMAT,
];

/// Returns what to mind about generated files, a sentence each.
pub(crate) fn notices(files: &[Artifact]) -> Vec<String> {
    let large = files.iter().filter_map(kubernetes::notice);
    let compressed = files.iter().filter_map(grafana_operator::notice);
    let dense = files.iter().filter_map(grafana_sidecar::notice);
    large.chain(prometheus_operator::notice(files)).chain(compressed).chain(dense).collect()
}
