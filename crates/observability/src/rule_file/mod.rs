//! Rule files that anybody wrote: their groups and rules, each field with its place in the text.
//!
//! A text may hold several documents, and each is one of these: a file as Prometheus, Thanos and
//! Mimir load it, with `groups`; a manifest with `spec.groups`, such as a `PrometheusRule`; a
//! `ConfigMap` whose data are such files; a `List` of such manifests. What a document is that is
//! none of these is passed over. Expressions are texts here; nothing but their place is known of
//! them.

mod config_map;
mod error;
mod read;
mod rule;
#[cfg(test)]
mod tests;

pub use error::RuleFileError;
pub use read::{MAX_BYTES, read};
pub use rule::{Located, Named, Rule, RuleGroup, RuleKind};
