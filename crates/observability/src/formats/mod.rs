//! The formats of generated files, one file or folder each: a model in, text out.

mod alertmanager;
mod format;
mod grafana;
mod grafana_operator;
mod grafana_sidecar;
pub(crate) mod kubernetes;
mod prometheus;
mod prometheus_operator;
mod promtool;
#[cfg(test)]
mod tests;
mod yaml;

pub use format::Format;

/// Every standard format.
pub static STANDARD: [&Format; 7] = [
    &prometheus::FORMAT,
    &grafana::FORMAT,
    &promtool::FORMAT,
    &prometheus_operator::FORMAT,
    &grafana_sidecar::FORMAT,
    &grafana_operator::FORMAT,
    &alertmanager::FORMAT,
];
