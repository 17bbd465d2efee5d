//! Finds what makes rules silent or noisy, whoever wrote them, without asking Prometheus.
//!
//! A [`RuleSet`] has read the files. What each expression yields is followed from its selectors
//! upwards: labels, the bounds of values, whether they are counters. Each lint is a file in
//! `lints/`, with its page in `explanations/`; it looks at the rules and at what they yield.

mod bounds;
mod comment;
mod follow;
mod jobs;
mod keys;
mod known;
mod labels;
mod lint;
mod lints;
mod place;
mod refused;
mod regex;
mod rule_set;
mod run;
mod template;
#[cfg(test)]
mod tests;
mod yielded;

pub use known::{DEFAULT_SCRAPE_INTERVAL, Facts};
pub use rule_set::{RuleSet, Unreadable};
pub use run::{codes, lint};
