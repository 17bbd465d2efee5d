//! The formats of generated files, one file or folder each: a model in, text out.

mod format;
mod grafana;
mod prometheus;
mod promtool;
#[cfg(test)]
mod tests;
mod yaml;

pub use format::Format;

/// Every standard format.
pub static STANDARD: [&Format; 3] = [&prometheus::FORMAT, &grafana::FORMAT, &promtool::FORMAT];
